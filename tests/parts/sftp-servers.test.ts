// What the SFTP server of a partner or an agency may do to the hub that calls it: nothing that takes long, and nothing
// without an end.
import { createHash } from 'node:crypto'
import { createServer, type AddressInfo } from 'node:net'
import ssh2, { type Algorithms, type Connection, type SFTPWrapper } from 'ssh2'
import { expect, onTestFinished, test } from 'vitest'
import type { PollLimits } from '../../adapters/channels/sftp-poll/limits.js'
import { startSftpPoll } from '../../adapters/channels/sftp-poll/poll.js'
import { soundKeyPair } from '../../adapters/channels/sftp/host-key.js'
import { entriesOf } from '../../adapters/ssh/reading.js'
import { openSession, type SftpSession } from '../../adapters/ssh/session.js'
import { usualTemporaryEndings } from '../../adapters/temporary-names.js'
import { memory } from '../support/memory.js'
import { patienceMs, until } from '../support/until.js'
import { declaration, quiet, renderReceipt, strictAccept } from './file-doors/strict-accept.js'

const host = soundKeyPair('host')
const key = soundKeyPair('client')
const hostKey = `SHA256:${createHash('sha256')
  .update((ssh2.utils.parseKey(host.public) as ssh2.ParsedKey).getPublicSSH())
  .digest('base64')}`

/**
 * A server that lets everybody in.
 * @param serve what it answers, once a session is open
 * @param meet a new connection
 */
async function server({
  serve = () => {},
  meet = () => {},
  algorithms = {},
}: {
  serve?: (sftp: SFTPWrapper) => void
  meet?: (client: Connection) => void
  algorithms?: Algorithms
}): Promise<number> {
  const ssh = new ssh2.Server({ hostKeys: [host.private], algorithms }, (client) => {
    client.on('error', () => undefined).on('authentication', (asked) => asked.accept())
    meet(client)
    client.on('session', (accept) => void accept().on('sftp', (open) => serve(open())))
  })
  await new Promise<void>((resolve) => ssh.listen(0, '127.0.0.1', () => resolve()))
  onTestFinished(() => void ssh.close())
  return (ssh.address() as AddressInfo).port
}

async function session(port: number): Promise<SftpSession> {
  const open = await openSession({
    ...{ host: '127.0.0.1', port, username: 'hub', privateKey: key.private, hostKeys: [hostKey] },
    ...{ connectMs: patienceMs, callMs: patienceMs },
  })
  onTestFinished(() => open.end())
  return open
}

test('a group of the server’s own choosing is not taken: to look it through could take minutes', async () => {
  const string = (bytes: Buffer) => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(bytes.length)
    return Buffer.concat([length, bytes])
  }
  // It offers group exchange alone. Nobody has shown a host key yet.
  const lists = ['diffie-hellman-group-exchange-sha256', 'ssh-ed25519', 'aes128-ctr', 'aes128-ctr']
  const payload = Buffer.concat([
    Buffer.from([20]),
    Buffer.alloc(16),
    ...[...lists, 'hmac-sha2-256', 'hmac-sha2-256', 'none', 'none', '', ''].map((one) => string(Buffer.from(one))),
    Buffer.alloc(5),
  ])
  const padding = 16 - ((payload.length + 5) % 8)
  const packet = Buffer.alloc(5 + payload.length + padding)
  packet.writeUInt32BE(1 + payload.length + padding)
  packet[4] = padding
  payload.copy(packet, 5)
  const listening = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.write('SSH-2.0-server\r\n')
    socket.write(packet)
  })
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', () => resolve()))
  onTestFinished(() => void listening.close())
  await expect(session((listening.address() as AddressInfo).port)).rejects.toThrow(/no matching key exchange/)
})

test('compression is not spoken: a packet could become a thousand times as large', async () => {
  const port = await server({ algorithms: { compress: ['zlib', 'zlib@openssh.com'] } })
  await expect(session(port)).rejects.toThrow(/no matching .*compression/)
})

test.each([0, 1])('a server that takes packets of %i bytes is left before one goes out', async (size) => {
  const port = await server({
    meet: (client) => {
      const { _protocol: protocol } = client as unknown as {
        _protocol: { channelOpenConfirm(to: number, from: number, window: number, packet: number): void }
      }
      const confirm = protocol.channelOpenConfirm
      protocol.channelOpenConfirm = (to, from, window) => confirm.call(protocol, to, from, window, size)
    },
  })
  await expect(session(port)).rejects.toThrow()
})

test('a directory without an end is read for a while, and no longer', async () => {
  const page = Array.from({ length: 500 }, (_, i) => ({ filename: `.hidden-${i}`, longname: '', attrs: {} as never }))
  const port = await server({
    serve: (sftp) =>
      sftp
        .on('OPENDIR', (id) => sftp.handle(id, Buffer.from('dir')))
        .on('READDIR', (id) => sftp.name(id, page))
        .on('CLOSE', (id) => sftp.status(id, ssh2.utils.sftp.STATUS_CODE.OK)),
  })
  const open = await session(port)
  let seen = 0
  const reading = async () => {
    for await (const _entry of entriesOf(open, '/OutBox')) seen += 1
  }
  await expect(reading()).rejects.toThrow(/no end/)
  expect(seen).toBe(200_000)
})

/** A poll of this server that looks when it is told to. */
function poller(port: number, limits: Partial<PollLimits> = {}) {
  const hub = strictAccept('sftp-poll')
  const poll = startSftpPoll({
    memory,
    partner: {
      partnerId: 'alpha',
      settings: {
        ...{ rights: ['*'], receipts: 'hub', defaults: {} },
        poll: {
          ...{ host: '127.0.0.1', port, username: 'hub', keyFile: 'client', hostKey },
          ...{ directory: '/', everySeconds: 3_600 },
        },
      },
    },
    accept: hub.accept,
    renderReceipt,
    limits: { maxBytes: 1_000_000, temporaryEndings: usualTemporaryEndings, settleMs: 0, retryMs: 1, ...limits },
    log: quiet,
    secret: () => undefined,
    readKey: async () => Buffer.from(key.private),
  })
  onTestFinished(() => poll.close(1))
  return { hub, poll }
}

test('receipts for a server that says nothing are waited for once, together', async () => {
  let came = 0
  const silent = createServer((socket) => {
    came += 1
    socket.on('error', () => undefined)
  })
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', () => resolve()))
  onTestFinished(() => void silent.close())
  const { poll } = poller((silent.address() as AddressInfo).port, { connectMs: 500 })
  const bringing = await Promise.allSettled(
    Array.from({ length: 20 }, (_, n) => poll.deliver(`r${n}`, Buffer.from('r'))),
  )
  expect(new Set(bringing.map(({ status }) => status))).toEqual(new Set(['rejected']))
  // The look of the start, and one for all that waited for it or with it.
  expect(came).toBeLessThanOrEqual(2)
})

test('a receipt does not wait for a server that is busy with its own files for ever', async () => {
  let asked = 0
  const port = await server({
    serve: (sftp) =>
      sftp
        // The first look at a folder never ends.
        .on('LSTAT', () => void (asked += 1)),
  })
  const { poll } = poller(port, { turnMs: 300 })
  await until('it looks', () => asked > 0)
  await expect(poll.deliver('r1', Buffer.from('r'))).rejects.toThrow(/busy with other files/)
})

test('a file that is longer than the server says is not read on, and not taken', async () => {
  const bytes = declaration('A1', 200_000)
  const names = new Map([['a.xml', 100]])
  const attrs = (size: number) => ({ mode: 0o100644, size, uid: 0, gid: 0, atime: 1, mtime: 1 })
  let furthest = 0
  const port = await server({
    serve: (sftp) => {
      const { OK, EOF, NO_SUCH_FILE } = ssh2.utils.sftp.STATUS_CODE
      const boxes = ['OutBox', 'SentBox', 'InBox', 'FailBox'].map((box) => `/${box}`)
      let listed = false
      sftp
        .on('LSTAT', (id, path) => {
          const size = names.get(path.slice('/OutBox/'.length))
          if (boxes.includes(path)) sftp.attrs(id, { ...attrs(0), mode: 0o40755 })
          else if (size === undefined) sftp.status(id, NO_SUCH_FILE)
          else sftp.attrs(id, attrs(size))
        })
        .on('OPENDIR', (id) => ((listed = false), sftp.handle(id, Buffer.from('dir'))))
        .on('READDIR', (id) => {
          if (listed) return sftp.status(id, EOF)
          listed = true
          const all = [...names].map(([filename, size]) => ({ filename, longname: '', attrs: attrs(size) }))
          sftp.name(id, all)
        })
        .on('RENAME', (id, from, to) => {
          const [before, after] = [from, to].map((path) => path.slice('/OutBox/'.length)) as [string, string]
          names.set(after, names.get(before) ?? 0)
          names.delete(before)
          sftp.status(id, OK)
        })
        .on('OPEN', (id) => sftp.handle(id, Buffer.from('file')))
        .on('READ', (id, _handle, offset, length) => {
          furthest = Math.max(furthest, offset + length)
          sftp.data(id, bytes.subarray(offset, offset + Math.min(length, 16_384)))
        })
        .on('CLOSE', (id) => sftp.status(id, OK))
    },
  })
  const { hub, poll } = poller(port)
  await until('it was read', async () => (await poll.pollNow(), furthest > 0))
  await poll.pollNow()
  expect(hub.offered).toEqual([])
  expect([...names]).toEqual([['a.xml', 100]])
  expect(furthest).toBeLessThan(bytes.length)
})
