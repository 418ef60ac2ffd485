// Uploads as they really come: under temporary names, broken off, begun again, written in pieces. Only a whole file is
// taken, and once. (promises 1 and 8.)
import { spawn } from 'node:child_process'
import { open, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { syncFolder } from '../../adapters/channels/sftp/mailbox.js'
import { tempDir } from '../support/temp.js'
import ssh2, { type SFTPWrapper } from 'ssh2'
import { describe, expect, test, vi } from 'vitest'
import {
  box,
  closeRaw,
  door,
  file,
  held,
  home,
  hub,
  inBox,
  leftovers,
  login,
  openRaw,
  openssh,
  promised,
  raw,
  reopen,
  root,
  writeRaw,
} from './file-doors/sftp-fixture.js'
import { declaration } from './file-doors/strict-accept.js'
import { until } from '../support/until.js'

describe('clients that write under a temporary name', () => {
  test.each(['x.xml.filepart', 'x.xml.part', 'x.xml.tmp', 'x.xml.TMP', 'x.xml.writing', '.in.x.xml'])(
    '%s waits until it is renamed, then it is taken',
    async (temporary) => {
      const client = await login()
      await client.put(declaration('A1', 50_000), `/OutBox/${temporary}`)
      expect(hub.offered).toEqual([])
      expect((await client.list('/OutBox')).map(({ name }) => name)).toEqual([temporary])
      await client.rename(`/OutBox/${temporary}`, '/OutBox/x.xml')
      expect(hub.offered.map(({ filename }) => filename)).toEqual(['x.xml'])
      expect(await box('alpha', 'OutBox')).toEqual([])
      expect(await box('alpha', 'SentBox')).toEqual(['x.xml'])
    },
  )

  test('WinSCP: .filepart, rename, then set the time of the taken file', async () => {
    const { sftp } = await raw()
    const bytes = declaration('A1', 300_000)
    const handle = await openRaw(sftp, '/OutBox/x.xml.filepart', 'w')
    await Promise.all(
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) =>
        writeRaw(sftp, handle, bytes.subarray(n * 32_000, (n + 1) * 32_000), n * 32_000),
      ),
    )
    await closeRaw(sftp, handle)
    await promised((done) => sftp.rename('/OutBox/x.xml.filepart', '/OutBox/x.xml', (error) => done(error, undefined)))
    await promised((done) =>
      sftp.setstat('/OutBox/x.xml', { atime: 1_700_000_000, mtime: 1_700_000_000, mode: 0o644 }, (error) =>
        done(error, undefined),
      ),
    )
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
    expect(await openssh('alpha', ['cd OutBox', `reput ${local} x.part`, 'rename x.part x.xml'])).toMatchObject({
      code: 0,
    })
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
    const child = spawn('sftp', [
      '-q',
      '-l',
      '2000',
      '-b',
      '-',
      '-P',
      String(door.port),
      '-i',
      join(home, 'alpha'),
      '-o',
      'StrictHostKeyChecking=no',
      '-o',
      'UserKnownHostsFile=/dev/null',
      '-o',
      'IdentitiesOnly=yes',
      '-F',
      '/dev/null',
      'alpha@127.0.0.1',
    ])
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
    const starts = Array.from({ length: Math.ceil(bytes.length / 10_000) }, (_, n) => n * 10_000).sort(
      (a, b) => ((a * 7919) % 104729) - ((b * 7919) % 104729),
    )
    await Promise.all(starts.map((at) => writeRaw(sftp, handle, bytes.subarray(at, at + 10_000), at)))
    await closeRaw(sftp, handle)
    expect(hub.offered.map(({ bytes: b }) => b.equals(bytes))).toEqual([true])
  })

  test('an upload that never ends is broken off and its space given back', async () => {
    await reopen({ uploadMs: 4_000 })
    const { sftp } = await raw()
    const handle = await openRaw(sftp, '/OutBox/x.xml', 'w')
    await writeRaw(sftp, handle, declaration('A1'), 0)
    await until('given back', async () => (await leftovers()).length === 0)
    await expect(writeRaw(sftp, handle, Buffer.from('x'), 5000)).rejects.toThrow(/took too long/)
    await expect(closeRaw(sftp, handle)).rejects.toThrow(/took too long/)
    expect(hub.offered).toEqual([])
  })

  test('a silent connection is ended, and what it had open is deleted', async () => {
    await reopen({ idleMs: 4_000 })
    const { sftp, client } = await raw()
    let gone = false
    client.once('close', () => (gone = true))
    await openRaw(sftp, '/OutBox/x.xml', 'w')
    await until('ended', async () => gone && (await leftovers()).length === 0)
    expect(hub.offered).toEqual([])
  })

  test('a file of 60 MB is refused while it is written, with memory flat and the partial file deleted', async () => {
    await reopen({ maxBytes: 25_000_000 })
    const local = await open(join(home, 'huge.xml'), 'w')
    await local.truncate(60_000_000)
    await local.close()
    // The partial file is held on disk, not in the hub; buffers of writes under way are all that may be in memory.
    let most = 0
    const before = held()
    // To look costs a collection: looking again at once would be most of the work.
    let next: NodeJS.Timeout | undefined
    const look = () => {
      const begun = performance.now()
      most = Math.max(most, held())
      next = setTimeout(look, Math.max(40, 4 * (performance.now() - begun)))
    }
    look()
    const run = await openssh('alpha', [`put ${join(home, 'huge.xml')} OutBox/huge.xml`])
    clearTimeout(next)
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
    const full = vi
      .spyOn(prototype, 'write')
      .mockRejectedValue(Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' }))
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

test('renames during a flush share the next flush; where the box is gone, all hear it', async () => {
  const folder = await tempDir('flush')
  const [first, second, third] = [syncFolder(folder), syncFolder(folder), syncFolder(folder)]
  expect(second).not.toBe(first)
  expect(third).toBe(second)
  await third
  const gone = join(folder, 'gone')
  const told = await Promise.allSettled([syncFolder(gone), syncFolder(gone), syncFolder(gone)])
  expect(told.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
  await syncFolder(folder)
})
