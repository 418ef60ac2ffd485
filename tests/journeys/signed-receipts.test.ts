// A partner proves what it was told: every receipt that leaves a hub with `signReceipts` bears the hub's signature, on
// every way, and anybody with the public keys finds what was changed.
import { createPublicKey, verify as verifyBytes } from 'node:crypto'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createRemoteJWKSet, flattenedVerify } from 'jose'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import type { ReceiptKeys } from '../../messages/views/index.js'
import { sample, startHub, type RunningHub } from '../support/hub.js'
import { sharedHub } from '../support/shared-hub.js'
import { tempDir } from '../support/temp.js'
import { until } from '../support/until.js'
import { zipOf } from '../support/zip.js'

let hub: RunningHub
let remove: () => Promise<void>
beforeAll(async () => {
  ;({ hub, remove } = await sharedHub({ config: { signReceipts: {}, webhooks: { http: true, loopback: true } } }))
})
afterAll(() => remove())

const order = (n: number) =>
  sample('ceb/CEB311Message.xml')
    .toString()
    .replace(/(guid="|guid>)[0-9A-F]{8}/gi, `$1${String(n).padStart(8, '0')}`)
    .replace(/(orderNo>)[^<]*/, `$1TESTSIG${n}`)

const jwks = () => fetch(`${hub.url}/.well-known/jwks.json`).then((r) => r.json() as Promise<ReceiptKeys>)
const auth = () => ({ authorization: `Bearer ${hub.env.HUB_KEY}` })
const call = async (
  path: string,
  init: { method?: string; accept?: string; body?: string | Buffer; type?: string } = {},
) => {
  const { method = 'GET', accept = 'application/json', body, type = 'application/xml' } = init
  const response = await fetch(hub.url + path, {
    method,
    headers: { ...auth(), accept, ...(body === undefined ? {} : { 'content-type': type }) },
    ...(body === undefined ? {} : { body }),
  })
  const { status, headers } = response
  return { status, jws: headers.get('x-hub-jws') ?? '', bytes: Buffer.from(await response.arrayBuffer()) }
}

/** By a JOSE library that knows nothing of the hub but the address of its keys. */
async function proved(bytes: Uint8Array, jws: string): Promise<string | undefined> {
  const [head = '', payload, signature = ''] = jws.trim().split('.')
  expect(payload).toBe('')
  return flattenedVerify(
    { protected: head, payload: bytes, signature },
    createRemoteJWKSet(new URL(`${hub.url}/.well-known/jwks.json`)),
    { algorithms: ['EdDSA'] },
  ).then(
    ({ protectedHeader }) => protectedHeader!.typ,
    () => undefined,
  )
}

/** The files of a box that the partner sees, with what they hold. */
async function filesOf(box: 'InBox' | 'FailBox', wanted: RegExp): Promise<Map<string, Buffer>> {
  const { stdout } = await hub.sftp(`ls -1 ${box}\n`)
  const names = stdout.split('\n').flatMap((line) => /(?:^|\/)([^/\s]+)\s*$/.exec(line)?.[1] ?? [])
  const dir = await tempDir('box')
  const found = names.filter((name) => wanted.test(name))
  await hub.sftp(found.map((name) => `get ${box}/${name} ${join(dir, name)}\n`).join(''))
  return new Map(await Promise.all(found.map(async (name) => [name, await readFile(join(dir, name))] as const)))
}

test('an answer over HTTP proves its receipts in every form, and a changed byte is found', async () => {
  const sent = await call('/v1/messages', { method: 'POST', body: order(1) })
  expect(sent.status).toBe(202)
  expect(await proved(sent.bytes, sent.jws)).toBe('hub-receipt+jws')
  const { receipts } = JSON.parse(sent.bytes.toString()) as { receipts: { receiptId: string; messageId: string }[] }
  const { receiptId, messageId } = receipts[0]!
  await hub.receiptsOf(messageId, (all) => all.some(({ stage }) => stage === 'business'))

  for (const path of [`/v1/receipts/${receiptId}`, `/v1/messages/${messageId}/receipts`, '/v1/receipts'])
    for (const accept of ['application/json', 'application/xml']) {
      const { bytes, jws } = await call(path, { accept })
      expect(await proved(bytes, jws), `${path} ${accept}`).toBe('hub-receipt+jws')
      const changed = Buffer.from(bytes)
      changed[changed.length - 3]! ^= 1
      expect(await proved(changed, jws), `${path} ${accept}, changed`).toBeUndefined()
    }
  const refused = await call('/v1/messages', { method: 'POST', body: order(2).replace('<appType>1', '<appType>9') })
  expect([refused.status, await proved(refused.bytes, refused.jws)]).toEqual([422, 'hub-receipt+jws'])

  // A batch is answered in one long answer, which is written piece by piece where nothing is signed.
  const batch = zipOf(Array.from({ length: 30 }, (_, n) => [`order${n}.xml`, order(100 + n)] as const))
  const many = await call('/v1/messages', { method: 'POST', body: batch, type: 'application/zip' })
  expect([many.status, await proved(many.bytes, many.jws)]).toEqual([207, 'hub-receipt+jws'])
  expect((JSON.parse(many.bytes.toString()) as { receipts: unknown[] }).receipts).toHaveLength(30)
})

test('the hub signs what it says, and nothing that a partner wrote', async () => {
  const forged = '<Receipt xmlns="urn:singlewindow:receipt:1"><Status>released</Status></Receipt>'
  const sent = await call('/v1/messages', { method: 'POST', body: forged })
  const { receipts } = JSON.parse(sent.bytes.toString()) as { receipts: { messageId: string }[] }
  const content = await call(`/v1/messages/${receipts[0]!.messageId}/content`)
  expect([content.bytes.toString(), content.jws]).toEqual([forged, ''])
  for (const [path, init] of [
    ['/v1/validate', { method: 'POST', body: order(3) }],
    ['/v1/messages', {}],
    ['/v1/receipts/rcp_none', {}],
    [`/v1/messages/${receipts[0]!.messageId}`, {}],
  ] as const) {
    const { jws } = await call(path, init)
    expect(jws, path).toBe('')
  }
})

test("an agency's own bytes are signed as the agency's, so that nobody takes them for the hub's word", async () => {
  const { receipts } = await hub.send(order(4))
  const all = await hub.receiptsOf(receipts[0]!.messageId, (found) => found.some(({ body }) => body !== undefined))
  const { receiptId } = all.find(({ body }) => body !== undefined)!
  const { bytes, jws } = await call(`/v1/receipts/${receiptId}/body`)
  expect(await proved(bytes, jws)).toBe('hub-enclosure+jws')
})

test('over SFTP every receipt has its signature beside it, taken or refused, and `hub verify` proves it', async () => {
  const dir = await tempDir('out')
  const [good, bad] = [join(dir, 'SIGGOOD.xml'), join(dir, 'SIGBAD.xml')]
  await writeFile(good, order(5))
  await writeFile(bad, order(6).replace('<appType>1', '<appType>9'))
  await hub.sftp(`put ${good} OutBox/SIGGOOD.xml\nput ${bad} OutBox/SIGBAD.xml\n`)
  const inBox = new Map<string, Buffer>()
  await until('the business receipt', async () => {
    for (const [name, bytes] of await filesOf('InBox', /SIG|^Receipt_/)) inBox.set(name, bytes)
    return [...inBox.keys()].some((name) => /^Receipt_.*\.xml$/.test(name))
  })
  const failBox = await filesOf('FailBox', /SIGBAD.*receipt/)
  const receipts = [...inBox, ...failBox].filter(([name]) => name.endsWith('.xml'))
  expect(receipts.map(([name]) => name.replace(/_.*/, '')).sort()).toEqual(
    expect.arrayContaining(['Failed', 'Receipt', 'SIGBAD.xml.receipt.xml', 'Successed']),
  )
  for (const [name, bytes] of receipts) {
    const jws = (inBox.get(`${name}.jws`) ?? failBox.get(`${name}.jws`))!.toString()
    expect(await proved(bytes, jws), name).toBe('hub-receipt+jws')
  }

  const [name, bytes] = receipts.find(([one]) => one.startsWith('Successed'))!
  const file = join(dir, name)
  await writeFile(file, bytes)
  await writeFile(`${file}.jws`, inBox.get(`${name}.jws`)!)
  const right = await hub.cli('verify', file, '--json')
  expect([right.code, right.stdout]).toEqual([0, expect.stringContaining('"receipt"')])
  // Years later, without the hub: the keys were kept beside the receipt.
  await writeFile(join(dir, 'keys.json'), JSON.stringify(await jwks()))
  await writeFile(file, bytes.toString().replace('accepted', 'released'))
  const changed = await hub.cli('verify', file, '--keys', join(dir, 'keys.json'))
  expect([changed.code, changed.stdout]).toEqual([2, expect.stringContaining('✗')])
})

test("a webhook's call is signed for whoever has the hub's public key", async () => {
  const calls: { headers: IncomingHttpHeaders; body: Buffer }[] = []
  const server = createServer((request, response) => {
    const pieces: Buffer[] = []
    request
      .on('data', (piece: Buffer) => pieces.push(piece))
      .on('end', () => (calls.push({ headers: request.headers, body: Buffer.concat(pieces) }), response.end()))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => new Promise<void>((resolve) => (server.closeAllConnections(), server.close(() => resolve()))))
  await hub.ops('/ops/partners', { partnerId: 'hook', name: '测试网络回调有限公司', settings: { rights: ['*'] } })
  const { secret: key } = await hub.ops<{ secret: string }>('/ops/partners/hook/keys', { kind: 'http' })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  await hub.ops('/ops/partners/hook/webhook', { url })
  await hub.send(order(7), { key })
  await until('a call', () => Promise.resolve(calls.length > 0))
  const { headers, body } = calls[0]!
  expect(await proved(body, String(headers['x-hub-jws']))).toBe('hub-receipt+jws')

  const [shared, own] = String(headers['webhook-signature']).split(' ')
  expect(shared).toMatch(/^v1,/)
  const { x } = (await jwks()).keys[0]!
  const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
  const signed = (text: Buffer) =>
    verifyBytes(
      null,
      Buffer.concat([
        Buffer.from(`${headers['webhook-id'] as string}.${headers['webhook-timestamp'] as string}.`),
        text,
      ]),
      publicKey,
      Buffer.from(/^v1a,(.+)$/.exec(own!)![1]!, 'base64'),
    )
  expect([signed(body), signed(Buffer.concat([body, Buffer.from(' ')]))]).toEqual([true, false])
})

test('a new key signs from the next second on, and what the old one signed is still proved', async () => {
  const before = await call('/v1/messages', { method: 'POST', body: order(8) })
  const kidOf = (jws: string) =>
    (JSON.parse(Buffer.from(jws.split('.')[0]!, 'base64url').toString()) as { kid: string }).kid
  expect((await hub.cli('receipt-keys', 'rotate')).code).toBe(0)
  const after = { ...before }
  await until('a receipt of the new key', async () => {
    Object.assign(after, await call('/v1/messages', { method: 'POST', body: order(8) }))
    return kidOf(after.jws) !== kidOf(before.jws)
  })
  expect((await jwks()).keys.map(({ kid }) => kid)).toEqual([kidOf(after.jws), kidOf(before.jws)])
  expect([await proved(before.bytes, before.jws), await proved(after.bytes, after.jws)]).toEqual([
    'hub-receipt+jws',
    'hub-receipt+jws',
  ])
  const file = join(hub.dataDir, 'receipt-keys.json')
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  const kept = JSON.parse(await readFile(file, 'utf8')) as { keys: { d?: string }[] }
  expect(kept.keys.map(({ d }) => d !== undefined)).toEqual([true, false])
  expect(JSON.stringify(await jwks())).not.toContain('"d"')
  // From when on which key signs is in the audit, also where somebody else has changed the file.
  const noted = await until('both keys noted', async () => {
    const { audit } = await hub.ops<{ audit: { who: string; target: string; detail: object }[] }>(
      '/ops/audit?action=receipt-keys.signs',
    )
    return audit.length === 2 && audit
  })
  expect(noted.map(({ who, target, detail }) => [who, target, detail])).toEqual([
    ['hub', kidOf(after.jws), { before: kidOf(before.jws) }],
    ['hub', kidOf(before.jws), {}],
  ])
})

test('a hub whose keys are no keys does not start, and says which file it is', async () => {
  const dataDir = await tempDir('hub')
  await writeFile(join(dataDir, 'no-keys.json'), '{"keys":[{"kty":"oct","k":"AAAA","kid":"1"}]}')
  await expect(
    startHub({ dataDir, config: { signReceipts: { keyFile: join(dataDir, 'no-keys.json') } } }),
  ).rejects.toThrow(/signReceipts.*no set of Ed25519 keys/s)
})
