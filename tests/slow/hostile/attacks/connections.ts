// connections — one caller takes what every caller needs: connections, and the file descriptors of the process.
import { readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import ssh2, { type SFTPWrapper } from 'ssh2'
import { expect } from 'vitest'
import { samplePath, type RunningHub } from '../../../support/hub.js'
import type { Attack } from '../attack.js'

/** Open files and sockets of the hub's process; undefined where there is no /proc. */
function descriptors(hub: RunningHub): number | undefined {
  try {
    return readdirSync(`/proc/${hub.pid}/fd`).length
  } catch {
    return undefined
  }
}

function crowd(port: number, size: number, says: string): Promise<Socket[]> {
  return Promise.all(
    Array.from({ length: size }, () => {
      const socket = connect(port, '127.0.0.1')
      socket.on('error', () => undefined).resume()
      if (says !== '') socket.write(says)
      return new Promise<Socket>((resolve) =>
        socket.once('connect', () => resolve(socket)).once('close', () => resolve(socket)),
      )
    }),
  )
}

/** While they stand there a partner files by SFTP and by HTTP. */
async function othersAreServed({ hub }: { hub: RunningHub }): Promise<void> {
  expect(await hub.sftp(`put ${samplePath('manifest/MT1101-9.xml')} OutBox/`)).toMatchObject({ code: 0 })
  expect((await hub.get('/v1/messages')).status).toBe(200)
}

const silent = (door: 'SFTP' | 'HTTP', size: number, what: string, says: string): Attack => ({
  name: `${size} connections to the ${door} door, ${what}`,
  async run(ground) {
    const { hub } = ground
    const port = door === 'SFTP' ? Number(hub.env.HUB_SFTP_PORT) : Number(new URL(hub.url).port)
    const sockets = await crowd(port, size, says)
    try {
      await othersAreServed(ground)
      const open = descriptors(hub)
      if (open !== undefined) expect(open).toBeLessThan(600)
      return { tried: `${size} sockets`, survived: `others served; ${open ?? '?'} descriptors open` }
    } finally {
      sockets.forEach((socket) => socket.destroy())
    }
  },
})

async function login(hub: RunningHub): Promise<{ client: ssh2.Client; sftp: SFTPWrapper }> {
  const client = new ssh2.Client()
  const privateKey = await readFile(hub.env.HUB_SFTP_KEYFILE!)
  await new Promise<void>((resolve, reject) => {
    client.on('ready', resolve).on('error', reject)
    client.connect({
      host: '127.0.0.1',
      port: Number(hub.env.HUB_SFTP_PORT),
      username: hub.env.HUB_SFTP_USER!,
      privateKey,
    })
  })
  const sftp = await new Promise<SFTPWrapper>((resolve, reject) =>
    client.sftp((error, found) => (error ? reject(error) : resolve(found))),
  )
  return { client, sftp }
}

const files: Attack = {
  name: '24 SFTP connections that open files',
  async run(ground) {
    const { hub } = ground
    const each = ground.bounded ? 200 : 1000
    const clients: ssh2.Client[] = []
    let opened = 0
    try {
      for (let n = 0; n < 24; n++) {
        const { client, sftp } = await login(hub)
        clients.push(client)
        const opens = Array.from({ length: each }, (_, m) =>
          m % 2 === 0
            ? new Promise<boolean>((resolve) => sftp.open(`/OutBox/f${n}-${m}.part`, 'w', (error) => resolve(!error)))
            : new Promise<boolean>((resolve) => sftp.opendir('/InBox', (error) => resolve(!error))),
        )
        opened += (await Promise.all(opens)).filter(Boolean).length
      }
      const open = descriptors(hub)
      expect(opened).toBeGreaterThan(0)
      expect(opened).toBeLessThanOrEqual(256)
      if (open !== undefined) expect(open).toBeLessThan(1000)
      expect((await hub.get('/v1/messages')).status).toBe(200)
      return { tried: `${24 * each} files`, survived: `${opened} opened; ${open ?? '?'} descriptors open` }
    } finally {
      clients.forEach((client) => client.destroy())
    }
  },
}

const attacks: Attack[] = [
  silent('SFTP', 500, 'silent', ''),
  silent('SFTP', 500, 'that only say hello', 'SSH-2.0-crowd\r\n'),
  silent('HTTP', 1000, 'silent', ''),
  silent('HTTP', 1000, 'with half a request', 'POST /v1/messages HTTP/1.1\r\nHost: hub\r\n'),
  files,
]
export default attacks
