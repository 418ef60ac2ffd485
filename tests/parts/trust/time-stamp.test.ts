// Time stamps of signed heads (RFC 3161), by a real authority: what it is asked, what its answer proves, and what a hub
// does while it is away.
import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { certificatesOf, createTimeStampAuthority } from '../../../adapters/trust/time-stamp/authority.js'
import { TimeStampError, verifyTimeStamp } from '../../../adapters/trust/time-stamp/token.js'
import { evidenceKey } from '../../../hub/operate/evidence-key.js'
import { startProofHeads } from '../../../hub/operate/proof-heads.js'
import { stampIsDue } from '../../../store/rules/proof-chain.js'
import { openSqliteLedger } from '../../../store/sqlite/open.js'
import { proofCheck } from '../../../store/sqlite/proof-check.js'
import { interchange, message } from '../../contracts/ledger-given.js'
import { unread } from '../../support/ledger-log.js'
import { run } from '../../support/process.js'
import { tempDir } from '../../support/temp.js'
import { startTimeStampAuthority, type TestAuthority } from '../../support/time-stamp-authority.js'

let tsa: TestAuthority
let other: TestAuthority
beforeAll(async () => {
  ;[tsa, other] = await Promise.all([startTimeStampAuthority(), startTimeStampAuthority({ algorithm: 'ec' })])
})
afterAll(async () => {
  await Promise.all([tsa?.remove(), other?.remove()])
})

const asked = (of: TestAuthority) => createTimeStampAuthority({ url: of.url, caFile: of.caFile, seconds: 60 })
const bytes = Buffer.from('the signature of a head')

test('an authority is sent a hash and nothing else; what it answers holds here and by OpenSSL', async () => {
  for (const each of [tsa, other]) {
    const before = Date.now()
    const { token, time, by, fingerprint } = await asked(each).stamp(bytes)
    expect(Math.abs(time.getTime() - before)).toBeLessThan(30_000)
    expect([by, fingerprint]).toEqual(['O=Test, CN=Test TSA', expect.stringMatching(/^[0-9a-f]{64}$/)])
    const request = each.asked.at(-1)!
    // Version, algorithm and hash, a number by chance, and that the certificate is wanted.
    expect(request.length).toBe(69)
    expect(request.includes(createHash('sha256').update(bytes).digest())).toBe(true)
    const dir = await tempDir('stamp')
    await writeFile(join(dir, 'token'), token)
    await writeFile(join(dir, 'bytes'), bytes)
    const verified = await run(
      'openssl',
      ['ts', '-verify', '-token_in', '-in', 'token', '-data', 'bytes', '-CAfile', each.caFile],
      { cwd: dir },
    )
    expect(verified.stdout + verified.stderr).toContain('Verification: OK')
  }
})

test('a time stamp of something else, of another request or of a stranger proves nothing', async () => {
  const { token } = await asked(tsa).stamp(bytes)
  const stranger = certificatesOf(await readFile(other.caFile, 'utf8'))
  expect(() => verifyTimeStamp(token, Buffer.from('other'))).toThrow('it is of something else')
  expect(() => verifyTimeStamp(token, bytes, { nonce: Buffer.from('0102', 'hex') })).toThrow('another request')
  expect(() => verifyTimeStamp(token, bytes, { authorities: stranger })).toThrow('of no authority that is trusted')
  expect(() => verifyTimeStamp(Buffer.from('3003020101', 'hex'), bytes)).toThrow(TimeStampError)
  expect(() => verifyTimeStamp(Buffer.from('not DER'), bytes)).toThrow(TimeStampError)
  // Its certificate is no authority's.
  await expect(
    createTimeStampAuthority({ url: tsa.url, caFile: other.caFile, seconds: 10 }).stamp(bytes),
  ).rejects.toThrow('of no authority that is trusted')
})

test('whatever byte of a time stamp is changed, it never says another time or another signer', async () => {
  const { token, time, fingerprint } = await asked(tsa).stamp(bytes)
  const authorities = certificatesOf(await readFile(tsa.caFile, 'utf8'))
  let [changes, refused] = [0, 0]
  for (let at = 0; at < token.length; at += 5) {
    changes++
    const changed = Buffer.from(token)
    changed[at]! ^= 1 << (at % 8)
    try {
      const said = verifyTimeStamp(changed, bytes, { authorities })
      expect([said.time, said.fingerprint]).toEqual([time, fingerprint])
    } catch (error) {
      refused++
      expect(error).toBeInstanceOf(TimeStampError)
    }
  }
  expect(refused).toBeGreaterThan(changes * 0.8)
})

test('an authority that is away costs a warning; the head is stamped when it is back, and proven with it', async () => {
  const dir = await tempDir('stamp')
  const file = join(dir, 'ledger.db')
  const ledger = await openSqliteLedger({ file, log: unread })
  const sent = message({})
  await ledger.record(interchange([sent]))
  const warnings: string[] = []
  let time = Date.now()
  const heads = startProofHeads({
    proof: ledger,
    key: evidenceKey(dir),
    authority: asked(tsa),
    log: {
      info: () => {},
      error: () => {},
      warn: (_fields: object, text: string) => void warnings.push(text),
    } as never,
    now: () => new Date(time),
  })
  heads.stop()
  tsa.isAway(true)
  await heads.signedAndStamped()
  expect((await ledger.chainHead()).signed).toMatchObject({ stamped: false })
  expect(warnings).toEqual(['the head of the chain has no time stamp yet'])
  tsa.isAway(false)
  // It is left alone for a while, then asked again.
  const before = tsa.asked.length
  await heads.look()
  expect(tsa.asked.length).toBe(before)
  time += 61_000
  await heads.look()
  expect((await ledger.chainHead()).signed).toMatchObject({ stamped: true })
  const [head] = (await ledger.proofOf(sent.messageId)).heads
  await ledger.close()

  const timeStamp = (token: Buffer, of: Buffer) => verifyTimeStamp(token, of)
  const quiet = { told: () => {}, timeStamp }
  expect(verifyTimeStamp(Buffer.from(head!.timeStamp!, 'base64'), Buffer.from(head!.signature, 'base64')).by).toContain(
    'TSA',
  )
  expect(await proofCheck(file, quiet)).toMatchObject({ faults: 0, stamps: 1, stamped: { link: head!.n } })
  const unlike = (token: Buffer, of: Buffer) => timeStamp(token, Buffer.concat([of, of]))
  expect((await proofCheck(file, { told: () => {}, timeStamp: unlike })).first).toEqual([
    { link: head!.n, what: `time stamp of head ${head!.n}`, detail: 'it is of something else' },
  ])
})

test('one head a day is stamped by the day', () => {
  // Midnight in China.
  const day = Date.UTC(2026, 0, 1, 16)
  expect(stampIsDue(undefined, undefined)).toBe(false)
  expect(stampIsDue({ signedAt: day, stamped: false }, undefined)).toBe(true)
  expect(stampIsDue({ signedAt: day, stamped: true }, { signedAt: day })).toBe(false)
  expect(stampIsDue({ signedAt: day + 1000, stamped: false }, { signedAt: day })).toBe(false)
  expect(stampIsDue({ signedAt: day, stamped: false }, { signedAt: day - 1 })).toBe(true)
})
