// Evidence of one message: a zip that verifies without the hub, and does not when a byte of it was changed; and the
// whole history of a hub, verified while it runs.
import { createHash } from 'node:crypto'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { sample, type RunningHub } from '../support/hub.js'
import { run } from '../support/process.js'
import { sharedHub } from '../support/shared-hub.js'
import { newFolder, tempDir } from '../support/temp.js'
import { startTimeStampAuthority, type TestAuthority } from '../support/time-stamp-authority.js'
import { unzipped } from '../support/zip.js'

let hub: RunningHub
let tsa: TestAuthority
let messageId: string
const sent = sample('dec/DecMessage.xml')

beforeAll(async () => {
  tsa = await startTimeStampAuthority()
  const shared = await sharedHub({ config: { proof: { timeStamp: { url: tsa.url, caFile: tsa.caFile } } } })
  hub = shared.hub
  const { receipts } = await hub.send(sent)
  messageId = receipts[0]!.messageId
  await hub.receiptsOf(messageId, (all) => all.some(({ stage }) => stage === 'business'))
  return async () => {
    await shared.remove()
    await tsa.remove()
  }
})

const verify = (dir: string, ...more: string[]) =>
  run(process.execPath, [join(dir, 'verify.mjs'), ...more], { env: { PATH: process.env.PATH } })

describe('evidence', () => {
  let dir: string
  beforeAll(async () => {
    const folder = await newFolder('evidence')
    const out = join(folder.path, 'evidence.zip')
    const exported = await hub.cli('evidence', messageId, '--out', out)
    expect(exported, exported.stderr).toMatchObject({ code: 0 })
    expect((await stat(out)).mode & 0o777).toBe(0o600)
    dir = await unzipped(await readFile(out), join(folder.path, 'unzipped'))
    return folder.remove
  })

  test('holds bytes, receipts and answers in two languages, and its own script proves it', async () => {
    expect((await readFile(join(dir, 'message/content'))).equals(sent)).toBe(true)
    const readme = await readFile(join(dir, 'README.md'), 'utf8')
    for (const said of ['## 内容', '## Contents', 'openssl pkeyutl', messageId]) expect(readme).toContain(said)
    const proof = JSON.parse(await readFile(join(dir, 'proof.json'), 'utf8')) as {
      files: { name: string }[]
      facts: { kind: string }[]
    }
    const names = proof.files.map(({ name }) => name.replace(/_\w+/, '_…'))
    expect(names).toEqual(expect.arrayContaining(['message/content', 'receipts/rcp_….json', 'answers/rep_…']))
    expect([...new Set(proof.facts.map(({ kind }) => kind))].sort()).toEqual(
      expect.arrayContaining(['attempt', 'bytes', 'message', 'receipt', 'reply', 'submission']),
    )
    const done = await verify(dir)
    expect(done.stdout + done.stderr).toMatch(/^PROVEN 通过验证/)
    expect(done.code).toBe(0)
    expect((await verify(dir, join(hub.dataDir, 'evidence.pub'))).code).toBe(0)
    expect((await stat(join(hub.dataDir, 'evidence.key'))).mode & 0o777).toBe(0o600)
  })

  test('the signature verifies with the openssl command of its README', async () => {
    const readme = await readFile(join(dir, 'README.md'), 'utf8')
    const [, command] = /^ {4}openssl (pkeyutl .*)$/m.exec(readme)!
    const checked = await run('openssl', command!.split(' '), { cwd: dir })
    expect(checked.stdout + checked.stderr).toContain('Signature Verified Successfully')
    const digest = await run('openssl', ['dgst', '-sha256', 'message/content'], { cwd: dir })
    expect(digest.stdout).toContain(createHash('sha256').update(sent).digest('hex'))
  })

  test('its head has the time stamp of a third party, which its script and OpenSSL verify', async () => {
    const done = await verify(dir, join(hub.dataDir, 'evidence.pub'), tsa.caFile)
    expect(done.stdout).toMatch(/time stamp 时间戳 20.*O=Test, CN=Test TSA/)
    expect(done.code).toBe(0)
    const readme = await readFile(join(dir, 'README.md'), 'utf8')
    const [, command] = /^ {4}openssl (ts -verify .*)$/m.exec(readme)!
    const checked = await run('openssl', command!.replace('tsa-ca.pem', tsa.caFile).split(' '), { cwd: dir })
    expect(checked.stdout + checked.stderr).toContain('Verification: OK')
    // The authority has seen requests for hashes alone.
    expect(tsa.asked.map(({ length }) => length)).toEqual(tsa.asked.map(() => 69))
  })

  test.each([
    ['a byte of the message', 'message/content', (text: string) => text.replace('1', '2')],
    ['a receipt', 'receipts/', (text: string) => text.replace('accepted', 'refused')],
    ['an answer', 'answers/', (text: string) => `${text} `],
    [
      'the time of a link',
      'proof.json',
      (text: string) => text.replace(/"at": (\d+)/, (_all, at) => `"at": ${Number(at) + 1}`),
    ],
    ['a fact', 'proof.json', (text: string) => text.replace('[\\"accepted\\"]', '[\\"refused\\"]')],
    ['a hash', 'proof.json', (text: string) => text.replace(/"root": "./, '"root": "g')],
    ['a time stamp', '.tst', (text: string) => text.replace('Test TSA', 'Best TSA')],
    ['a head', 'heads/', (text: string) => text.replace('link', 'Link')],
  ])('%s that was changed in it is found', async (_what, name, change) => {
    const copy = await tempDir('changed')
    await run('cp', ['-r', `${dir}/.`, copy])
    const proof = JSON.parse(await readFile(join(copy, 'proof.json'), 'utf8')) as {
      files: { name: string }[]
      heads: { n: number }[]
    }
    const file =
      name === 'heads/'
        ? `heads/${proof.heads[0]!.n}.txt`
        : name === '.tst'
          ? `heads/${proof.heads[0]!.n}.tst`
          : name.endsWith('/')
            ? proof.files.find((one) => one.name.startsWith(name))!.name
            : name
    const before = await readFile(join(copy, file), 'latin1')
    expect(change(before), 'the change is one').not.toBe(before)
    await writeFile(join(copy, file), change(before), 'latin1')
    const done = await verify(copy)
    expect(done.stdout).toMatch(/^NOT PROVEN 未通过验证/)
    expect(done.code).toBe(1)
  })

  test('another key than the one it was signed with proves nothing; nobody but an operator gets it', async () => {
    const pair = join(await tempDir('key'), 'other')
    await run('openssl', ['genpkey', '-algorithm', 'ed25519', '-out', pair])
    await run('openssl', ['pkey', '-in', pair, '-pubout', '-out', `${pair}.pub`])
    expect((await verify(dir, `${pair}.pub`)).code).toBe(1)
    const path = `/ops/messages/${messageId}/evidence`
    expect((await hub.get(path)).status).toBe(401)
    expect((await hub.get(path.replace(messageId, 'msg_none'), { key: hub.env.HUB_OPS_KEY! })).status).toBe(404)
    const { audit } = await hub.ops<{ audit: { action: string; detail: object }[] }>(`/ops/audit?target=${messageId}`)
    expect(audit).toContainEqual(
      expect.objectContaining({
        action: 'message.read',
        detail: expect.objectContaining({ what: 'evidence' }) as object,
      }),
    )
  })
})

test('hub audit verify proves a running hub by a copy, and knows a head noted earlier', async () => {
  const first = await hub.cli('audit', 'verify', '--json')
  expect(first.code, first.stderr).toBe(0)
  const report = JSON.parse(first.stdout) as { faults: number; facts: number; stamps: number; signed: { hash: string } }
  expect(report).toMatchObject({ faults: 0 })
  expect(report.stamps).toBeGreaterThan(0)
  expect(report.facts).toBeGreaterThan(10)
  const noted = await hub.cli('audit', 'verify', '--head', '0'.repeat(64))
  expect(noted.code).toBe(2)
  expect(noted.stdout).toContain('is not in this chain')
})
