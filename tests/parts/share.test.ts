// A share that an agency's side writes to as well: what lies there in place of a file leads nowhere else, and keeps
// nobody waiting.
import { execFileSync } from 'node:child_process'
import { readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { localPlace } from '../../adapters/connectors/folder/local-place.js'
import { tempDir } from '../support/temp.js'

test('a link where a file is to be written is not followed', async () => {
  const dir = await tempDir('share')
  await writeFile(join(dir, 'of-the-hub'), 'kept')
  await symlink(join(dir, 'of-the-hub'), join(dir, 'staged.tmp'))
  await expect(localPlace.write(join(dir, 'staged.tmp'), Buffer.from('declaration'))).rejects.toThrow(/ELOOP/)
  expect(await readFile(join(dir, 'of-the-hub'), 'utf8')).toBe('kept')
})

test('a link and a pipe are no answers, and nobody waits at them', async () => {
  const dir = await tempDir('share')
  execFileSync('mkfifo', [join(dir, 'pipe.xml')])
  await symlink('/dev/zero', join(dir, 'link.xml'))
  for (const name of ['pipe.xml', 'link.xml']) await expect(localPlace.read(join(dir, name), 1_000)).rejects.toThrow()
  expect(await localPlace.list(dir, () => true, 10)).toEqual([])
})
