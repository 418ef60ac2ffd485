// Declarations that customs want signed and that come unsigned: the hub signs them on their way, with a key in a file
// or at an agent beside a U-Key. What a partner hears, and what the agency gets. (promises 2 and 3.)
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { SignedXml } from 'xml-crypto'
import { readSigningCertificate } from '../../adapters/trust/signing-certificate.js'
import { cli, cleanEnv, sample, startHub, type RunningHub } from '../support/hub.js'
import { begin, ended, run } from '../support/process.js'
import { signingKey, type SigningKey } from '../support/signing-certificates.js'
import { until } from '../support/until.js'

const signature = /<((?:\w+:)?Signature)[ >][\s\S]*<\/\1>/
let count = 0
/** A delivery note of its own, as a partner without a key sends it. */
const unsigned = (): string => {
  const number = String(++count).padStart(4, '0')
  return sample('ceb/CEB711Message.xml')
    .toString()
    .replace(signature, '')
    .replace(/(guid=")[^"]{4}/, `$1${number}`)
    .replace(/(<(?:\w+:)?(?:copNo|guid)>)\w{4}/g, `$1${number}`)
}

/** An agency that keeps what it is sent. */
async function keepingAgency(): Promise<{ url: string; taken: string[] }> {
  const taken: string[] = []
  const server = createServer((request, response) => {
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => pieces.push(piece))
    request.on('end', () => {
      taken.push(Buffer.concat(pieces).toString('utf8'))
      response.writeHead(202).end()
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  onTestFinished(() => void server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, taken }
}

function holds(message: string, { cert }: SigningKey): boolean {
  const other = new SignedXml({ publicCert: cert })
  other.loadSignature(signature.exec(message)![0])
  return other.checkSignature(message)
}

const token = 'sign-agent-token-of-the-test-0123456789'
const settings = (agency: { url: string }, signers: object[]) => ({
  agencies: { gacc: { url: agency.url, answers: 'async', signs: 'hub' } },
  signers,
})
const accepted = async (hub: RunningHub, message: string) => {
  const { receipts } = await hub.send(message)
  expect(receipts[0]).toMatchObject({ status: 'accepted' })
  return receipts[0]!.messageId
}
const sentOn = (hub: RunningHub, id: string) =>
  until(`${id} at the agency`, async () => (await hub.state(id)) === 'submitted', 60_000)
interface Signer {
  name: string
  up: boolean
  waiting: number
  signed: number
  why?: string
}
const signersOf = async (hub: RunningHub) => (await hub.ops<{ signers: Signer[] }>('/ops/signers')).signers

test('a declaration that comes unsigned is signed with the key of its company and sent; one that is signed goes as it came', async () => {
  const agency = await keepingAgency()
  const [ours, others] = [await signingKey('rsa'), await signingKey('rsa')]
  const company = /<(?:\w+:)?copCode>([^<]+)</.exec(unsigned())![1]!
  const hub = await startHub({
    config: settings(agency, [
      { name: 'others', certFile: others.certFile, keyFile: others.keyFile, companies: ['4403000000'] },
      { name: 'ours', certFile: ours.certFile, keyFile: ours.keyFile, companies: [company] },
    ]),
  })
  const message = unsigned()
  const id = await accepted(hub, message)
  await sentOn(hub, id)
  expect(agency.taken).toHaveLength(1)
  expect(agency.taken[0]!.replace(signature, '')).toBe(message)
  expect(holds(agency.taken[0]!, ours)).toBe(true)
  expect(agency.taken[0]).toContain(`<ds:KeyName>${readSigningCertificate(ours.cert).number}</ds:KeyName>`)
  // What the partner sent is what it sent.
  expect(await (await hub.get(`/v1/messages/${id}/content`)).text()).toBe(message)

  const own = sample('ceb/CEB711Message.xml').toString()
  const signed = await hub.send(own)
  await sentOn(hub, signed.receipts[0]!.messageId)
  expect(agency.taken[1]).toBe(own)
  expect(await signersOf(hub)).toMatchObject([
    { name: 'others', up: true, signed: 0 },
    { name: 'ours', up: true, signed: 1 },
  ])
}, 60_000)

test('while no agent with the U-Key is there a declaration waits, is seen to wait, and is sent once as soon as one asks; a second agent takes over', async () => {
  const agency = await keepingAgency()
  const key = await signingKey('sm2')
  const hub = await startHub({
    config: settings(agency, [
      { name: 'ukey', certFile: key.certFile, agentTokenEnv: 'UKEY_TOKEN', timeoutSeconds: 4 },
    ]),
    env: { UKEY_TOKEN: token },
  })
  const agent = () => {
    const args = [cli, 'sign-agent', '--hub', hub.url, '--cert', key.certFile, '--key', key.keyFile]
    const child = begin(process.execPath, args, { env: { ...cleanEnv(), HUB_SIGN_TOKEN: token } })
    onTestFinished(() => void child.kill('SIGKILL'))
    return child
  }
  const first = await accepted(hub, unsigned())
  await until('it waits', async () => (await signersOf(hub))[0]!.waiting === 1)
  expect((await hub.cli('signer', 'list')).stdout).toMatch(/ukey +away .*no agent has asked for work/)
  expect(await hub.state(first)).toBe('accepted')
  expect(agency.taken).toEqual([])

  const one = agent()
  await sentOn(hub, first)
  expect(agency.taken).toHaveLength(1)
  expect(agency.taken[0]).toContain('http://www.chinaport.gov.cn/2022/04/xmldsig#sm2-sm3')
  await until('nothing waits', async () => (await signersOf(hub))[0]!.waiting === 0)

  one.kill('SIGKILL')
  await ended(one)
  const second = await accepted(hub, unsigned())
  agent()
  await sentOn(hub, second)
  expect(agency.taken).toHaveLength(2)

  const wrong = await run(
    process.execPath,
    [cli, 'sign-agent', '--hub', hub.url, '--cert', key.certFile, '--key', key.keyFile],
    { env: { ...cleanEnv(), HUB_SIGN_TOKEN: 'wrong-token' } },
  )
  expect(wrong.code).toBe(1)
  expect(wrong.stderr).toContain('HUB_SIGN_TOKEN')
}, 90_000)

test('a signer whose certificate and key do not belong together, or that nobody set, keeps the hub from starting', async () => {
  const agency = await keepingAgency()
  const [one, two] = [await signingKey('rsa'), await signingKey('rsa')]
  await expect(
    startHub({ config: settings(agency, [{ name: 'a', certFile: one.certFile, keyFile: two.keyFile }]) }),
  ).rejects.toThrow(/signers\.0\.keyFile.*does not belong to the certificate/)
  await expect(startHub({ config: settings(agency, []) })).rejects.toThrow(
    /agencies\.gacc\.signs.*no entry of `signers`/,
  )
}, 60_000)
