// What real clients expect of an SFTP server beyond the draft: an exit status, extensions they can see, today's
// cryptography, new keys in the middle of a transfer, and a word that helps when a file goes to the wrong place.
import { readFile, writeFile } from 'node:fs/promises'
import { connect as connectSocket } from 'node:net'
import { createHash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { run, type Finished } from '../support/process.js'
import {
  box,
  closeRaw,
  door,
  file,
  home,
  hub,
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

const trust = () => [
  ...['-i', join(home, 'alpha'), '-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null'],
  ...['-o', 'IdentitiesOnly=yes', '-o', 'BatchMode=yes', '-F', '/dev/null'],
]
const scp = (from: string[], to: string, more: string[] = []): Promise<Finished> =>
  run('scp', ['-s', '-P', String(door.port), ...trust(), ...more, ...from, to])

describe('OpenSSH', () => {
  test('scp ends with 0 after a file that was taken, one way and the other', async () => {
    const local = await file('x.xml', declaration('A1'))
    expect(await scp([local], 'alpha@127.0.0.1:OutBox/')).toMatchObject({ code: 0 })
    expect([...hub.taken.keys()]).toEqual(['alpha/A1'])
    const [receipt] = await box('alpha', 'InBox')
    expect(await scp([`alpha@127.0.0.1:InBox/${receipt}`], join(home, 'receipt.xml'))).toMatchObject({ code: 0 })
    expect((await readFile(join(home, 'receipt.xml'))).toString()).toContain('accepted')
  })

  test('scp to a place where nothing may be written ends with 1', async () => {
    const local = await file('x.xml', declaration('A1'))
    expect((await scp([local], 'alpha@127.0.0.1:InBox/')).code).toBe(1)
    expect(hub.offered).toEqual([])
  })

  test('a bare session ends with 0: ssh -s sftp', async () => {
    const one = await run('ssh', ['-p', String(door.port), ...trust(), '-s', 'alpha@127.0.0.1', 'sftp'])
    expect(one).toMatchObject({ code: 0, stdout: '' })
  })

  test.each(['up', 'down'])('new keys every megabyte on the way %s', async (way) => {
    const often = ['-v', '-o', 'RekeyLimit=1M']
    const rekeys = (out: string) => out.split('\n').filter((line) => line.includes('rekeying in progress')).length
    if (way === 'up') {
      const names = Array.from({ length: 12 }, (_, n) => `r${n}.xml`)
      for (const [n, name] of names.entries()) await file(name, declaration(`R${n}`, 1_900_000))
      const puts = names.map((name) => `put ${join(home, name)} OutBox/`)
      const { code, out } = await openssh('alpha', puts, often)
      expect([code, hub.taken.size]).toEqual([0, 12])
      expect(rekeys(out)).toBeGreaterThan(10)
    } else {
      const bytes = randomBytes(16_000_000)
      await login('alpha')
      await writeFile(join(root, 'alpha', 'InBox', 'big.bin'), bytes)
      const { code, out } = await openssh('alpha', [`get InBox/big.bin ${join(home, 'big.bin')}`], often)
      expect(code).toBe(0)
      const sum = (of: Buffer) => createHash('sha256').update(of).digest('hex')
      expect(sum(await readFile(join(home, 'big.bin')))).toBe(sum(bytes))
      expect(rekeys(out)).toBeGreaterThan(10)
    }
  })

  test('an RSA host key signs with SHA-2 only', async () => {
    await door.close()
    execFileSync('ssh-keygen', [
      '-q',
      '-t',
      'rsa',
      '-b',
      '2048',
      '-m',
      'PEM',
      '-N',
      '',
      '-f',
      join(home, 'host_key.rsa'),
    ])
    await reopen()
    const { serverHostKey } = await offered()
    expect(serverHostKey).toEqual(['ssh-ed25519', 'rsa-sha2-512', 'rsa-sha2-256'])
    for (const algorithm of serverHostKey)
      expect(await openssh('alpha', ['ls'], ['-o', `HostKeyAlgorithms=${algorithm}`])).toMatchObject({ code: 0 })
    expect((await openssh('alpha', ['ls'], ['-o', 'HostKeyAlgorithms=ssh-rsa'])).code).not.toBe(0)
  })
})

describe('what is offered before login', () => {
  test('is of today: no SHA-1, no NIST curves, no CBC, no compression', async () => {
    const { kex, serverHostKey, cipher, mac, compress } = await offered()
    expect(kex.filter((name) => !name.startsWith('kex-strict-'))).toEqual([
      'curve25519-sha256',
      'curve25519-sha256@libssh.org',
    ])
    expect(serverHostKey).toEqual(['ssh-ed25519'])
    expect(cipher.every((name) => /gcm|ctr|chacha20/.test(name))).toBe(true)
    expect(mac).toEqual(['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com'])
    expect(compress).toEqual(['none'])
  })

  test.each([
    'chacha20-poly1305@openssh.com',
    'aes128-gcm@openssh.com',
    'aes256-gcm@openssh.com',
    'aes128-ctr',
    'aes256-ctr',
  ])('OpenSSH comes in with %s', async (cipher) => {
    expect(await openssh('alpha', ['ls'], ['-c', cipher])).toMatchObject({ code: 0 })
  })
})

describe('extensions', () => {
  test('posix-rename is announced, so a client that looks first renames over a waiting file', async () => {
    const client = await login()
    await client.put(declaration('A1').subarray(0, 10), '/OutBox/x.part')
    await client.put(declaration('A2'), '/OutBox/y.part')
    // Of ssh2-sftp-client: "Server does not support this extended request" unless it was announced.
    await client.posixRename('/OutBox/y.part', '/OutBox/x.part')
    expect(await box('alpha', 'OutBox')).toEqual(['x.part'])
    await client.posixRename('/OutBox/x.part', '/OutBox/x.xml')
    expect([...hub.taken.keys()]).toEqual(['alpha/A2'])
  })

  test('fsync is announced and done', async () => {
    const { sftp } = await raw()
    const handle = await openRaw(sftp, '/OutBox/x.xml', 'w')
    await writeRaw(sftp, handle, declaration('A1'), 0)
    await promised<void>((done) => sftp.ext_openssh_fsync(handle, (error) => done(error, undefined)))
    await closeRaw(sftp, handle)
    expect([...hub.taken.keys()]).toEqual(['alpha/A1'])
    await expect(
      promised<void>((done) => sftp.ext_openssh_fsync(handle, (error) => done(error, undefined))),
    ).rejects.toThrow()
  })
})

describe('a file put in the wrong place', () => {
  test.each(['/x.xml', 'x.xml', '/Outbox/x.xml', '/OutBox/today/x.xml', '/InBox/x.xml', '/../x.xml'])(
    '%s: the answer says to put it into OutBox',
    async (path) => {
      const client = await login()
      await expect(client.put(declaration('A1'), path)).rejects.toThrow(/put it into OutBox.*OutBox/i)
      expect(hub.offered).toEqual([])
    },
  )
})

describe('a name that is still being written', () => {
  const endings = ['.partial', '.new', '.temp', '.uploading', '.crdownload', '.swp', '~', '.PARTIAL']
  test.each(endings)('x.edi%s waits for its rename', async (ending) => {
    const client = await login()
    await client.put(declaration('A1').subarray(0, 20), `/OutBox/x.edi${ending}`)
    expect([hub.offered.length, await box('alpha', 'OutBox')]).toEqual([0, [`x.edi${ending}`]])
    await client.put(declaration('A1'), `/OutBox/x.edi${ending}`)
    await client.rename(`/OutBox/x.edi${ending}`, '/OutBox/x.edi')
    expect([...hub.taken.keys()]).toEqual(['alpha/A1'])
    expect((await box('alpha', 'InBox'))[0]).toMatch(/^Successed_x_\d+\.xml$/)
  })

  test('what a desktop leaves in the folder is neither taken nor answered', async () => {
    const client = await login()
    const names = ['.DS_Store', '._x.xml', 'Thumbs.db', 'desktop.ini', 'THUMBS.DB', '~$x.xlsx']
    for (const name of names) await client.put(Buffer.from('x'), `/OutBox/${name}`)
    await client.put(declaration('A1'), '/OutBox/Thumbs.db.xml')
    expect([...hub.taken.keys()]).toEqual(['alpha/A1'])
    expect((await box('alpha', 'OutBox')).sort()).toEqual([...names].sort())
    expect([await box('alpha', 'FailBox'), (await box('alpha', 'InBox')).length]).toEqual([[], 1])
  })

  test('the endings are a setting', async () => {
    await reopen({ temporaryEndings: ['.wird'] })
    const client = await login()
    await client.put(declaration('A1').subarray(0, 20), '/OutBox/x.xml.wird')
    expect(hub.offered).toEqual([])
    await client.put(declaration('A2'), '/OutBox/y.xml.done')
    expect([...hub.taken.keys()]).toEqual(['alpha/A2'])
    // One ending of the message's own below that of the sender's is left out too.
    expect((await box('alpha', 'InBox'))[0]).toMatch(/^Successed_y_\d+\.xml$/)
  })
})

/** The server's SSH_MSG_KEXINIT (RFC 4253, 7.1), which it sends in the clear. */
async function offered() {
  const socket = connectSocket(door.port, '127.0.0.1')
  socket.write('SSH-2.0-test\r\n')
  let seen = Buffer.alloc(0)
  const packet = await new Promise<Buffer>((resolve, reject) => {
    socket.on('error', reject).on('data', (chunk: Buffer) => {
      seen = Buffer.concat([seen, chunk])
      const start = seen.indexOf('\r\n') + 2
      if (start < 2 || seen.length < start + 4) return
      const length = seen.readUInt32BE(start)
      if (seen.length >= start + 4 + length) resolve(seen.subarray(start + 4, start + 4 + length))
    })
  })
  socket.destroy()
  // padding length, message number, cookie; then ten lists of names.
  expect(packet[1]).toBe(20)
  let at = 1 + 1 + 16
  const lists = Array.from({ length: 10 }, () => {
    const length = packet.readUInt32BE(at)
    at += 4 + length
    return packet
      .toString('latin1', at - length, at)
      .split(',')
      .filter(Boolean)
  })
  const [kex, serverHostKey, cipher, , mac, , compress] = lists
  return { kex: kex!, serverHostKey: serverHostKey!, cipher: cipher!, mac: mac!, compress: compress! }
}
