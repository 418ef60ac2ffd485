// The SFTP door with the clients partners use: a file is taken whole, once, and answered for; nothing one partner does
// reaches another. (DESIGN promises 1, 8, 9 and 10.)
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmod, mkdir, mkdtemp, open, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { connect as connectSocket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import SftpClient from 'ssh2-sftp-client'
import ssh2, { type Client, type SFTPWrapper } from 'ssh2'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { startSftpDoor, type SftpDoor, type SftpDoorParts } from '../../adapters/channels/sftp/door.js'
import { soundKeyPair } from '../../adapters/channels/sftp/host-key.js'
import { ownsKey } from '../../adapters/channels/sftp/login.js'
import { batch, declaration, quiet, renderReceipt, strictAccept, until, wrong, type StrictAccept } from './file-doors/strict-accept.js'

const keys = { alpha: soundKeyPair('alpha'), beta: ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 }), stranger: soundKeyPair('stranger') }
const passwords = { alpha: 'alpha-secret-of-the-tests', beta: 'beta-secret-of-the-tests' }
const maxBytes = 2_000_000
setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

let home: string
let root: string
let hub: StrictAccept
let door: SftpDoor
let clients: SftpClient[]
let unhandled: unknown[]
const onUnhandled = (error: unknown) => void unhandled.push(error)

const parts = (more: Partial<SftpDoorParts['limits']> = {}): SftpDoorParts => ({
  host: '127.0.0.1',
  port: 0,
  hostKeyFile: join(home, 'host_key'),
  root,
  accept: (inbound) => hub.accept(inbound),
  authenticate: {
    byKey: async (username, blob) => ((username === 'alpha' || username === 'beta') && ownsKey([`restrict ${keys[username].public} comment`], blob) ? username : undefined),
    byPassword: async (username, password) => ((username === 'alpha' || username === 'beta') && passwords[username] === password ? username : undefined),
  },
  renderReceipt,
  limits: { maxBytes, failDelayMs: 5, retryMs: 20, closeMs: 3_000, ...more },
  log: quiet,
})

async function reopen(more: Partial<SftpDoorParts['limits']> = {}): Promise<void> {
  await door.close()
  door = await startSftpDoor(parts(more))
}

async function login(partner: 'alpha' | 'beta' = 'alpha', options: object = {}): Promise<SftpClient> {
  const client = new SftpClient('test', { error: () => undefined, end: () => undefined, close: () => undefined })
  clients.push(client)
  await client.connect({ host: '127.0.0.1', port: door.port, username: partner, privateKey: keys[partner].private, ...options })
  return client
}

/** The bare protocol, for what well-behaved clients never do. */
async function raw(partner: 'alpha' | 'beta' = 'alpha'): Promise<{ sftp: SFTPWrapper; client: Client }> {
  const client = (await login(partner)) as unknown as { sftp: SFTPWrapper; client: Client }
  return { sftp: client.sftp, client: client.client }
}
const promised = <T>(call: (done: (error: Error | null | undefined, value: T) => void) => void): Promise<T> => new Promise((resolve, reject) => call((error, value) => (error ? reject(error) : resolve(value))))
const openRaw = (sftp: SFTPWrapper, path: string, flags: ssh2.OpenMode) => promised<Buffer>((done) => sftp.open(path, flags, done))
const writeRaw = (sftp: SFTPWrapper, handle: Buffer, bytes: Buffer, at: number) => promised<void>((done) => sftp.write(handle, bytes, 0, bytes.length, at, (error) => done(error, undefined)))
const closeRaw = (sftp: SFTPWrapper, handle: Buffer) => promised<void>((done) => sftp.close(handle, (error) => done(error, undefined)))

/** OpenSSH's own client with a batch file. */
function openssh(partner: keyof typeof keys, lines: string[], options: string[] = []): Promise<{ code: number | null; out: string }> {
  return new Promise((resolve) => {
    const child = spawn('sftp', [
      '-q', '-b', '-', '-P', String(door.port), '-i', join(home, partner), '-o', 'StrictHostKeyChecking=no', '-o', `UserKnownHostsFile=${join(home, 'known')}`,
      '-o', 'IdentitiesOnly=yes', '-o', 'PasswordAuthentication=no', '-F', '/dev/null', ...options, `${partner === 'stranger' ? 'alpha' : partner}@127.0.0.1`,
    ])
    let out = ''
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (out += chunk.toString()))
    child.on('close', (code) => resolve({ code, out }))
    child.stdin.end(`${lines.join('\n')}\n`)
  })
}

const text = async (client: SftpClient, path: string): Promise<string> => ((await client.get(path)) as Buffer).toString()
const box = (partner: string, name: string) => readdir(join(root, partner, name)).then((names) => names.sort())
const inBox = async (partner = 'alpha') => Promise.all((await box(partner, 'InBox')).map(async (name) => [name, (await readFile(join(root, partner, 'InBox', name))).toString()] as const))
/** Everything the hub keeps for itself: nothing may be left there once all is answered. */
async function leftovers(): Promise<string[]> {
  const all = await readdir(join(root, '.hub'), { recursive: true, withFileTypes: true })
  return all.filter((entry) => entry.isFile()).map((entry) => entry.name)
}
const file = async (name: string, bytes: Buffer): Promise<string> => {
  await writeFile(join(home, name), bytes)
  return join(home, name)
}

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'sftp-door-'))
  root = join(home, 'mailboxes')
  hub = strictAccept('sftp')
  clients = []
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

describe('a partner sends a file', () => {
  test('with OpenSSH: the declaration is in SentBox, its receipt in InBox, and OutBox is empty', async () => {
    const bytes = declaration('A1', 100_000)
    const local = await file('报关单 1.xml', bytes)
    const run = await openssh('alpha', ['pwd', 'ls -la', 'cd OutBox', `put -p "${local}"`, 'ls -l', 'cd ../SentBox', 'ls -1', 'cd ..', 'ls -1 InBox'])
    expect(run).toMatchObject({ code: 0 })
    expect(run.out).toContain('Remote working directory: /')
    expect(run.out).toContain('报关单 1.xml')
    expect(hub.offered.map(({ partnerId, filename, bytes: b }) => [partnerId, filename, b.equals(bytes)])).toEqual([['alpha', '报关单 1.xml', true]])
    expect(await box('alpha', 'OutBox')).toEqual([])
    expect(await readFile(join(root, 'alpha', 'SentBox', '报关单 1.xml'))).toEqual(bytes)
    const [[name, receipt] = ['', '']] = await inBox()
    expect(name).toMatch(/^Successed_报关单 1_\d{21}\.xml$/)
    expect(receipt).toContain('<reference>A1</reference><status>accepted</status>')
  })

  test('and fetches and deletes its receipts, as any client does', async () => {
    const client = await login()
    await client.put(declaration('A1'), '/OutBox/a.xml')
    const [receipt] = await client.list('/InBox')
    expect(receipt?.name).toMatch(/^Successed_a_/)
    const path = `/InBox/${receipt?.name}`
    expect(await text(client, path)).toContain('accepted')
    expect((await client.get(path) as Buffer).length).toBe(receipt?.size)
    await client.delete(path)
    expect(await client.list('/InBox')).toEqual([])
    expect((await client.list('/')).map(({ name, type }) => type + name).sort()).toEqual(['dFailBox', 'dInBox', 'dOutBox', 'dSentBox'])
  })

  test('CLOSE is answered only after the hub has taken responsibility (promise 1)', async () => {
    let release = (): void => undefined
    hub.hold.until = new Promise((resolve) => (release = resolve))
    const client = await login()
    let answered = false
    const putting = client.put(declaration('A1'), '/OutBox/a.xml').then(() => (answered = true))
    await until('offered', () => hub.offered.length === 1)
    // A second connection is served meanwhile, and sees neither the file nor a receipt.
    const other = await login()
    expect(await other.list('/OutBox')).toEqual([])
    expect(await other.list('/InBox')).toEqual([])
    expect(answered).toBe(false)
    release()
    await putting
    expect(await box('alpha', 'SentBox')).toEqual(['a.xml'])
  })

  test('that breaks its schema: it is in FailBox with the receipt beside it, and the receipt is in InBox', async () => {
    const client = await login()
    await client.put(wrong('W1'), '/OutBox/w.xml')
    expect(await box('alpha', 'FailBox')).toEqual(['w.xml', 'w.xml.receipt.xml'])
    expect((await readFile(join(root, 'alpha', 'FailBox', 'w.xml.receipt.xml'))).toString()).toContain('HUB_SCHEMA_VIOLATION')
    expect((await inBox()).map(([name]) => name)).toEqual([expect.stringMatching(/^Failed_w_\d{21}\.xml$/)])
    expect(await box('alpha', 'SentBox')).toEqual([])
  })

  test('that is empty: it is refused like any other, not forgotten', async () => {
    expect(await openssh('alpha', [`put ${await file('empty.xml', Buffer.alloc(0))} OutBox/`])).toMatchObject({ code: 0 })
    expect(await box('alpha', 'FailBox')).toEqual(['empty.xml', 'empty.xml.receipt.xml'])
    expect((await inBox()).map(([, text]) => text).join()).toContain('HUB_EMPTY')
  })

  test('with several messages: one file of receipts tells of all, and one refusal puts the file into FailBox', async () => {
    const client = await login()
    await client.put(batch('B1', 'B2'), '/OutBox/good.xml')
    await client.put(Buffer.concat([batch('B3'), Buffer.from('\n'), wrong('B4')]), '/OutBox/mixed.xml')
    expect(await box('alpha', 'SentBox')).toEqual(['good.xml'])
    expect(await box('alpha', 'FailBox')).toEqual(['mixed.xml', 'mixed.xml.receipt.xml'])
    const [failed, good] = await inBox()
    expect(good?.[1]).toMatch(/^<\?xml[^>]*\?>\n<Receipts xmlns="urn:singlewindow:receipt:1">\n<Receipt [^]*B1[^]*<Receipt [^]*B2[^]*<\/Receipts>\n$/)
    expect(good?.[1].match(/<\?xml/g)).toHaveLength(1)
    expect(failed?.[1]).toMatch(/B3[^]*accepted[^]*B4[^]*refused/)
  })

  test('again: the second sending is a duplicate and gets the first answer (promise 8)', async () => {
    const client = await login()
    await client.put(declaration('A1'), '/OutBox/a.xml')
    await client.put(declaration('A1'), '/OutBox/a.xml')
    expect(hub.taken.size).toBe(1)
    expect(await box('alpha', 'SentBox')).toEqual(['a.xml'])
    expect((await inBox()).map(([name]) => name.slice(0, 12))).toEqual(['Successed_a_', 'Successed_a_'])
  })

  test('whose name opens with a catalogue code: the operation is passed on', async () => {
    await (await login()).put(declaration('A1'), '/OutBox/1.1.6.1.2_a.xml')
    expect(hub.offered[0]?.operation).toBe('1.1.6.1.2')
  })

  test('when the hub cannot record: the client hears failure, nothing is taken, and the next try works', async () => {
    hub.away.value = true
    const local = await file('a.xml', declaration('A1'))
    expect((await openssh('alpha', [`put ${local} OutBox/a.xml`])).code).not.toBe(0)
    const client = await login()
    await client.put(declaration('A1'), '/OutBox/x.part')
    await expect(client.rename('/OutBox/x.part', '/OutBox/x.xml')).rejects.toThrow()
    expect(await box('alpha', 'OutBox')).toEqual(['x.part'])
    expect([await box('alpha', 'SentBox'), await box('alpha', 'FailBox'), await box('alpha', 'InBox')]).toEqual([[], [], []])
    expect(await leftovers()).toEqual([])
    hub.away.value = false
    await client.rename('/OutBox/x.part', '/OutBox/x.xml')
    expect(await openssh('alpha', [`put ${local} OutBox/a.xml`])).toMatchObject({ code: 0 })
    expect(await box('alpha', 'SentBox')).toEqual(['a.xml', 'x.xml'])
  })

  test('that may not be sent at all: it is refused, not asked for again', async () => {
    await (await login()).put(Buffer.from('<Declaration><Forbidden/></Declaration>'), '/OutBox/f.xml')
    expect(await box('alpha', 'FailBox')).toEqual(['f.xml', 'f.xml.receipt.xml'])
    expect((await inBox())[0]?.[1]).toContain('HUB_FORBIDDEN')
  })
})

describe('clients that write under a temporary name', () => {
  test.each(['x.xml.filepart', 'x.xml.part', 'x.xml.tmp', 'x.xml.TMP', 'x.xml.writing', '.in.x.xml'])('%s waits until it is renamed, then it is taken', async (temporary) => {
    const client = await login()
    await client.put(declaration('A1', 50_000), `/OutBox/${temporary}`)
    expect(hub.offered).toEqual([])
    expect((await client.list('/OutBox')).map(({ name }) => name)).toEqual([temporary])
    await client.rename(`/OutBox/${temporary}`, '/OutBox/x.xml')
    expect(hub.offered.map(({ filename }) => filename)).toEqual(['x.xml'])
    expect(await box('alpha', 'OutBox')).toEqual([])
    expect(await box('alpha', 'SentBox')).toEqual(['x.xml'])
  })

  test('WinSCP: .filepart, rename, then set the time of the taken file', async () => {
    const { sftp } = await raw()
    const bytes = declaration('A1', 300_000)
    const handle = await openRaw(sftp, '/OutBox/x.xml.filepart', 'w')
    await Promise.all([0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => writeRaw(sftp, handle, bytes.subarray(n * 32_000, (n + 1) * 32_000), n * 32_000)))
    await closeRaw(sftp, handle)
    await promised((done) => sftp.rename('/OutBox/x.xml.filepart', '/OutBox/x.xml', (error) => done(error, undefined)))
    await promised((done) => sftp.setstat('/OutBox/x.xml', { atime: 1_700_000_000, mtime: 1_700_000_000, mode: 0o644 }, (error) => done(error, undefined)))
    expect(hub.offered.map(({ bytes: b }) => b.equals(bytes))).toEqual([true])
    expect(await box('alpha', 'SentBox')).toEqual(['x.xml'])
  })

  test('FileZilla and paramiko: straight to the final name, then times set and the size looked at once', async () => {
    const { sftp } = await raw()
    const bytes = declaration('A1', 70_000)
    const handle = await openRaw(sftp, 'OutBox/x.xml', 'w')
    await promised((done) => sftp.fsetstat(handle, { mode: 0o644 }, (error) => done(error, undefined)))
    await writeRaw(sftp, handle, bytes, 0)
    expect((await promised<ssh2.Stats>((done) => sftp.fstat(handle, done))).size).toBe(bytes.length)
    await closeRaw(sftp, handle)
    await promised((done) => sftp.setstat('OutBox/x.xml', { atime: 1, mtime: 1 }, (error) => done(error, undefined)))
    expect((await promised<ssh2.Stats>((done) => sftp.stat('OutBox/x.xml', done))).size).toBe(bytes.length)
    await expect(promised((done) => sftp.stat('OutBox/x.xml', done))).rejects.toThrow(/no such file/i)
    expect(hub.taken.size).toBe(1)
  })

  test('lftp: CLOSE and RENAME sent without waiting for each other are carried out in order', async () => {
    const { sftp } = await raw()
    // Small enough for one WRITE: ssh2's client sends the pieces of a larger one only as they are answered.
    const bytes = declaration('A1', 20_000)
    const handle = await openRaw(sftp, '/OutBox/.in.x.xml.', 'w')
    const all = [
      writeRaw(sftp, handle, bytes, 0),
      closeRaw(sftp, handle),
      promised<void>((done) => sftp.rename('/OutBox/.in.x.xml.', '/OutBox/x.xml', (error) => done(error, undefined))),
    ]
    await Promise.all(all)
    expect(hub.offered.map(({ filename, bytes: b }) => [filename, b.length])).toEqual([['x.xml', bytes.length]])
  })

  test('a rename of what was already taken at CLOSE does no harm and brings no second message', async () => {
    const client = await login()
    await client.put(declaration('A1'), '/OutBox/x.xml.uploading')
    await client.rename('/OutBox/x.xml.uploading', '/OutBox/x.xml')
    expect(hub.offered).toHaveLength(1)
  })

  test('posix-rename is understood, and replaces a temporary file where a plain rename does not', async () => {
    const client = await login()
    await client.put(declaration('A1'), '/OutBox/a.tmp')
    await client.put(declaration('A2'), '/OutBox/b.tmp')
    await expect(client.rename('/OutBox/a.tmp', '/OutBox/b.tmp')).rejects.toThrow()
    const { sftp } = client as unknown as { sftp: SFTPWrapper }
    // ssh2's own client sends the extension only to servers that announce it; ssh2's server announces none.
    Object.assign(sftp, { _extensions: { 'posix-rename@openssh.com': '1' } })
    await client.posixRename('/OutBox/a.tmp', '/OutBox/b.tmp')
    await client.posixRename('/OutBox/b.tmp', '/OutBox/c.xml')
    expect([...hub.taken.keys()]).toEqual(['alpha/A1'])
  })

  test('an interrupted .part is resumed with OpenSSH reput, and only the whole is taken', async () => {
    const bytes = declaration('A1', 200_000)
    const client = await login()
    await client.put(bytes.subarray(0, 90_000), '/OutBox/x.part')
    const local = await file('x.part', bytes)
    expect(await openssh('alpha', ['cd OutBox', `reput ${local} x.part`, 'rename x.part x.xml'])).toMatchObject({ code: 0 })
    expect(hub.offered.map(({ bytes: b }) => b.equals(bytes))).toEqual([true])
  })

  test('an appending client adds to the end of its temporary file', async () => {
    const bytes = declaration('A1', 9_000)
    const client = await login()
    await client.put(bytes.subarray(0, 4_000), '/OutBox/x.part')
    await client.append(bytes.subarray(4_000), '/OutBox/x.part')
    await client.rename('/OutBox/x.part', '/OutBox/x.xml')
    expect(hub.offered.map(({ bytes: b }) => b.equals(bytes))).toEqual([true])
  })
})

describe('files that never become whole', () => {
  test('a connection lost before CLOSE: discarded, never delivered', async () => {
    const { sftp, client } = await raw()
    const handle = await openRaw(sftp, '/OutBox/x.xml', 'w')
    await writeRaw(sftp, handle, declaration('A1'), 0)
    expect(await leftovers()).toHaveLength(1)
    client.destroy()
    await until('deleted', async () => (await leftovers()).length === 0)
    expect(hub.offered).toEqual([])
    expect(await box('alpha', 'OutBox')).toEqual([])
  })

  test('OpenSSH killed in the middle of a file: discarded, never delivered', async () => {
    const local = await file('big.xml', declaration('A1', 1_900_000))
    const child = spawn('sftp', ['-q', '-l', '2000', '-b', '-', '-P', String(door.port), '-i', join(home, 'alpha'), '-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'IdentitiesOnly=yes', '-F', '/dev/null', 'alpha@127.0.0.1'])
    child.stdin.write(`put ${local} OutBox/big.xml\n`)
    await until('uploading', async () => (await leftovers()).length === 1)
    child.kill('SIGKILL')
    await until('deleted', async () => (await leftovers()).length === 0)
    expect(hub.offered).toEqual([])
  })

  test('a lost .part stays for its sender to resume, up to its first hole, and is not delivered', async () => {
    const { sftp, client } = await raw()
    const handle = await openRaw(sftp, '/OutBox/x.part', 'w')
    await writeRaw(sftp, handle, Buffer.alloc(1000, 65), 0)
    await writeRaw(sftp, handle, Buffer.alloc(1000, 66), 5000)
    client.destroy()
    await until('kept', async () => (await box('alpha', 'OutBox')).length === 1)
    expect((await stat(join(root, 'alpha', 'OutBox', 'x.part'))).size).toBe(1000)
    expect(hub.offered).toEqual([])
  })

  test('a file with a hole is no file: CLOSE fails and nothing is taken', async () => {
    const { sftp } = await raw()
    const handle = await openRaw(sftp, '/OutBox/x.xml', 'w')
    await writeRaw(sftp, handle, Buffer.from('<Declaration>'), 0)
    await writeRaw(sftp, handle, Buffer.from('</Declaration>'), 500)
    await expect(closeRaw(sftp, handle)).rejects.toThrow(/never written/)
    expect(hub.offered).toEqual([])
  })

  test('writes that arrive in any order make a whole file', async () => {
    const { sftp } = await raw()
    const bytes = declaration('A1', 100_000)
    const handle = await openRaw(sftp, '/OutBox/x.xml', 'w')
    const starts = Array.from({ length: Math.ceil(bytes.length / 10_000) }, (_, n) => n * 10_000).sort((a, b) => ((a * 7919) % 104729) - ((b * 7919) % 104729))
    await Promise.all(starts.map((at) => writeRaw(sftp, handle, bytes.subarray(at, at + 10_000), at)))
    await closeRaw(sftp, handle)
    expect(hub.offered.map(({ bytes: b }) => b.equals(bytes))).toEqual([true])
  })

  test('an upload that never ends is broken off and its space given back', async () => {
    await reopen({ uploadMs: 150 })
    const { sftp } = await raw()
    const handle = await openRaw(sftp, '/OutBox/x.xml', 'w')
    await writeRaw(sftp, handle, declaration('A1'), 0)
    await until('given back', async () => (await leftovers()).length === 0)
    await expect(writeRaw(sftp, handle, Buffer.from('x'), 5000)).rejects.toThrow(/took too long/)
    await expect(closeRaw(sftp, handle)).rejects.toThrow(/took too long/)
    expect(hub.offered).toEqual([])
  })

  test('a silent connection is ended, and what it had open is deleted', async () => {
    await reopen({ idleMs: 200 })
    const { sftp, client } = await raw()
    let gone = false
    client.once('close', () => (gone = true))
    await openRaw(sftp, '/OutBox/x.xml', 'w')
    await until('ended', async () => gone && (await leftovers()).length === 0)
    expect(hub.offered).toEqual([])
  })

  test('a file of 60 MB is refused while it is written, with memory flat and the partial file deleted', async () => {
    await reopen({ maxBytes: 50_000_000 })
    const local = await open(join(home, 'huge.xml'), 'w')
    await local.truncate(60_000_000)
    await local.close()
    // The partial file is held on disk, not in the hub; buffers of writes under way are all that may be in memory.
    let most = 0
    const before = held()
    const sampler = setInterval(() => (most = Math.max(most, held())), 40)
    const run = await openssh('alpha', [`put ${join(home, 'huge.xml')} OutBox/huge.xml`])
    clearInterval(sampler)
    expect(run.code).not.toBe(0)
    // What earlier tests left behind may go meanwhile, so the lower of before and after is what counts as nothing.
    expect(most - Math.min(before, held())).toBeLessThan(20_000_000)
    expect(await leftovers()).toEqual([])
    expect(hub.offered).toEqual([])
    expect(await box('alpha', 'FailBox')).toEqual(['huge.xml.receipt.xml'])
    expect((await inBox()).map(([, text]) => text).join()).toContain('HUB_TOO_LARGE')
    await (await login()).put(declaration('A1'), '/OutBox/small.xml')
    expect(hub.taken.size).toBe(1)
  })

  test('a full disk costs the sender an error, not the hub', async () => {
    const probe = await open(join(home, 'probe'), 'w')
    const prototype = Object.getPrototypeOf(probe) as typeof probe
    await probe.close()
    const client = await login()
    const full = vi.spyOn(prototype, 'write').mockRejectedValue(Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' }))
    await expect(client.put(declaration('A1'), '/OutBox/a.xml')).rejects.toThrow(/space/)
    expect(full).toHaveBeenCalled()
    full.mockRestore()
    await until('deleted', async () => (await leftovers()).length === 0)
    await client.put(declaration('A1'), '/OutBox/a.xml')
    expect(hub.offered).toHaveLength(1)
  })

  test('temporary files cannot pile up without end', async () => {
    await reopen({ maxFiles: 3, maxBytesUnderWay: 100_000 })
    const client = await login()
    for (const name of ['1', '2', '3']) await client.put(Buffer.alloc(1000), `/OutBox/${name}.part`)
    await expect(client.put(Buffer.alloc(10), '/OutBox/4.part')).rejects.toThrow(/wait in OutBox/)
    await client.delete('/OutBox/1.part')
    await expect(client.put(Buffer.alloc(150_000), '/OutBox/4.part')).rejects.toThrow(/under way/)
    await client.put(Buffer.alloc(10), '/OutBox/4.part')
    expect(await box('alpha', 'OutBox')).toEqual(['2.part', '3.part', '4.part'])
  })
})

describe('partners do not exist for each other (promise 9)', () => {
  test('each sees its own four folders only, and the same name in both is two files', async () => {
    const [alpha, beta] = [await login('alpha'), await login('beta')]
    await alpha.put(declaration('A1'), '/OutBox/same.xml')
    await beta.put(declaration('B1'), '/OutBox/same.xml')
    await alpha.put(declaration('A2'), '/OutBox/only-alpha.part')
    expect((await beta.list('/SentBox')).map(({ name }) => name)).toEqual(['same.xml'])
    expect(await beta.list('/OutBox')).toEqual([])
    expect(await text(beta, '/SentBox/same.xml')).toContain('B1')
    expect(await text(alpha, '/SentBox/same.xml')).toContain('A1')
    expect([...hub.taken.keys()].sort()).toEqual(['alpha/A1', 'beta/B1'])
  })

  test.each([
    '/../beta/SentBox/b.xml', '/InBox/../../beta/SentBox/b.xml', '../beta/SentBox/b.xml', '/beta/SentBox/b.xml', '/SentBox/../../.hub', '/.hub', '/SentBox//..//..//beta',
    '/SentBox/..\\..\\beta\\SentBox\\b.xml', '/SentBox/b.xml\0', '/etc/passwd', '/SentBox/link', '/SentBox/linkdir/b.xml', '/outbox', `/SentBox/${'x'.repeat(300)}`, '/SentBox/\u2025/b.xml',
  ])('%j leads nowhere', async (path) => {
    await (await login('beta')).put(declaration('B1'), '/OutBox/b.xml')
    const client = await login('alpha')
    // Not something a partner can make; a careless operator could.
    await symlink(join(root, 'beta', 'SentBox', 'b.xml'), join(root, 'alpha', 'SentBox', 'link'))
    await symlink(join(root, 'beta', 'SentBox'), join(root, 'alpha', 'SentBox', 'linkdir'))
    const { sftp } = client as unknown as { sftp: SFTPWrapper }
    await expect(promised((done) => sftp.stat(path, done))).rejects.toThrow()
    await expect(promised((done) => sftp.lstat(path, done))).rejects.toThrow()
    await expect(openRaw(sftp, path, 'r')).rejects.toThrow()
    await expect(openRaw(sftp, path, 'w')).rejects.toThrow()
    await expect(promised((done) => sftp.opendir(path, done))).rejects.toThrow()
    await client.put(declaration('A1'), '/OutBox/a.part')
    await expect(client.rename('/OutBox/a.part', path)).rejects.toThrow()
    expect((await client.list('/SentBox')).map(({ name }) => name)).toEqual([])
    expect(await readFile(join(root, 'beta', 'SentBox', 'b.xml'))).toEqual(declaration('B1'))
    expect(hub.offered).toHaveLength(1)
  })

  test('removing a link removes no file of another partner', async () => {
    const client = await login('alpha')
    await (await login('beta')).put(declaration('B1'), '/OutBox/b.xml')
    await symlink(join(root, 'beta', 'SentBox', 'b.xml'), join(root, 'alpha', 'InBox', 'link'))
    await client.delete('/InBox/link')
    expect(await box('beta', 'SentBox')).toEqual(['b.xml'])
  })

  test('nothing can be written, made or moved outside OutBox; folders cannot be made or removed; links cannot be made', async () => {
    const client = await login()
    await client.put(wrong('W1'), '/OutBox/w.xml')
    const { sftp } = client as unknown as { sftp: SFTPWrapper }
    for (const path of ['/InBox/x.xml', '/SentBox/x.xml', '/FailBox/w.xml', '/x.xml']) await expect(client.put(declaration('X1'), path)).rejects.toThrow()
    await expect(client.rename('/FailBox/w.xml', '/OutBox/w.xml')).rejects.toThrow()
    await expect(client.rename('/FailBox/w.xml', '/FailBox/v.xml')).rejects.toThrow()
    await expect(promised<void>((done) => sftp.mkdir('/OutBox/d', (error) => done(error, undefined)))).rejects.toThrow()
    await expect(promised<void>((done) => sftp.rmdir('/InBox', (error) => done(error, undefined)))).rejects.toThrow()
    await expect(promised<void>((done) => sftp.symlink('/etc/passwd', '/OutBox/l.part', (error) => done(error, undefined)))).rejects.toThrow()
    expect(hub.offered).toHaveLength(1)
    expect((await client.list('/FailBox')).map(({ name }) => name).sort()).toEqual(['w.xml', 'w.xml.receipt.xml'])
  })
})

describe('who may come in', () => {
  test('the right key and the right password do; wrong ones, unknown names and a shell do not', async () => {
    await login('alpha')
    await login('beta')
    await login('alpha', { privateKey: undefined, password: passwords.alpha })
    const bad = { host: '127.0.0.1', port: door.port }
    for (const options of [
      { username: 'alpha', password: passwords.beta },
      { username: 'alpha', privateKey: keys.beta.private },
      { username: 'alpha', privateKey: keys.stranger.private },
      { username: 'nobody', privateKey: keys.alpha.private },
      { username: '../alpha', password: passwords.alpha },
      { username: 'alpha' },
    ]) await expect(login('alpha', { ...bad, privateKey: undefined, password: undefined, ...options })).rejects.toThrow()
    expect((await openssh('stranger', ['ls'])).code).not.toBe(0)
    const { client } = await raw()
    await expect(promised((done) => client.exec('id', done))).rejects.toThrow()
    await expect(promised((done) => client.shell(done))).rejects.toThrow()
    await expect(promised((done) => client.forwardOut('127.0.0.1', 1, '127.0.0.1', door.port, done))).rejects.toThrow()
  })

  test('a key that is known but whose signature is not of its private half is refused', async () => {
    // An agent that offers alpha's public key and signs with the stranger's.
    const stranger = ssh2.utils.parseKey(keys.stranger.private) as ssh2.ParsedKey
    const alpha = ssh2.utils.parseKey(keys.alpha.public) as ssh2.ParsedKey
    class Forger extends ssh2.BaseAgent<ssh2.ParsedKey> {
      signed = 0
      override getIdentities(done: ssh2.IdentityCallback<ssh2.ParsedKey>): void {
        done(undefined, [alpha])
      }
      override sign(_key: ssh2.ParsedKey, data: Buffer, options: unknown, done?: ssh2.SignCallback): void {
        this.signed += 1
        const answer = (typeof options === 'function' ? options : done) as ssh2.SignCallback
        answer(undefined, stranger.sign(data))
      }
    }
    const agent = new Forger()
    await expect(login('alpha', { privateKey: undefined, agent })).rejects.toThrow()
    expect(agent.signed).toBe(1)
  })

  test('guessing is cut off after a few tries, and a flood of guesses closes the address out for a minute', async () => {
    await reopen({ maxLoginFailures: 3 })
    for (let n = 0; n < 4; n++) {
      let tries = 0
      const client = new ssh2.Client()
      await new Promise<void>((resolve) => {
        client.on('error', () => resolve()).on('close', () => resolve())
        client.connect({ host: '127.0.0.1', port: door.port, username: 'alpha', authHandler: (_left, _partial, next) => next((tries += 1) > 50 ? (false as never) : { type: 'password', username: 'alpha', password: `guess-${tries}` }) })
      })
      client.destroy()
      expect(tries).toBe(3)
    }
    await expect(login('alpha')).rejects.toThrow()
  })

  test('a login that never comes is cut', async () => {
    await reopen({ loginMs: 100 })
    const socket = connectSocket(door.port, '127.0.0.1')
    await new Promise((resolve) => socket.once('close', resolve).on('error', () => undefined).resume())
    expect(socket.destroyed).toBe(true)
  })

  test('when the partners cannot be looked up, nobody gets in and nobody is counted as guessing', async () => {
    await door.close()
    let away = true
    const given = parts({ maxLoginFailures: 1 })
    door = await startSftpDoor({ ...given, authenticate: { ...given.authenticate, byKey: async (name, key) => (away ? Promise.reject(new Error('ledger away')) : given.authenticate.byKey(name, key)) } })
    for (let n = 0; n < 6; n++) await expect(login('alpha')).rejects.toThrow()
    away = false
    await login('alpha')
  })

  test('one partner may have so many connections and no more, others are not touched; access can be withdrawn at once', async () => {
    await reopen({ maxConnectionsPerPartner: 2 })
    const first = await login('alpha')
    await login('alpha')
    await expect(login('alpha')).rejects.toThrow()
    const beta = await login('beta')
    door.disconnect('alpha')
    await expect(first.list('/')).rejects.toThrow()
    expect(await beta.list('/')).toHaveLength(4)
  })

  test('the host key is made once, private, and stays', async () => {
    const before = await readFile(join(home, 'host_key'))
    expect((await stat(join(home, 'host_key'))).mode & 0o777).toBe(0o600)
    expect(before.toString()).toContain('OPENSSH PRIVATE KEY')
    await reopen()
    expect(await readFile(join(home, 'host_key'))).toEqual(before)
  })
})

describe('many at once, and hostile ones', () => {
  test('fifty uploads side by side on one connection, and fifty on connections of their own', async () => {
    const one = await login()
    ;(one as unknown as { client: Client }).client.setMaxListeners(0)
    await Promise.all(Array.from({ length: 50 }, (_, n) => one.put(declaration(`S${n}`, 20_000), `/OutBox/s${n}.xml`)))
    const many = await Promise.all(Array.from({ length: 50 }, () => login('beta')))
    await Promise.all(many.map((client, n) => client.put(declaration(`M${n}`, 20_000), `/OutBox/m${n}.xml`)))
    expect(hub.taken.size).toBe(100)
    expect(hub.offered).toHaveLength(100)
    expect(await box('alpha', 'SentBox')).toHaveLength(50)
    expect(await box('beta', 'InBox')).toHaveLength(50)
  })

  test('an InBox of ten thousand receipts is listed', async () => {
    const client = await login()
    const folder = join(root, 'alpha', 'InBox')
    for (let n = 0; n < 10_000; n += 500) await Promise.all(Array.from({ length: 500 }, (_, m) => writeFile(join(folder, `Successed_${n + m}.xml`), 'x')))
    const names = (await client.list('/InBox')).map(({ name }) => name)
    expect(new Set(names).size).toBe(10_000)
    expect((await openssh('alpha', ['ls -1 InBox'])).out.split('\n').filter((line) => line.includes('Successed_'))).toHaveLength(10_000)
  })

  test('an error in `accept` that nobody foresaw fails this file only', async () => {
    const accept = hub.accept
    hub.accept = (inbound) => {
      if (inbound.filename === 'bad.xml') throw new TypeError('a bug')
      return accept(inbound)
    }
    const client = await login()
    const results = await Promise.allSettled(['bad', 'good'].map((name) => client.put(declaration(name), `/OutBox/${name}.xml`)))
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
  })

  test('noise on the wire, before and after login, ends its own connection and nothing else', async () => {
    const bystander = await login('beta')
    let seed = 7
    const random = (below: number) => (seed = (seed * 1103515245 + 12345) % 2147483648) % below
    const noise = (length: number) => Buffer.from(Array.from({ length }, () => random(256)))
    for (let n = 0; n < 20; n++) {
      const socket = connectSocket(door.port, '127.0.0.1')
      socket.on('error', () => undefined)
      await new Promise((resolve) => socket.once('connect', resolve))
      if (n % 2) socket.write('SSH-2.0-noise\r\n')
      socket.write(noise(1 + random(3000)))
      socket.end()
      await new Promise((resolve) => (socket.resume(), socket.once('close', resolve)))
    }
    for (let n = 0; n < 60; n++) {
      const { sftp, client } = await raw()
      const handle = await openRaw(sftp, `/OutBox/n${n}.xml`, 'w')
      const packets = Array.from({ length: 6 }, () => {
        const body = Buffer.concat([Buffer.from([n % 3 ? 3 + random(18) : random(256)]), noise(4), random(2) ? Buffer.concat([Buffer.from([0, 0, 0, 4]), handle]) : noise(random(8)), noise(random(60))])
        const length = Buffer.alloc(4)
        length.writeUInt32BE(random(5) ? body.length : random(2 ** 31))
        return Buffer.concat([length, body])
      })
      // Below the client's own checks: raw bytes into the SFTP channel.
      const channel = sftp as unknown as { _protocol: { channelData(id: number, data: Buffer): void }; outgoing: { id: number } }
      channel._protocol.channelData(channel.outgoing.id, Buffer.concat(packets))
      await Promise.race([promised((done) => sftp.stat('/', done)).catch(() => undefined), new Promise((resolve) => setTimeout(resolve, 50))])
      client.destroy()
    }
    expect(await bystander.list('/')).toHaveLength(4)
    await bystander.put(declaration('B1'), '/OutBox/b.xml')
    expect([...hub.taken.keys()]).toContain('beta/B1')
    await until('cleaned', async () => (await leftovers()).length === 0)
    // A CLOSE among the noise may have handed in an empty or broken file of the noisy partner; it may not have been taken.
    expect([...hub.taken.keys()]).toEqual(['beta/B1'])
    hub.violations = []
  })

  test('a client that asks without reading the answers does not fill the memory', async () => {
    // One seat only: when the next client gets in, this one has been put out.
    await reopen({ idleMs: 400, maxConnections: 1 })
    const { sftp, client } = await raw()
    await writeFile(join(root, 'alpha', 'InBox', 'big.xml'), randomBytes(1_000_000))
    const handle = await openRaw(sftp, '/InBox/big.xml', 'r')
    const { _sock: socket } = client as unknown as { _sock: { pause(): void } }
    const answer = Buffer.alloc(30_000)
    const before = held()
    for (let n = 0; n < 900; n++) sftp.read(handle, answer, 0, answer.length, 0, () => undefined)
    socket.pause()
    // All 27 MB would be waiting to be read; a window and what the sockets hold is all the hub prepares. Then it hangs up.
    let most = 0
    await until('cut', async () => {
      most = Math.max(most, held())
      return login('beta').then(() => true, () => false)
    })
    client.destroy()
    expect(most - Math.min(before, held())).toBeLessThan(12_000_000)
  })
})

/** Bytes in buffers that somebody still holds. */
function held(): number {
  collectGarbage()
  return process.memoryUsage().arrayBuffers
}

describe('receipts and restarts', () => {
  test('a business receipt lands whole in InBox, also for a partner that never logged in, and again does not double it', async () => {
    const receipt = { partnerId: 'gamma', fileName: 'Receipt_rcp_1_202611230900000000000.xml', bytes: Buffer.from('<Receipt/>') }
    await Promise.all([door.deliver(receipt), door.deliver(receipt), door.deliver(receipt)])
    expect(await box('gamma', 'InBox')).toEqual([receipt.fileName])
    expect(await readFile(join(root, 'gamma', 'InBox', receipt.fileName))).toEqual(receipt.bytes)
    for (const fileName of ['../x.xml', 'a/b.xml', '', '..']) await expect(door.deliver({ ...receipt, fileName })).rejects.toThrow()
    await expect(door.deliver({ ...receipt, partnerId: '../gamma' })).rejects.toThrow()
  })

  test('after a crash, claimed files and final names in OutBox are taken, half files and temporary names are not', async () => {
    await door.close()
    // What a killed process leaves: a run folder of a pid that is no more, and a file the rename had just made final.
    const gone = await new Promise<number>((resolve) => {
      const child = spawn('true')
      child.once('exit', () => resolve(child.pid ?? 0))
    })
    const { hostname } = await import('node:os')
    const dead = join(root, '.hub', `${hostname()}~${gone}~abc`)
    await mkdir(join(dead, 'in'), { recursive: true })
    await mkdir(join(dead, 'taking', 'alpha'), { recursive: true })
    await mkdir(join(root, 'alpha', 'OutBox'), { recursive: true })
    await writeFile(join(dead, 'in', '123'), declaration('HALF').subarray(0, 20))
    await writeFile(join(dead, 'taking', 'alpha', 'abc~claimed.xml'), declaration('C1'))
    await writeFile(join(root, 'alpha', 'OutBox', 'final.xml'), declaration('F1'))
    await writeFile(join(root, 'alpha', 'OutBox', 'still.part'), declaration('P1').subarray(0, 20))
    hub.away.value = true
    door = await startSftpDoor(parts())
    await until('tried', () => hub.offered.length >= 4)
    hub.away.value = false
    await until('taken', async () => (await box('alpha', 'SentBox')).length === 2)
    expect(await box('alpha', 'SentBox')).toEqual(['claimed.xml', 'final.xml'])
    expect([...hub.taken.keys()].sort()).toEqual(['alpha/C1', 'alpha/F1'])
    expect(await box('alpha', 'OutBox')).toEqual(['still.part'])
    expect(await leftovers()).toEqual([])
  })

  test('a run that is alive is left alone by the next one', async () => {
    const { sftp } = await raw()
    const handle = await openRaw(sftp, '/OutBox/a.xml', 'w')
    await writeRaw(sftp, handle, declaration('A1'), 0)
    const second = await startSftpDoor(parts())
    await closeRaw(sftp, handle)
    await second.close()
    expect(hub.taken.size).toBe(1)
  })

  test('closing waits for the file being taken, and its sender hears OK', async () => {
    let release = (): void => undefined
    hub.hold.until = new Promise((resolve) => (release = resolve))
    const client = await login()
    const putting = client.put(declaration('A1'), '/OutBox/a.xml')
    await until('offered', () => hub.offered.length === 1)
    const closing = door.close()
    release()
    await putting
    await closing
    expect(hub.taken.size).toBe(1)
  })

  test('when the receipt cannot be written, the sender hears failure and gets the first answer on its second try', async () => {
    const client = await login()
    const folder = join(root, 'alpha', 'InBox')
    await rm(folder, { recursive: true })
    await writeFile(folder, 'in the way')
    await expect(client.put(declaration('A1'), '/OutBox/a.xml')).rejects.toThrow()
    await rm(folder)
    await mkdir(folder)
    await chmod(folder, 0o700)
    await client.put(declaration('A1'), '/OutBox/a.xml')
    expect(hub.taken.size).toBe(1)
    expect(await box('alpha', 'InBox')).toHaveLength(1)
    expect(await box('alpha', 'SentBox')).toEqual(['a.xml'])
  })
})
