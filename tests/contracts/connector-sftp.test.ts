// The SFTP connector keeps the contract of connectors with a real OpenSSH server and an agency's program behind it that
// is a process of its own. (promises 2, 3, 5 and 7.)
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer, connect as connectSocket, type AddressInfo, type Socket } from 'node:net'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { FetchedAnswer, OutboundMessage } from '../../adapters/connectors/connector.js'
import { createSftpConnector, type SftpConnectorParts } from '../../adapters/connectors/sftp/sftp-connector.js'
import { usualTemporaryEndings } from '../../adapters/temporary-names.js'
import { root as project } from '../support/hub.js'
import { importClient } from '../support/import-client.js'
import { freePort } from '../support/neighbours.js'
import { openSsh, type OpenSsh } from '../support/openssh.js'
import { tempDir } from '../support/temp.js'
import { until } from '../support/until.js'
import { breakable, type Breaks } from './breakable-place.js'
import { connectorContract } from './connector.js'

const order = readFileSync(join(project, 'xsd/families/ceb/samples/CEB311Message.xml'))
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
const never = new AbortController().signal
let count = 0

function message(over: Partial<OutboundMessage> = {}): OutboundMessage {
  const number = String(++count).padStart(4, '0')
  return {
    submissionId: `sub_${number}`,
    messageId: `msg_${number}`,
    operation: '10.1.3.1.1',
    documentType: 'CEB311Message',
    reference: `R${number}`,
    bytes: order,
    attachments: [],
    ...over,
  }
}

async function folders() {
  const root = await tempDir('agency')
  const drop = join(root, 'in')
  const pickUp = join(root, 'out')
  for (const dir of [drop, pickUp]) await mkdir(dir)
  return { drop, pickUp }
}

function connect(
  sshd: OpenSsh,
  dirs: { drop: string; pickUp: string; stage?: string },
  over: Partial<SftpConnectorParts> = {},
) {
  const found: FetchedAnswer[] = []
  const log: string[] = []
  const note = (ids: object, event: string) => void log.push(`${event} ${JSON.stringify(ids)}`)
  const connector = createSftpConnector({
    server: {
      host: '127.0.0.1',
      port: sshd.port,
      username: sshd.user,
      keyFile: sshd.keyFile,
      hostKeys: [sshd.hostKey],
    },
    ...dirs,
    deadlineMs: 30_000,
    stuckMs: 60_000,
    everyMs: 20,
    prefix: '',
    temporaryEndings: usualTemporaryEndings,
    found: async (answer) => void found.push(answer),
    refused: async () => {},
    log: { info: note, warn: note },
    ...over,
    limits: { settleMs: 30, ...over.limits },
  })
  onTestFinished(() => connector.close())
  return Object.assign(connector, { found, log })
}

connectorContract('sftp', async () => {
  const sshd = await openSsh()
  const dirs = await folders()
  const client = await importClient('--drop', dirs.drop, '--pick-up', dirs.pickUp)
  const breaks: Breaks = {}
  const nowhere = await freePort()
  return {
    carriesIds: false,
    // What the agency has taken away is not there any more: it takes a policy, or a person, to send again.
    findsItsOwn: false,
    connect: ({ deadlineMs = 30_000 } = {}) =>
      connect(sshd, dirs, { deadlineMs, stuckMs: 1_500, wrap: (place) => breakable(place, breaks) }),
    connectNowhere: () => connect({ ...sshd, port: nowhere }, dirs),
    async busy(connector) {
      await client.behave({ hang: true })
      await writeFile(join(dirs.drop, 'somebody-elses.xml'), order)
      await until('the hub to notice that nobody fetches', () => connector.health?.().ok === false)
      return async () => {
        await client.behave({})
        await until('the hub to notice that it is fetched again', () => connector.health?.().ok)
      }
    },
    cut: async (when) => void (breaks.rename = when),
    slow: async (ms) => void (breaks.slowMs = ms),
    async taken(submissionId) {
      await until(
        'the agency to have taken it',
        async () =>
          !(await readdir(dirs.drop)).some((name) => name === `${submissionId}.xml` || name === `${submissionId}.zip`),
      )
      return client.taken(submissionId)
    },
    message,
    sha256,
  }
})

/** A line between hub and server that can be cut, or fall silent. */
async function wire(port: number) {
  const sockets = new Set<Socket>()
  let silent = false
  const server = createServer((near) => {
    const far = connectSocket(port, '127.0.0.1')
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      from
        .on('data', (bytes) => silent || to.write(bytes))
        .on('error', () => {})
        .on('close', () => to.destroy())
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    sockets.forEach((socket) => socket.destroy())
  })
  return {
    port: (server.address() as AddressInfo).port,
    cut: () => sockets.forEach((socket) => socket.destroy()),
    silence: (on: boolean) => void (silent = on),
  }
}

describe('over SFTP', () => {
  test('a message is dropped whole under its final name, and every answer is picked up once', async () => {
    const sshd = await openSsh()
    const dirs = await folders()
    const client = await importClient('--drop', dirs.drop, '--pick-up', dirs.pickUp)
    const connector = connect(sshd, dirs)
    const sent = message()
    expect(await connector.send(sent, never)).toEqual({ outcome: 'taken' })
    await until('its receipts', () => connector.found.length >= 2)
    await until('an empty pick-up folder', async () => (await readdir(dirs.pickUp)).length === 0)
    // Two of one second may come in either order.
    const imported = { submissionId: sent.submissionId, kind: 'imported' }
    expect(connector.found.filter(({ kind }) => kind === 'imported')).toMatchObject([imported])
    expect(await client.taken(sent.submissionId)).toMatchObject({ times: 1, sha256: sha256(order) })
    // The mark stays for a while: it tells a hub that was interrupted what happened.
    expect(await readdir(dirs.drop)).toEqual([`.${sent.submissionId}.mark.tmp`])
  })

  test('a server with another host key is never told a name or a word', async () => {
    const sshd = await openSsh()
    const dirs = await folders()
    const other = 'SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'
    const connector = connect({ ...sshd, hostKey: other }, dirs)
    expect(await connector.send(message(), never)).toMatchObject({
      outcome: 'transient',
      code: 'HUB_AGENCY_UNAVAILABLE',
      detail: expect.stringContaining('not the pinned') as string,
    })
    expect(await readdir(dirs.drop)).toEqual([])
  })

  test('while a server changes its key both are taken', async () => {
    const sshd = await openSsh()
    const dirs = await folders()
    const server = {
      host: '127.0.0.1',
      port: sshd.port,
      username: sshd.user,
      keyFile: sshd.keyFile,
      hostKeys: ['SHA256:old', sshd.hostKey],
    }
    expect(await connect(sshd, dirs, { server }).send(message(), never)).toEqual({ outcome: 'taken' })
  })

  test('a server that goes away and comes back is reached again by itself', async () => {
    const sshd = await openSsh()
    const dirs = await folders()
    const line = await wire(sshd.port)
    const connector = connect({ ...sshd, port: line.port }, dirs)
    expect(await connector.send(message(), never)).toEqual({ outcome: 'taken' })
    await sshd.stop()
    line.cut()
    const waiting = message()
    expect((await connector.send(waiting, never)).outcome).toBe('transient')
    await until('trouble', () => connector.health!().ok === false)
    await sshd.start()
    await until('the server', async () => (await connector.send(waiting, never)).outcome === 'taken')
    expect((await readdir(dirs.drop)).filter((name) => !name.startsWith('.'))).toHaveLength(2)
  })

  test('a server that falls silent costs one deadline, and what was under way is found out afterwards', async () => {
    const sshd = await openSsh()
    const dirs = await folders()
    const line = await wire(sshd.port)
    const server = {
      host: '127.0.0.1',
      port: line.port,
      username: sshd.user,
      keyFile: sshd.keyFile,
      hostKeys: [sshd.hostKey],
      limits: { connectMs: 30_000, callMs: 400 },
    }
    const connector = connect(sshd, dirs, { server, deadlineMs: 1500 })
    await connector.round()
    line.silence(true)
    const sent = message()
    const begun = Date.now()
    expect(['transient', 'ambiguous']).toContain((await connector.send(sent, never)).outcome)
    expect(Date.now() - begun, 'it stays silent').toBeLessThan(30_000)
    line.silence(false)
    line.cut()
    expect(
      await until('an answer', async () => {
        const a = await connector.query!(sent.submissionId, never)
        return a !== 'unknown' && a
      }),
    ).toBe('not-taken')
    await until('the second try', async () => (await connector.send(sent, never)).outcome === 'taken')
    expect((await readdir(dirs.drop)).filter((name) => !name.startsWith('.'))).toEqual([`${sent.submissionId}.xml`])
  })

  test('a stage of its own keeps unfinished files out of the drop folder altogether', async () => {
    const sshd = await openSsh()
    const dirs = await folders()
    const stage = join(dirs.drop, '..', 'stage')
    const connector = connect(sshd, { ...dirs, stage })
    const sent = message()
    await connector.send(sent, never)
    expect(await readdir(dirs.drop)).toEqual([`${sent.submissionId}.xml`])
    expect(await connector.query!(sent.submissionId, never)).toBe('taken')
  })

  // Both ways a step can be cut off take a minute: `npm run test:crash` takes them both.
  test.each(process.env.EVERY_CUT === '1' ? (['not at all', 'done'] as const) : (['done'] as const))(
    'killed at any step of a hand-over (that step %s), the agency gets the file once',
    async (last) => {
      const sshd = await openSsh()
      for (let calls = 1; calls <= 5; calls++) {
        const dirs = await folders()
        const client = await importClient('--drop', dirs.drop, '--pick-up', dirs.pickUp)
        await client.behave({ mute: true })
        const breaks: Breaks = { dieAfter: { calls, last } }
        const killed = connect(sshd, dirs, { wrap: (place) => breakable(place, breaks), everyMs: 60_000 })
        const sent = message()
        await killed.send(sent, never)
        await until('the agency to have taken what there is', async () =>
          (await readdir(dirs.drop)).every((name) => name.startsWith('.')),
        )
        const other = connect(sshd, dirs)
        const answer = await other.query!(sent.submissionId, never)
        if (answer === 'not-taken') expect(await other.send(sent, never)).toEqual({ outcome: 'taken' })
        else expect(answer).toBe('taken')
        await until('the agency to have it', async () => (await client.taken(sent.submissionId)) !== undefined)
        expect((await client.taken(sent.submissionId))?.times, `killed at call ${calls}`).toBe(1)
        await client.stop()
        await rm(dirs.drop, { recursive: true })
      }
    },
  )
})
