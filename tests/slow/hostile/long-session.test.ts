// One SFTP session of more than a gibibyte, with new keys every megabyte, up and down: where servers hang that lose
// count of their packets or forget what was queued while keys were being agreed. HOSTILE_BOUNDED=1 moves a fifth of it.
import { createHash, randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { home, hub, login, openssh, reopen, root } from '../../parts/file-doors/sftp-fixture.js'
import { declaration } from '../../parts/file-doors/strict-accept.js'

const fileBytes = 32 * 1024 * 1024
const files = process.env.HOSTILE_BOUNDED === '1' ? 7 : 34
const often = ['-v', '-o', 'RekeyLimit=1M']
const rekeys = (out: string) => out.split('\n').filter((line) => line.includes('rekeying in progress')).length
const sum = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

describe(`${files} files of 32 MB in one session of OpenSSH, RekeyLimit 1M`, () => {
  test('up: each is taken whole', async () => {
    await reopen({ maxBytes: fileBytes + 1024 })
    const bytes = declaration('R1', fileBytes - 1024)
    await writeFile(join(home, 'big.xml'), bytes)
    const { code, out } = await openssh(
      'alpha',
      Array.from({ length: files }, () => `put ${join(home, 'big.xml')} OutBox/big.xml`),
      often,
    )
    expect(code, out.slice(-2000)).toBe(0)
    expect(hub.offered.map(({ bytes: got }) => sum(got))).toEqual(Array.from({ length: files }, () => sum(bytes)))
    expect(rekeys(out)).toBeGreaterThan(files * 20)
  })

  test('down: the last is as whole as the first', async () => {
    await login('alpha')
    const bytes = randomBytes(fileBytes)
    await writeFile(join(root, 'alpha', 'InBox', 'big.bin'), bytes)
    const gets = Array.from({ length: files }, () => `get InBox/big.bin ${join(home, 'big.bin')}`)
    const { code, out } = await openssh('alpha', gets, often)
    expect(code, out.slice(-2000)).toBe(0)
    expect(sum(await readFile(join(home, 'big.bin')))).toBe(sum(bytes))
    expect(rekeys(out)).toBeGreaterThan(files * 20)
  })
})
