// The SFTP door with the clients partners use: a file is taken whole, once, and answered for; nothing one partner does
// reaches another. (promises 1, 8, 9 and 10.)
import { spawn } from 'node:child_process'
import { chmod, mkdir, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { basename, join } from 'node:path'
import { type SFTPWrapper } from 'ssh2'
import { describe, expect, test } from 'vitest'
import { startSftpDoor } from '../../adapters/channels/sftp/door.js'
import {
  box,
  closeRaw,
  door,
  file,
  hub,
  inBox,
  leftovers,
  login,
  openDoor,
  openRaw,
  openssh,
  parts,
  promised,
  raw,
  reopen,
  root,
  text,
  writeRaw,
} from './file-doors/sftp-fixture.js'
import { batch, declaration, wrong } from './file-doors/strict-accept.js'
import { until } from '../support/until.js'

describe('a partner sends a file', () => {
  test('with OpenSSH: the declaration is in SentBox, its receipt in InBox, and OutBox is empty', async () => {
    const bytes = declaration('A1', 100_000)
    const local = await file('报关单 1.xml', bytes)
    const run = await openssh('alpha', [
      'pwd',
      'ls -la',
      'cd OutBox',
      `put -p "${local}"`,
      'ls -l',
      'cd ../SentBox',
      'ls -1',
      'cd ..',
      'ls -1 InBox',
    ])
    expect(run).toMatchObject({ code: 0 })
    expect(run.out).toContain('Remote working directory: /')
    expect(run.out).toContain('报关单 1.xml')
    expect(hub.offered.map(({ partnerId, filename, bytes: b }) => [partnerId, filename, b.equals(bytes)])).toEqual([
      ['alpha', '报关单 1.xml', true],
    ])
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
    expect(((await client.get(path)) as Buffer).length).toBe(receipt?.size)
    await client.delete(path)
    expect(await client.list('/InBox')).toEqual([])
    expect((await client.list('/')).map(({ name, type }) => type + name).sort()).toEqual([
      'dFailBox',
      'dInBox',
      'dOutBox',
      'dSentBox',
    ])
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
    expect((await readFile(join(root, 'alpha', 'FailBox', 'w.xml.receipt.xml'))).toString()).toContain(
      'HUB_SCHEMA_VIOLATION',
    )
    expect((await inBox()).map(([name]) => name)).toEqual([expect.stringMatching(/^Failed_w_\d{21}\.xml$/)])
    expect(await box('alpha', 'SentBox')).toEqual([])
  })

  test('refused, or sent again, without end: only so much of it a day is kept, and each has its receipt', async () => {
    await reopen({ maxCopiesPerDay: 40_000 })
    const client = await login()
    const broken = Buffer.concat([wrong('W1'), Buffer.alloc(20_000, ' ')])
    for (let n = 0; n < 4; n++) await client.put(broken, `/OutBox/w${n}.xml`)
    expect(await box('alpha', 'FailBox')).toEqual(['w0.xml', 'w0.xml.receipt.xml'])
    for (let n = 0; n < 4; n++) await client.put(declaration('A1', 20_000), `/OutBox/a${n}.xml`)
    // What is new is always kept.
    await client.put(declaration('A2', 20_000), '/OutBox/new.xml')
    expect(await box('alpha', 'SentBox')).toEqual(['a0.xml', 'new.xml'])
    expect(await inBox()).toHaveLength(9)
    await (await login('beta')).put(broken, '/OutBox/w.xml')
    expect(await box('beta', 'FailBox')).toEqual(['w.xml', 'w.xml.receipt.xml'])
  })

  test('refused day and night: a full InBox takes no more until receipts are deleted, and none is lost', async () => {
    const full = async () => {
      const client = await login()
      await expect(client.put(wrong('W9'), '/OutBox/more.xml')).rejects.toThrow('InBox is full')
      await expect(client.put(declaration('A9', 100), '/OutBox/good.xml')).rejects.toThrow('InBox is full')
    }
    await reopen({ maxUnread: 3 })
    const client = await login()
    for (let n = 0; n < 3; n++) await client.put(wrong('W1'), `/OutBox/w${n}.xml`)
    await full()
    expect((await inBox()).map(([name]) => name)).toEqual(Array(3).fill(expect.stringMatching(/^Failed_w\d_/)))
    await (await login('beta')).put(declaration('B1', 100), '/OutBox/b.xml')
    // Started again, it knows what lies there.
    await reopen({ maxUnread: 3 })
    await full()
    const [first] = await inBox()
    const again = await login()
    await again.delete(`/InBox/${first![0]}`)
    await until('it to be taken', () =>
      again.put(declaration('A9', 100), '/OutBox/good.xml').then(
        () => true,
        () => false,
      ),
    )
    expect(await box('alpha', 'SentBox')).toEqual(['good.xml'])
  })

  test('that is empty: it is refused like any other, not forgotten', async () => {
    expect(await openssh('alpha', [`put ${await file('empty.xml', Buffer.alloc(0))} OutBox/`])).toMatchObject({
      code: 0,
    })
    expect(await box('alpha', 'FailBox')).toEqual(['empty.xml', 'empty.xml.receipt.xml'])
    expect((await inBox()).map(([, text]) => text).join()).toContain('HUB_EMPTY')
  })

  test('with several messages: one file of receipts, and one refusal puts the file into FailBox', async () => {
    const client = await login()
    await client.put(batch('B1', 'B2'), '/OutBox/good.xml')
    await client.put(Buffer.concat([batch('B3'), Buffer.from('\n'), wrong('B4')]), '/OutBox/mixed.xml')
    expect(await box('alpha', 'SentBox')).toEqual(['good.xml'])
    expect(await box('alpha', 'FailBox')).toEqual(['mixed.xml', 'mixed.xml.receipt.xml'])
    const [failed, good] = await inBox()
    expect(good?.[1]).toMatch(
      /^<\?xml[^>]*\?>\n<Receipts xmlns="urn:singlewindow:receipt:1">\n<Receipt [^]*B1[^]*<Receipt [^]*B2[^]*<\/Receipts>\n$/,
    )
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
    expect([await box('alpha', 'SentBox'), await box('alpha', 'FailBox'), await box('alpha', 'InBox')]).toEqual([
      [],
      [],
      [],
    ])
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
    '/../beta/SentBox/b.xml',
    '/InBox/../../beta/SentBox/b.xml',
    '../beta/SentBox/b.xml',
    '/beta/SentBox/b.xml',
    '/SentBox/../../.hub',
    '/.hub',
    '/SentBox//..//..//beta',
    '/SentBox/..\\..\\beta\\SentBox\\b.xml',
    '/SentBox/b.xml\0',
    '/etc/passwd',
    '/SentBox/link',
    '/SentBox/linkdir/b.xml',
    '/outbox',
    `/SentBox/${'x'.repeat(300)}`,
    '/SentBox/\u2025/b.xml',
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

  test('nothing is written, made or moved outside OutBox, and no folders or links are made', async () => {
    const client = await login()
    await client.put(wrong('W1'), '/OutBox/w.xml')
    const { sftp } = client as unknown as { sftp: SFTPWrapper }
    for (const path of ['/InBox/x.xml', '/SentBox/x.xml', '/FailBox/w.xml', '/x.xml'])
      await expect(client.put(declaration('X1'), path)).rejects.toThrow()
    await expect(client.rename('/FailBox/w.xml', '/OutBox/w.xml')).rejects.toThrow()
    await expect(client.rename('/FailBox/w.xml', '/FailBox/v.xml')).rejects.toThrow()
    await expect(promised<void>((done) => sftp.mkdir('/OutBox/d', (error) => done(error, undefined)))).rejects.toThrow()
    await expect(promised<void>((done) => sftp.rmdir('/InBox', (error) => done(error, undefined)))).rejects.toThrow()
    await expect(
      promised<void>((done) => sftp.symlink('/etc/passwd', '/OutBox/l.part', (error) => done(error, undefined))),
    ).rejects.toThrow()
    expect(hub.offered).toHaveLength(1)
    expect((await client.list('/FailBox')).map(({ name }) => name).sort()).toEqual(['w.xml', 'w.xml.receipt.xml'])
  })
})

describe('receipts and restarts', () => {
  test('a business receipt lands whole in InBox, once, also where the partner never logged in', async () => {
    const receipt = {
      partnerId: 'gamma',
      fileName: 'Receipt_rcp_1_202611230900000000000.xml',
      bytes: Buffer.from('<Receipt/>'),
    }
    await Promise.all([door.deliver(receipt), door.deliver(receipt), door.deliver(receipt)])
    expect(await box('gamma', 'InBox')).toEqual([receipt.fileName])
    expect(await readFile(join(root, 'gamma', 'InBox', receipt.fileName))).toEqual(receipt.bytes)
    for (const fileName of ['../x.xml', 'a/b.xml', '', '..'])
      await expect(door.deliver({ ...receipt, fileName })).rejects.toThrow()
    await expect(door.deliver({ ...receipt, partnerId: '../gamma' })).rejects.toThrow()
  })

  test('after a crash claimed and finished files are taken, half files and temporary names not', async () => {
    await door.close()
    // What a killed process leaves: a run folder of a pid that is no more, and a file the rename had just made final.
    const gone = await new Promise<number>((resolve) => {
      const child = spawn('true')
      child.once('exit', () => resolve(child.pid ?? 0))
    })
    const dead = join(root, '.hub', `${hostname()}~${gone}~abc`)
    await mkdir(join(dead, 'in'), { recursive: true })
    await mkdir(join(dead, 'taking', 'alpha'), { recursive: true })
    await mkdir(join(root, 'alpha', 'OutBox'), { recursive: true })
    await writeFile(join(dead, 'in', '123'), declaration('HALF').subarray(0, 20))
    await writeFile(join(dead, 'taking', 'alpha', 'abc~claimed.xml'), declaration('C1'))
    await writeFile(join(root, 'alpha', 'OutBox', 'final.xml'), declaration('F1'))
    await writeFile(join(root, 'alpha', 'OutBox', 'still.part'), declaration('P1').subarray(0, 20))
    hub.away.value = true
    await openDoor()
    await until('tried', () => hub.offered.length >= 4)
    hub.away.value = false
    await until('taken', async () => (await box('alpha', 'SentBox')).length === 2)
    expect(await box('alpha', 'SentBox')).toEqual(['claimed.xml', 'final.xml'])
    expect([...hub.taken.keys()].sort()).toEqual(['alpha/C1', 'alpha/F1'])
    expect(await box('alpha', 'OutBox')).toEqual(['still.part'])
    expect(await leftovers()).toEqual([])
  })

  /** What another hub leaves on a shared volume: a file it had claimed, and half a file. */
  async function otherHub(host: string, pid: number): Promise<{ run: string; beat: () => Promise<void> }> {
    const run = join(root, '.hub', `${host}~${pid}~abc`)
    await mkdir(join(run, 'in'), { recursive: true })
    await mkdir(join(run, 'taking', 'alpha'), { recursive: true })
    await writeFile(join(run, 'alive'), '')
    let seconds = 1_700_000_000
    return { run, beat: () => utimes(join(run, 'alive'), (seconds += 1), seconds) }
  }

  test.each([
    ['on another machine', 'another-host', 1],
    ['whose process number another program has now', hostname(), process.ppid],
  ])('what a hub %s had claimed is taken while this one runs, once that hub is silent', async (_, host, pid) => {
    await reopen({ lookMs: 20, silenceMs: 2_000 })
    const { run, beat } = await otherHub(host, pid)
    await writeFile(join(run, 'in', '123'), declaration('HALF').subarray(0, 20))
    await writeFile(join(run, 'taking', 'alpha', 'abc~claimed.xml'), declaration('C1'))
    // However long it lives, its file is its own business.
    for (const begun = performance.now(); performance.now() - begun < 2_500;) {
      await beat()
      expect(hub.offered).toEqual([])
      await new Promise((wake) => setTimeout(wake, 20))
    }
    await until('taken', async () => (await box('alpha', 'SentBox')).length === 1)
    expect(hub.offered.map(({ filename }) => filename)).toEqual(['claimed.xml'])
    await until('its folder is gone', async () => !(await readdir(join(root, '.hub'))).includes(basename(run)))
  })

  test('a hub that was taken for dead while it stood still goes on taking files', async () => {
    await reopen({ lookMs: 20 })
    const client = await login()
    for (const run of await readdir(join(root, '.hub'))) await rm(join(root, '.hub', run), { recursive: true })
    await until('its folder is there again', async () => (await readdir(join(root, '.hub'))).length === 1)
    await until('its file is taken', async () => (await client.put(declaration('A1'), '/OutBox/a.xml')) !== '')
    expect(await box('alpha', 'SentBox')).toEqual(['a.xml'])
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

  test('when the receipt cannot be written, the second try gets the first answer', async () => {
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
