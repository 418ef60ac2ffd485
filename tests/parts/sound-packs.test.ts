// sound-packs — what `hub doctor` says of the packs is as true as if it had compiled each schema now.
import { readdirSync } from 'node:fs'
import { cp, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadDocuments } from '../../routing/load.js'
import { soundPacks } from '../../xsd/sound-packs.js'
import { root } from '../support/hub.js'
import { tempDir } from '../support/temp.js'

test('checked packs are not checked again until a file changes; a broken one is always found', async () => {
  const dir = await tempDir('packs')
  for (const pack of ['common', 'acd']) await cp(join(root, 'xsd/families', pack), join(dir, pack), { recursive: true })
  const record = join(await tempDir('record'), 'sound-packs.json')
  let read = 0
  const check = () => soundPacks(dir, record, () => (read++, loadDocuments(dir)))
  const first = await check()
  expect(first.schemas).toBeGreaterThan(0)
  expect(await check()).toEqual(first)
  expect(read, 'the second time nothing is read').toBe(1)

  const schema = join(dir, 'acd/schemas', readdirSync(join(dir, 'acd/schemas'))[0]!)
  const text = await readFile(schema, 'utf8')
  await writeFile(schema, text.replace(/type="[^"]*"/, 'type="nowhere"'))
  await expect(check()).rejects.toThrow(/acd\/ACD.*xsd: /)
  await expect(check(), 'and again').rejects.toThrow(/acd\/ACD.*xsd: /)
  await writeFile(schema, `${text}<!-- the same otherwise -->\n`)
  expect(await check()).toEqual(first)
  expect(read).toBe(2)

  await writeFile(record, '{"hash": "cut sho')
  expect(await check()).toEqual(first)
  expect(read).toBe(3)
  // Where it cannot be remembered it is checked each time.
  const nowhere = join(record, 'below-a-file.json')
  expect(await soundPacks(dir, nowhere, () => loadDocuments(dir))).toEqual(first)
  await expect(stat(nowhere)).rejects.toThrow()
})
