// Agencies that ask for a certificate, or for other credentials, and those that confirm first and answer later. The
// peer is the simulator as a process of its own, which lets in only who shows a certificate of its authority.
import { readFileSync } from 'node:fs'
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { connect as connectSocket, createServer as createLine, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { createConnect } from '../../hub/agencies/connect.js'
import { readAgencies } from '../../hub/agencies/settings.js'
import type { ValueFault } from '../../messages/value-fault.js'
import { authority, type Authority } from '../support/certificates.js'
import { root } from '../support/hub.js'
import { freePort } from '../support/neighbours.js'
import { begin, ended, firstLine } from '../support/process.js'
import { until } from '../support/until.js'
import { connectorContract } from './connector.js'
import { isReceipt, simulatedAgency, simulatedMessage } from './simulated-agency.js'
import { memory } from '../support/memory.js'

const never = new AbortController().signal
const message = () => simulatedMessage('CEB311Message')

/** The way to end it is given to `over`. */
async function secureAgency(
  trusted: Authority,
  over: (end: () => Promise<void>) => void = (end) => onTestFinished(end),
): Promise<string> {
  const { cert, key } = await trusted.issue('agency', 'DNS:agency.test,IP:127.0.0.1')
  const args = [
    '--port',
    '0',
    '--families',
    join(root, 'xsd/families'),
    '--tls-cert',
    cert,
    '--tls-key',
    key,
    '--tls-client-ca',
    trusted.ca,
  ]
  const child = begin(process.execPath, [join(root, 'dist/bundle/simulator.js'), ...args])
  over(async () => {
    child.kill('SIGKILL')
    await ended(child)
  })
  const { url } = await firstLine(child, (line) =>
    line.startsWith('{"ready"') ? (JSON.parse(line) as { url: string }) : undefined,
  )
  child.stdout!.resume()
  return url
}

/** A connector as hub.yaml would have it. */
function connect(settings: object, env: NodeJS.ProcessEnv = {}, deadlineMs = 30_000) {
  const faults: ValueFault[] = []
  const { gacc } = readAgencies({ gacc: settings }, faults)
  expect(faults).toEqual([])
  const quiet = { info: () => {}, warn: () => {} }
  const connector = createConnect({
    isReceipt,
    memory,
    env,
    folderOf: () => undefined,
    folders: [],
    temporaryEndings: [],
    found: async () => {},
    refused: async () => {},
    filesNamed: async () => [],
    log: quiet,
  })(gacc!, deadlineMs, () => ['gacc'])
  onTestFinished(() => connector.close())
  return connector
}

describe('with certificates on both sides', () => {
  let url: string
  let server: { cert: Buffer; key: Buffer }
  let tls: { caFile: string; certFile: string; keyFile: string }
  beforeAll(async () => {
    const dir = await mkdtemp(join(tmpdir(), 'ca-'))
    const trusted = await authority('Test Authority', dir)
    const { cert, key } = await trusted.issue('hub')
    tls = { caFile: trusted.ca, certFile: cert, keyFile: key }
    const peer = await trusted.issue('peer', 'DNS:agency.test,IP:127.0.0.1')
    server = { cert: readFileSync(peer.cert), key: readFileSync(peer.key) }
    let end = async (): Promise<void> => {}
    url = await secureAgency(trusted, (stop) => (end = stop))
    return async () => {
      await end()
      await rm(dir, { recursive: true })
    }
  })

  connectorContract('https', async () => {
    const nowhere = await freePort()
    return simulatedAgency({
      url,
      tls: { ca: readFileSync(tls.caFile), cert: readFileSync(tls.certFile), key: readFileSync(tls.keyFile) },
      connect: (deadlineMs) => connect({ url: `${url}/gacc`, tls, statusQuery: true }, {}, deadlineMs),
      connectNowhere: () => connect({ url: `https://127.0.0.1:${nowhere}/gacc`, tls, statusQuery: true }),
      connectTo: (url) => connect({ url, tls, statusQuery: true }),
      server,
    })
  })
})

test('both sides show a certificate; without it, or with another’s, nothing is sent', async () => {
  const trusted = await authority()
  const strange = await authority('Another Authority')
  const url = `${await secureAgency(trusted)}/gacc`
  const mine = await trusted.issue('hub')
  const other = await strange.issue('hub')
  const tls = { caFile: trusted.ca, certFile: mine.cert, keyFile: mine.key }
  expect(await connect({ url, tls }).send(message(), never)).toMatchObject({
    outcome: 'taken',
    answer: { mediaType: 'application/xml' },
  })
  expect(await connect({ url, tls: { ...tls, serverName: 'agency.test' } }).send(message(), never)).toMatchObject({
    outcome: 'taken',
  })
  for (const [what, wrong] of Object.entries({
    'the agency is not trusted': { ...tls, caFile: strange.ca },
    'the agency has another name': { ...tls, serverName: 'elsewhere.test' },
    'no such file': { ...tls, certFile: '/nowhere.crt' },
  }))
    expect(await connect({ url, tls: wrong }).send(message(), never), what).toMatchObject({
      outcome: 'transient',
      code: 'HUB_AGENCY_UNAVAILABLE',
    })
  expect(
    await connect({ url, tls: { caFile: trusted.ca } }).send(message(), never),
    'the hub shows none',
  ).toMatchObject({ outcome: 'transient', code: 'HUB_AGENCY_UNAVAILABLE' })
  // TLS 1.3 says no after the request may have left, and not always in words: asking tells.
  for (const wrong of [{ caFile: trusted.ca }, { ...tls, certFile: other.cert, keyFile: other.key }]) {
    const sent = message()
    expect(['transient', 'ambiguous']).toContain((await connect({ url, tls: wrong }).send(sent, never)).outcome)
    expect(await connect({ url, tls, statusQuery: true }).query!(sent.submissionId, never)).toBe('not-taken')
  }
})

test('a hub that stood still while it connected sends nothing past its deadline: somebody may have asked', async () => {
  const trusted = await authority()
  const { cert, key } = await trusted.issue('agency', 'IP:127.0.0.1')
  let requests = 0
  const server = createSecureServer({ cert: readFileSync(cert), key: readFileSync(key) }, (request, response) => {
    requests++
    request.resume()
    response.writeHead(202).end()
  })
  const listening = (one: typeof server | ReturnType<typeof createLine>) =>
    new Promise<number>((resolve) => {
      onTestFinished(() => void one.close())
      one.listen(0, '127.0.0.1', () => resolve((one.address() as AddressInfo).port))
    })
  const port = await listening(server)
  // A line on which the agency's first words wait until they are let go.
  let letGo: (() => void) | undefined
  const line = await listening(
    createLine((near) => {
      const far = connectSocket(port, '127.0.0.1')
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const)
        from.on('error', () => {}).on('close', () => to.destroy())
      near.pipe(far)
      far.once('readable', () => (letGo = () => void far.pipe(near)))
    }),
  )
  const sending = connect({ url: `https://127.0.0.1:${line}`, tls: { caFile: trusted.ca } }).send(message(), never)
  await until('the agency’s first words', () => letGo !== undefined)
  const since = performance.now.bind(performance)
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => since() + 60_000)
  onTestFinished(() => clock.mockRestore())
  letGo!()
  expect(await sending).toMatchObject({ outcome: 'transient', code: 'HUB_AGENCY_UNAVAILABLE' })
  expect(requests).toBe(0)
})

test('a renewed certificate is used without a restart', async () => {
  const trusted = await authority()
  const strange = await authority('Another Authority')
  const url = `${await secureAgency(trusted)}/gacc`
  const [mine, old] = [await trusted.issue('hub'), await strange.issue('hub')]
  const [cert, key] = [join(trusted.dir, 'now.crt'), join(trusted.dir, 'now.key')]
  await copyFile(old.cert, cert)
  await copyFile(old.key, key)
  const connector = connect({ url, tls: { caFile: trusted.ca, certFile: cert, keyFile: key }, idempotent: true })
  expect((await connector.send(message(), never)).outcome).not.toBe('taken')
  await copyFile(mine.cert, cert)
  await copyFile(mine.key, key)
  expect(await connector.send(message(), never)).toMatchObject({ outcome: 'taken' })
  expect(await readFile(cert, 'utf8')).toContain('BEGIN CERTIFICATE')
})

test('secrets come from the environment; the paths are the agency’s own', async () => {
  const seen: [string | undefined, string | undefined, string | undefined][] = []
  const server = createServer((request, response) => {
    seen.push([request.url, request.headers.authorization, request.headers['x-api-key'] as string])
    request
      .resume()
      .on('end', () =>
        request.method === 'GET'
          ? response.writeHead(404, { 'content-type': 'text/plain' }).end('no sub_1 2 here')
          : response.writeHead(202).end(),
      )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const { port } = server.address() as { port: number }
  const settings = {
    url: `http://127.0.0.1:${port}/api/`,
    user: 'hub',
    passwordEnv: 'P',
    headersEnv: { 'X-Api-Key': 'K' },
    messagesPath: 'in/take',
    statusPath: 'in/state?no={id}',
    statusQuery: true,
    statusRules: { notTaken: [{ status: 404, type: 'text/plain', pattern: '^no {id} here$' }] },
  }
  const connector = connect(settings, { P: 'geheim:1', K: 'key-1' })
  await connector.send(message(), never)
  expect(await connector.query!('sub_1 2', never)).toBe('not-taken')
  const basic = `Basic ${Buffer.from('hub:geheim:1').toString('base64')}`
  expect(seen).toEqual([
    ['/api/in/take', basic, 'key-1'],
    ['/api/in/state?no=sub_1%202', basic, 'key-1'],
  ])
})

test('an agency that confirms first and answers later: the confirmation is no receipt', async () => {
  const server = createServer(
    (request, response) =>
      void request
        .resume()
        .on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end('{"id":1}')),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const url = `http://127.0.0.1:${(server.address() as { port: number }).port}`
  const answerRules = { taken: [{ status: 200, type: 'application/json', pattern: '"id":' }] }
  expect(await connect({ url, answerRules, answers: 'async' }).send(message(), never)).toEqual({ outcome: 'taken' })
  expect((await connect({ url, answers: 'async' }).send(message(), never)).outcome, 'not told of it').toBe('ambiguous')
  expect(await connect({ url, answerRules, answers: 'sync' }).send(message(), never)).toMatchObject({
    outcome: 'taken',
    answer: { mediaType: 'application/json' },
  })
})
