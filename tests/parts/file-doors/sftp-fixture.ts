// sftp-fixture — the SFTP door for a test: two partners with keys of their own, a strict hub behind it, clients of
// several kinds; and after every test nothing may be left over, no promise broken, nothing unhandled.
import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import SftpClient from 'ssh2-sftp-client'
import ssh2, { type Client, type SFTPWrapper } from 'ssh2'
import { afterEach, beforeEach, expect, vi } from 'vitest'
import { startSftpDoor, type SftpDoor, type SftpDoorParts } from '../../../adapters/channels/sftp/door.js'
import { soundKeyPair } from '../../../adapters/channels/sftp/host-key.js'
import { ownsKey } from '../../../adapters/channels/sftp/login.js'
import { quiet, renderReceipt, strictAccept, type StrictAccept } from './strict-accept.js'
import { memory, rates } from '../../support/memory.js'
import { patienceMs } from '../../support/until.js'

export const keys = {
  alpha: soundKeyPair('alpha'),
  beta: ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 }),
  stranger: soundKeyPair('stranger'),
}
export const passwords = { alpha: 'alpha-secret-of-the-tests', beta: 'beta-secret-of-the-tests' }
export const maxBytes = 2_000_000
setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

export let home: string
export let root: string
export let hub: StrictAccept
export let door: SftpDoor
let clients: SftpClient[]
export let unhandled: unknown[]
/** Partners whose access was withdrawn. */
export let withdrawn: Set<string>
const onUnhandled = (error: unknown) => void unhandled.push(error)

export const parts = (more: Partial<SftpDoorParts['limits']> = {}): SftpDoorParts => ({
  host: '127.0.0.1',
  port: 0,
  hostKeyFile: join(home, 'host_key'),
  root,
  accept: (inbound) => hub.accept(inbound),
  authenticate: {
    byKey: async (username, blob) =>
      (username === 'alpha' || username === 'beta') && ownsKey([`restrict ${keys[username].public} comment`], blob)
        ? username
        : undefined,
    byPassword: async (username, password) =>
      (username === 'alpha' || username === 'beta') && passwords[username] === password ? username : undefined,
    still: async ({ partnerId }) => !withdrawn.has(partnerId),
  },
  renderReceipt,
  memory,
  rates,
  limits: { maxBytes, failDelayMs: 5, retryMs: 20, closeMs: 3_000, ...more },
  log: quiet,
})

/** After `door.close()`, with other parts. */
export async function openDoor(given = parts()): Promise<void> {
  door = await startSftpDoor(given)
}

export async function reopen(more: Partial<SftpDoorParts['limits']> = {}): Promise<void> {
  await door.close()
  door = await startSftpDoor(parts(more))
}

export async function login(partner: 'alpha' | 'beta' = 'alpha', options: object = {}): Promise<SftpClient> {
  const client = new SftpClient('test', { error: () => undefined, end: () => undefined, close: () => undefined })
  clients.push(client)
  // Put out between its login and its session, the library would wait for ever.
  const putOut = new Promise<never>((_, reject) =>
    (client as unknown as { client: Client }).client.once('close', () => reject(new Error('put out'))),
  )
  putOut.catch(() => {})
  const connected = client.connect({
    readyTimeout: patienceMs,
    host: '127.0.0.1',
    port: door.port,
    username: partner,
    privateKey: keys[partner].private,
    ...options,
  })
  await Promise.race([connected, putOut])
  return client
}

/** The bare protocol, for what well-behaved clients never do. */
export async function raw(partner: 'alpha' | 'beta' = 'alpha'): Promise<{ sftp: SFTPWrapper; client: Client }> {
  const client = (await login(partner)) as unknown as { sftp: SFTPWrapper; client: Client }
  return { sftp: client.sftp, client: client.client }
}
export const promised = <T>(call: (done: (error: Error | null | undefined, value: T) => void) => void): Promise<T> =>
  new Promise((resolve, reject) => call((error, value) => (error ? reject(error) : resolve(value))))
export const openRaw = (sftp: SFTPWrapper, path: string, flags: ssh2.OpenMode) =>
  promised<Buffer>((done) => sftp.open(path, flags, done))
export const writeRaw = (sftp: SFTPWrapper, handle: Buffer, bytes: Buffer, at: number) =>
  promised<void>((done) => sftp.write(handle, bytes, 0, bytes.length, at, (error) => done(error, undefined)))
export const closeRaw = (sftp: SFTPWrapper, handle: Buffer) =>
  promised<void>((done) => sftp.close(handle, (error) => done(error, undefined)))

/** OpenSSH's own client with a batch file. */
export function openssh(
  partner: keyof typeof keys,
  lines: string[],
  options: string[] = [],
): Promise<{ code: number | null; out: string }> {
  return new Promise((resolve) => {
    const child = spawn('sftp', [
      '-q',
      '-b',
      '-',
      '-P',
      String(door.port),
      '-i',
      join(home, partner),
      '-o',
      'StrictHostKeyChecking=no',
      '-o',
      `UserKnownHostsFile=${join(home, 'known')}`,
      '-o',
      'IdentitiesOnly=yes',
      '-o',
      'PasswordAuthentication=no',
      '-F',
      '/dev/null',
      ...options,
      `${partner === 'stranger' ? 'alpha' : partner}@127.0.0.1`,
    ])
    let out = ''
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (out += chunk.toString()))
    child.on('close', (code) => resolve({ code, out }))
    child.stdin.end(`${lines.join('\n')}\n`)
  })
}

export const text = async (client: SftpClient, path: string): Promise<string> =>
  ((await client.get(path)) as Buffer).toString()
export const box = (partner: string, name: string) => readdir(join(root, partner, name)).then((names) => names.sort())
export const inBox = async (partner = 'alpha') =>
  Promise.all(
    (await box(partner, 'InBox')).map(
      async (name) => [name, (await readFile(join(root, partner, 'InBox', name))).toString()] as const,
    ),
  )
/** Everything the hub keeps for itself: nothing may be left there once all is answered. */
export async function leftovers(): Promise<string[]> {
  const all = await readdir(join(root, '.hub'), { recursive: true, withFileTypes: true })
  return all.filter((entry) => entry.isFile() && entry.name !== 'alive').map((entry) => entry.name)
}
export const file = async (name: string, bytes: Buffer): Promise<string> => {
  await writeFile(join(home, name), bytes)
  return join(home, name)
}

/** Bytes in buffers that somebody still holds. */
export function held(): number {
  collectGarbage()
  return process.memoryUsage().arrayBuffers
}

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'sftp-door-'))
  root = join(home, 'mailboxes')
  hub = strictAccept('sftp')
  clients = []
  withdrawn = new Set()
  unhandled = []
  process.on('unhandledRejection', onUnhandled)
  process.on('uncaughtException', onUnhandled)
  for (const [name, pair] of Object.entries(keys)) await writeFile(join(home, name), pair.private, { mode: 0o600 })
  door = await startSftpDoor(parts())
})

afterEach(async () => {
  vi.restoreAllMocks()
  await Promise.all(clients.map((client) => client.end().catch(() => undefined)))
  await door.close()
  process.off('unhandledRejection', onUnhandled)
  process.off('uncaughtException', onUnhandled)
  const left = await leftovers()
  await rm(home, { recursive: true, force: true })
  expect(hub.violations).toEqual([])
  expect(unhandled).toEqual([])
  expect(left).toEqual([])
})
