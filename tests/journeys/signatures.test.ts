// Declarations that customs want signed and that come unsigned: the hub signs them on their way, with a key in a file
// or at an agent beside a U-Key. What a partner hears, and what the agency gets. (promises 2 and 3.)
import { rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { dirname, join } from 'node:path'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { SignedXml } from 'xml-crypto'
import { stringify } from 'yaml'
import { readSigningCertificate } from '../../adapters/trust/signing-certificate.js'
import { verifySignature } from '../../hub/trust/verify-signature.js'
import { cli, cleanEnv, sample, startHub, type RunningHub } from '../support/hub.js'
import { begin, ended, run } from '../support/process.js'
import { sharedHub } from '../support/shared-hub.js'
import { signingKey, type SigningKey } from '../support/signing-certificates.js'
import { tokenMissing, tokenWith } from '../support/token.js'
import { shortestOf } from '../support/in-time.js'
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
/** One hub for tests that differ in agency and signers alone, which change while it runs. */
let ofFile: ReturnType<typeof sharedHub> | undefined
afterAll(async () => (await ofFile)?.remove())
async function hubThatSigns(config: object): Promise<RunningHub> {
  if (ofFile === undefined) return (await (ofFile = sharedHub({ config, env: { UKEY_TOKEN: token } }))).hub
  const { hub } = await ofFile
  const reloads = async () =>
    /^hub_config_reloads_total\{outcome="ok"\} (.*)$/m.exec(await (await hub.get('/metrics')).text())?.[1]
  const before = await reloads()
  writeFileSync(join(hub.dataDir, 'hub.yaml'), stringify(config))
  process.kill(hub.pid, 'SIGHUP')
  await until('the signers of this test', async () => (await reloads()) !== before)
  return hub
}
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

test('an unsigned declaration is signed with its company’s key; a signed one goes as it came', async () => {
  const agency = await keepingAgency()
  const [ours, others] = [await signingKey('rsa'), await signingKey('rsa')]
  const company = /<(?:\w+:)?copCode>([^<]+)</.exec(unsigned())![1]!
  const hub = await hubThatSigns(
    settings(agency, [
      { name: 'others', certFile: others.certFile, keyFile: others.keyFile, companies: ['4403000000'] },
      { name: 'ours', certFile: ours.certFile, keyFile: ours.keyFile, companies: [company] },
    ]),
  )
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
})

test('without the agent of the U-Key a declaration waits, and is sent once when one asks', async () => {
  const agency = await keepingAgency()
  const key = await signingKey('sm2')
  const hub = await hubThatSigns(
    settings(agency, [{ name: 'ukey', certFile: key.certFile, agentTokenEnv: 'UKEY_TOKEN', timeoutSeconds: 4 }]),
  )
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
})

const skippedWhy = tokenMissing === undefined ? '' : ` (skipped: needs ${tokenMissing})`
test.skipIf(tokenMissing !== undefined && process.env.CI === undefined)(
  `a declaration signed by a key in a PKCS#11 token holds for another library and for the hub${skippedWhy}`,
  async () => {
    expect(tokenMissing, 'continuous integration has the packages').toBeUndefined()
    const agency = await keepingAgency()
    const key = await signingKey('rsa')
    const { command, env } = await tokenWith(key, dirname(key.certFile))
    const hub = await startHub({
      config: settings(agency, [{ name: 'token', certFile: key.certFile, command, timeoutSeconds: 20 }]),
      env,
    })
    await until('the token signs its probe', async () => (await signersOf(hub))[0]!.up, 30_000)
    const message = unsigned()
    await sentOn(hub, await accepted(hub, message))
    const [sent] = agency.taken
    expect(sent!.replace(signature, '')).toBe(message)
    expect(holds(sent!, key)).toBe(true)
    const now = Date.now()
    expect(verifySignature(Buffer.from(sent!), [{ pem: key.cert }], now)).toMatchObject({ outcome: 'good' })
    expect(await signersOf(hub)).toMatchObject([{ key: 'command', up: true, signed: 1 }])

    // The token is pulled out: the next declaration waits, and nothing is sent without a signature.
    rmSync(join(dirname(key.certFile), 'tokens'), { recursive: true })
    const waits = await accepted(hub, unsigned())
    await until('it waits for the token', async () => (await signersOf(hub))[0]!.waiting === 1, 30_000)
    expect(await hub.state(waits)).toBe('accepted')
    expect(agency.taken).toHaveLength(1)
  },
)

test('a signer is added and a certificate renewed while the hub runs: what waited goes out', async () => {
  const agency = await keepingAgency()
  const [first, next] = [await signingKey('rsa'), await signingKey('rsa')]
  const elsewhere = { name: 'elsewhere', certFile: first.certFile, keyFile: first.keyFile, companies: ['4403000000'] }
  const hub = await hubThatSigns(settings(agency, [elsewhere]))
  const file = join(hub.dataDir, 'hub.yaml')
  const before = (await hub.log()).length
  const logged = async () => JSON.stringify((await hub.log()).slice(before))
  const message = unsigned()
  const id = await accepted(hub, message)
  await until('nobody can sign it', async () => (await logged()).includes('no signer is set for gacc'))
  const ours = { name: 'ours', certFile: next.certFile, keyFile: next.keyFile }
  writeFileSync(file, stringify(settings(agency, [elsewhere, ours])))
  process.kill(hub.pid, 'SIGHUP')
  await sentOn(hub, id)
  expect(holds(agency.taken[0]!, next)).toBe(true)

  // The same settings with a key that does not belong: everything stays as it was.
  writeFileSync(file, stringify(settings(agency, [elsewhere, { ...ours, keyFile: first.keyFile }])))
  process.kill(hub.pid, 'SIGHUP')
  await until('the reload was refused', async () => (await logged()).includes('the configuration was not reloaded'))
  await sentOn(hub, await accepted(hub, unsigned()))
  expect(holds(agency.taken[1]!, next)).toBe(true)

  // Taken away again: the list says so at once.
  writeFileSync(file, stringify(settings(agency, [ours])))
  process.kill(hub.pid, 'SIGHUP')
  await until('one signer is left', async () => (await signersOf(hub)).map(({ name }) => name).join() === 'ours')

  // Renewed in place, certificate and key: the old pair signs nothing more.
  const renewed = await signingKey('rsa')
  writeFileSync(next.keyFile, renewed.key)
  writeFileSync(next.certFile, renewed.cert)
  await sentOn(hub, await accepted(hub, unsigned()))
  expect(holds(agency.taken[2]!, renewed)).toBe(true)
})

test('work that an agent was given is another agent’s as soon as the first one’s connection ends', async () => {
  const agency = await keepingAgency()
  const key = await signingKey('rsa')
  const hub = await hubThatSigns(
    settings(agency, [{ name: 'ukey', certFile: key.certFile, agentTokenEnv: 'UKEY_TOKEN', timeoutSeconds: 60 }]),
  )
  /** An agent that takes work and never answers: what it was given, and how to pull its plug. */
  async function taking(): Promise<{ id: string; plug: Socket }> {
    const { hostname, port } = new URL(hub.url)
    const plug = connect(Number(port), hostname)
    plug.on('error', () => {})
    plug.write(`GET /signing/tasks?wait=20 HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer ${token}\r\n\r\n`)
    let said = ''
    for await (const piece of plug.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      said += piece.toString()
      const id = /"id":"([^"]+)"/.exec(said)?.[1]
      if (id !== undefined) return { id, plug }
    }
    throw new Error(`the hub hung up: ${said}`)
  }
  // The probe is the work.
  let last = await taking()
  const handedOn = await shortestOf(2_500, async () => {
    const next = taking()
    const begun = Date.now()
    last.plug.destroy()
    const { id, plug } = await next
    expect(id).toBe(last.id)
    last = { id, plug }
    return Date.now() - begun
  })
  last.plug.destroy()
  // Left alone it would have been given again after three seconds.
  expect(handedOn).toBeLessThan(2_500)
})

test('a signer whose certificate and key differ keeps the hub from starting', async () => {
  const agency = await keepingAgency()
  const [one, two] = [await signingKey('rsa'), await signingKey('rsa')]
  await expect(
    startHub({ config: settings(agency, [{ name: 'a', certFile: one.certFile, keyFile: two.keyFile }]) }),
  ).rejects.toThrow(/signers\.0\.keyFile.*does not belong to the certificate/)
  await expect(startHub({ config: settings(agency, []) })).rejects.toThrow(
    /agencies\.gacc\.signs.*no entry of `signers`/,
  )
})
