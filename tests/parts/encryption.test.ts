// Encryption at rest, of the ledger's file alone: plain bytes become encrypted and encrypted ones plain while it is
// worked by, and what was altered is not given out.
import { randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createCipher } from '../../store/sealing/ciphers.js'
import { fingerprint, masterKeys } from '../../store/sealing/master-keys.js'
import { compactLedger } from '../../store/sqlite/compacting.js'
import { Database } from '../../store/sqlite/driver.js'
import { openSqliteLedger } from '../../store/sqlite/open.js'
import { proofCheck } from '../../store/sqlite/proof-check.js'
import { interchange, message } from '../contracts/ledger-given.js'
import { unread } from '../support/ledger-log.js'
import { tempDir } from '../support/temp.js'

async function filesWith(dir: string, word: string): Promise<string[]> {
  const files = await readdir(dir)
  const bytes = await Promise.all(files.map((file) => readFile(join(dir, file))))
  return files.filter((_, i) => bytes[i]!.includes(word) || bytes[i]!.includes(Buffer.from(word).toString('hex')))
}

test.each(['aes-256-gcm', 'sm4'] as const)('%s: what was changed, or belongs elsewhere, does not open', (name) => {
  const cipher = createCipher(name, randomBytes(32))
  const bound = Buffer.from('here')
  const sealed = Buffer.concat(cipher.encrypt(Buffer.from('报文'), bound))
  expect(cipher.decrypt(sealed, bound).toString()).toBe('报文')
  expect(() => cipher.decrypt(sealed, Buffer.from('elsewhere'))).toThrow()
  for (let at = 0; at < sealed.length; at++) {
    const altered = Buffer.from(sealed)
    altered[at]! ^= 1
    expect(() => cipher.decrypt(altered, bound)).toThrow()
  }
  expect(() => createCipher(name, randomBytes(32)).decrypt(sealed, bound)).toThrow()
})

test('a key file says which line is no key, and shows none', () => {
  const key = randomBytes(32)
  expect(masterKeys(`# 2026\n${key.toString('base64')} # first\n\n`, 'file')).toEqual([key])
  expect(() => masterKeys(`${key.toString('base64')}\nc2hvcnQ=\n`, '/k')).toThrow(/^\/k, line 2: no key/)
  expect(() => masterKeys('# nothing\n', '/k')).toThrow('holds no key')
  expect(fingerprint(key)).not.toContain(key.toString('hex').slice(0, 4))
})

test('altered encrypted bytes are not given out, and a moved receipt breaks the chain', async () => {
  const dir = await tempDir('altered')
  const file = join(dir, 'ledger.db')
  const encryption = { masters: [randomBytes(32)], cipher: 'aes-256-gcm' as const }
  const ledger = await openSqliteLedger({ file, log: unread, encryption })
  const [one, two] = [message({ sha256: '1'.repeat(64) }), message({ sha256: '2'.repeat(64) })]
  await ledger.record(interchange([one, two]))
  await ledger.close()
  expect(await proofCheck(file, { told: () => {}, encryption })).toMatchObject({ faults: 0 })
  await expect(proofCheck(file, { told: () => {} })).rejects.toThrow('the ledger is encrypted')

  const db = new Database(file)
  db.exec(`update payload set bytes = (select bytes from payload where message_id = '${two.messageId}')
    where message_id = '${one.messageId}'`)
  db.exec(`update receipt set receipt = (select receipt from receipt where message_id = '${two.messageId}')
    where message_id = '${one.messageId}'`)
  db.close()
  const { faults, first } = await proofCheck(file, { told: () => {}, encryption })
  expect([faults, first[0]!.what]).toEqual([1, `receipt ${one.receipt.receiptId}`])
  const again = await openSqliteLedger({ file, log: unread, encryption })
  await expect(again.getContent(one.messageId)).rejects.toMatchObject({ code: 'HUB_BYTES_DAMAGED' })
  await again.close()
})

test('a ledger that was plain is encrypted to its last byte while it is worked by', async () => {
  const dir = await tempDir('plain')
  const file = join(dir, 'ledger.db')
  const word = 'PLAIN-BEFORE-THE-KEY'
  const plain = await openSqliteLedger({ file, log: unread })
  const given = Array.from({ length: 700 }, (_, i) =>
    message({ bytes: Buffer.from(`<a>${word} ${i}</a>`), sha256: String(i).padStart(64, '0') }),
  )
  await plain.record(interchange(given))
  await plain.close()
  expect(await filesWith(dir, word)).not.toEqual([])

  const encryption = { masters: [randomBytes(32)], cipher: 'sm4' as const }
  const ledger = await openSqliteLedger({ file, log: unread, encryption })
  let [from, resealed]: [string | undefined, number] = [undefined, 0]
  for (;;) {
    const slice: { next?: string; resealed: number } = await ledger.reseal(from)
    resealed += slice.resealed
    if (slice.next === undefined) break
    from = slice.next
  }
  // Each message's bytes and its receipt.
  expect(resealed).toBe(1400)
  expect(await ledger.reseal()).toMatchObject({ resealed: 0 })
  const { messageId, bytes } = given[333]!
  expect((await ledger.getContent(messageId))?.bytes).toEqual(bytes)
  await ledger.close()
  // What SQLite left between its cells goes when the file is written anew.
  compactLedger(file)
  expect(await filesWith(dir, word)).toEqual([])

  // And back to plain, when that is wanted.
  const none = { ...encryption, cipher: 'none' as const }
  const back = await openSqliteLedger({ file, log: unread, encryption: none })
  expect(await back.reseal()).toMatchObject({ resealed: 500 })
  expect((await back.getContent(messageId))?.bytes).toEqual(bytes)
  await back.close()
})
