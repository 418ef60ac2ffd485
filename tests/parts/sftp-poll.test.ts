// Fetching from a partner's own server, a real OpenSSH one: only whole files, each once, whatever breaks in between.
// (promises 1, 4, 7 and 10.)
import { appendFile, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { PollLimits } from '../../adapters/channels/sftp-poll/limits.js'
import { usualTemporaryEndings } from '../../adapters/temporary-names.js'
import { startSftpPoll, type SftpPoll } from '../../adapters/channels/sftp-poll/poll.js'
import type { Box } from '../../adapters/channels/boxes.js'
import type { PartnerSettings } from '../../messages/partner.js'
import {
  declaration,
  quiet,
  renderReceipt,
  strictAccept,
  wrong,
  type StrictAccept,
} from './file-doors/strict-accept.js'
import { sshServer, type OpenSsh } from '../support/openssh.js'
import { until } from '../support/until.js'
import { memory } from '../support/memory.js'

let server: string
let sshd: OpenSsh
let home: string
let hub: StrictAccept
let polls: SftpPoll[]
let warnings: string[]
const onWarning = (warning: Error) => void warnings.push(warning.message)

beforeAll(async () => {
  server = await mkdtemp(join(tmpdir(), 'sftp-poll-server-'))
  sshd = await sshServer(server)
  await sshd.start()
})
afterAll(async () => {
  await sshd.stop()
  await rm(server, { recursive: true, force: true })
})

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'sftp-poll-'))
  for (const name of ['OutBox', 'SentBox', 'InBox', 'FailBox']) await mkdir(join(home, name))
  hub = strictAccept('sftp-poll')
  polls = []
  warnings = []
  process.on('warning', onWarning)
})
afterEach(async () => {
  await Promise.all(polls.map((poll) => poll.close()))
  await rm(home, { recursive: true, force: true })
  process.off('warning', onWarning)
  expect(hub.violations).toEqual([])
  expect(warnings).toEqual([])
})

/** Polls only when told to (the schedule is an hour), with waits short enough for a test. */
function poller(
  limits: Partial<PollLimits> = {},
  settings: Partial<NonNullable<PartnerSettings['poll']>> = {},
): SftpPoll {
  const poll = startSftpPoll({
    memory,
    partner: {
      partnerId: 'alpha',
      settings: {
        rights: ['*'],
        receipts: 'hub',
        defaults: {},
        poll: {
          host: '127.0.0.1',
          port: sshd.port,
          username: userInfo().username,
          keyFile: join(server, 'client'),
          hostKey: sshd.hostKey,
          directory: home,
          everySeconds: 3_600,
          ...settings,
        },
      },
    },
    accept: (inbound) => hub.accept(inbound),
    renderReceipt,
    limits: {
      maxBytes: 100_000,
      temporaryEndings: usualTemporaryEndings,
      settleMs: 0,
      claimMs: 600_000,
      retryMs: 1,
      connectMs: 30_000,
      callMs: 30_000,
      transferMs: 30_000,
      ...limits,
    },
    log: quiet,
    secret: () => undefined,
    readKey: (file) => readFile(file),
  })
  polls.push(poll)
  return poll
}
const drop = (name: string, bytes: Buffer) => writeFile(join(home, 'OutBox', name), bytes)
const box = (name: Box) => readdir(join(home, name)).then((names) => names.sort())
/** Looks until nothing is left that a look would take. */
async function looks(poll: SftpPoll, times = 3): Promise<number> {
  let done = 0
  for (let n = 0; n < times; n++) done += await poll.pollNow()
  return done
}

describe("a file in the partner's OutBox", () => {
  test('is fetched once it has settled: the file goes to SentBox, its receipt to InBox', async () => {
    const bytes = declaration('A1', 60_000)
    await drop('报关单.xml', bytes)
    expect(await looks(poller())).toBe(1)
    expect(hub.offered.map(({ partnerId, filename, bytes: b }) => [partnerId, filename, b.equals(bytes)])).toEqual([
      ['alpha', '报关单.xml', true],
    ])
    expect(await box('OutBox')).toEqual([])
    expect(await readFile(join(home, 'SentBox', '报关单.xml'))).toEqual(bytes)
    const [receipt = ''] = await box('InBox')
    expect(receipt).toMatch(/^Successed_报关单_\d{21}\.xml$/)
    expect((await readFile(join(home, 'InBox', receipt))).toString()).toContain('<status>accepted</status>')
  })

  test('that is refused goes to FailBox with its receipt, and so do an empty and a large one', async () => {
    await drop('w.xml', wrong('W1'))
    await drop('empty.xml', Buffer.alloc(0))
    await drop('large.xml', declaration('L1', 100_001))
    expect(await looks(poller())).toBe(3)
    expect(await box('FailBox')).toEqual([
      'empty.xml',
      'empty.xml.receipt.xml',
      'large.xml',
      'large.xml.receipt.xml',
      'w.xml',
      'w.xml.receipt.xml',
    ])
    const receipts = await Promise.all(
      (await box('InBox')).map(async (name) => (await readFile(join(home, 'InBox', name))).toString()),
    )
    expect(receipts.join().match(/HUB_[A-Z_]+/g)).toEqual(['HUB_EMPTY', 'HUB_TOO_LARGE', 'HUB_SCHEMA_VIOLATION'])
    expect(hub.offered.map(({ filename }) => filename).sort()).toEqual(['empty.xml', 'w.xml'])
  })

  test('is left alone while it grows or changes, by our own clock, whatever the time on it says', async () => {
    const bytes = declaration('A1', 30_000)
    const poll = poller({ settleMs: 40 })
    await drop('x.xml', bytes.subarray(0, 100))
    let at = 100
    for (const end = Date.now() + 200; Date.now() < end; at += 100) {
      await poll.pollNow()
      await appendFile(join(home, 'OutBox', 'x.xml'), bytes.subarray(at, at + 100))
    }
    await appendFile(join(home, 'OutBox', 'x.xml'), bytes.subarray(at))
    // A clock far ahead or behind on the other side changes nothing.
    await utimes(join(home, 'OutBox', 'x.xml'), new Date('2099-01-01'), new Date('2099-01-01'))
    expect(hub.offered).toEqual([])
    expect(await poll.pollNow()).toBe(0)
    await until('settled', async () => (await poll.pollNow()) === 1)
    expect(hub.offered.map(({ bytes: b }) => b.equals(bytes))).toEqual([true])
  })

  test('under a temporary name waits; folders and links are left alone', async () => {
    for (const name of ['a.tmp', 'b.part', 'c.xml.filepart', '.d.xml']) await drop(name, declaration('A1'))
    await mkdir(join(home, 'OutBox', 'folder.xml'))
    await symlink('/etc/hostname', join(home, 'OutBox', 'link.xml'))
    // Nor are those that a desktop leaves there.
    for (const name of ['.DS_Store', '._a.xml', 'Thumbs.db', 'desktop.ini']) await drop(name, Buffer.from('x'))
    expect(await looks(poller())).toBe(0)
    expect(hub.offered).toEqual([])
    expect(await box('OutBox')).toHaveLength(10)
  })

  test.each([
    ['is longer than 200 bytes', `${'长'.repeat(70)}.xml`, `${'长'.repeat(33)}…`],
    ['has a backslash', 'back\\slash.xml', 'back_slash.xml'],
    ['has a line end', 'line\nend.xml', 'line_end.xml'],
  ])('whose name %s is refused once, and lies in FailBox', async (_, name, readable) => {
    await drop(name, declaration('A1'))
    await drop('x.xml', declaration('A2'))
    const poll = poller()
    expect(await looks(poll)).toBe(2)
    await poll.close()
    expect(await looks(poller())).toBe(0)
    expect(hub.offered.map(({ filename }) => filename)).toEqual(['x.xml'])
    expect(await box('OutBox')).toEqual([])
    expect((await box('FailBox')).sort()).toEqual([name, `${readable}.receipt.xml`].sort())
    expect(await readFile(join(home, 'FailBox', name))).toEqual(declaration('A1'))
    const told = (await box('InBox')).filter((file) => file.startsWith('Failed_'))
    expect(told).toHaveLength(1)
    const receipt = (await readFile(join(home, 'InBox', told[0]!))).toString()
    expect(receipt).toContain('HUB_FILE_NAME')
    expect(receipt).toContain(readable)
  })

  test('whose name is in another encoding is refused once, and stays where it is', async () => {
    const name = Buffer.concat([
      Buffer.from(`${join(home, 'OutBox')}/`),
      Buffer.from([0xb1, 0xa8]),
      Buffer.from('.xml'),
    ])
    await writeFile(name, declaration('A1'))
    expect(await looks(poller())).toBe(1)
    expect(hub.offered).toEqual([])
    expect(await box('OutBox')).toHaveLength(1)
    expect((await box('InBox')).filter((file) => file.startsWith('Failed_'))).toHaveLength(1)
  })

  test('under a name that ends as the operator says of unfinished ones waits for its rename', async () => {
    await drop('a.xml.inarbeit', declaration('A1'))
    await drop('b.xml', declaration('B1'))
    const poll = poller({ temporaryEndings: ['.inarbeit'] })
    expect(await looks(poll)).toBe(1)
    expect(await box('OutBox')).toEqual(['a.xml.inarbeit'])
    await rename(join(home, 'OutBox', 'a.xml.inarbeit'), join(home, 'OutBox', 'a.xml'))
    expect(await looks(poll)).toBe(1)
    expect(await box('SentBox')).toEqual(['a.xml', 'b.xml'])
  })

  test('replaces one of the same name in SentBox: what was sent last is what is seen there', async () => {
    await writeFile(join(home, 'SentBox', 'x.xml'), 'old')
    await drop('x.xml', declaration('A1'))
    expect(await looks(poller())).toBe(1)
    expect(await readFile(join(home, 'SentBox', 'x.xml'))).toEqual(declaration('A1'))
  })

  test('waits under its claim while the hub cannot record, and is taken once afterwards', async () => {
    const poll = poller()
    await drop('x.xml', declaration('A1'))
    hub.away.value = true
    await looks(poll)
    expect(hub.offered.length).toBeGreaterThan(0)
    expect([await box('SentBox'), await box('FailBox'), await box('InBox')]).toEqual([[], [], []])
    hub.away.value = false
    await until('taken', async () => (await poll.pollNow()) === 1)
    expect(await box('SentBox')).toEqual(['x.xml'])
    expect(hub.taken.size).toBe(1)
  })

  test('that makes the hub stumble blocks none of the others', async () => {
    const accept = hub.accept
    hub.accept = (inbound) =>
      inbound.filename === 'a-poison.xml' ? Promise.reject(new TypeError('a bug')) : accept(inbound)
    for (const name of ['a-poison.xml', 'b.xml', 'c.xml']) await drop(name, declaration(name))
    expect(await looks(poller())).toBe(2)
    expect(await box('SentBox')).toEqual(['b.xml', 'c.xml'])
    expect(await box('OutBox')).toEqual([expect.stringMatching(/^\.claimed-.*~a-poison\.xml$/)])
  })

  test('among many is found: a round looks at so many and the next ones at the rest', async () => {
    for (let n = 0; n < 60; n++) await drop(`f${n}.xml`, declaration(`F${n}`))
    const poll = poller({ maxFiles: 25 })
    const rounds: number[] = []
    while (rounds.length < 10 && (await box('OutBox')).length > 0) rounds.push(await poll.pollNow())
    expect(hub.taken.size).toBe(60)
    expect(Math.max(...rounds)).toBeLessThanOrEqual(25)
  })

  test('seen by two hubs is taken by one of them', async () => {
    for (let n = 0; n < 20; n++) await drop(`f${n}.xml`, declaration(`F${n}`))
    const [a, b] = [poller(), poller()]
    await Promise.all([looks(a, 4), looks(b, 4)])
    expect(await box('SentBox')).toHaveLength(20)
    expect(hub.offered).toHaveLength(20)
    expect(await box('InBox')).toHaveLength(20)
  })

  test('that a dead run had claimed is taken again, and the ledger gives the first answer', async () => {
    await hub.accept({ partnerId: 'alpha', channel: 'sftp-poll', bytes: declaration('A1'), filename: 'x.xml' })
    await drop('.claimed-0123456789ab-00000000~x.xml', declaration('A1'))
    await drop('.claimed-0123456789ab-00000001~half.xml', declaration('A2'))
    const patient = poller({ claimMs: 600_000 })
    expect(await looks(patient)).toBe(0)
    expect(await looks(poller({ claimMs: 0 }))).toBe(2)
    expect([...hub.taken.keys()].sort()).toEqual(['alpha/A1', 'alpha/A2'])
    expect(await box('SentBox')).toEqual(['half.xml', 'x.xml'])
    expect(await box('OutBox')).toEqual([])
  })
})

describe('the way back', () => {
  test('a business receipt is put into InBox whole, and again does not double it', async () => {
    const poll = poller()
    await Promise.all([1, 2, 3].map(() => poll.deliver('Receipt_rcp_1_1.xml', Buffer.from('<Receipt/>'))))
    expect(await box('InBox')).toEqual(['Receipt_rcp_1_1.xml'])
    expect((await readFile(join(home, 'InBox', 'Receipt_rcp_1_1.xml'))).toString()).toBe('<Receipt/>')
    await expect(poll.deliver('../OutBox/x.xml', Buffer.from('x'))).rejects.toThrow(/plain/)
  })

  test('boxes that are missing are made', async () => {
    for (const name of ['OutBox', 'SentBox', 'InBox', 'FailBox']) await rm(join(home, name), { recursive: true })
    await poller().deliver('r.xml', Buffer.from('r'))
    expect((await readdir(home)).sort()).toEqual(['FailBox', 'InBox', 'OutBox', 'SentBox'])
  })
})

/** Stands between hub and server; can fall silent without closing, as a dead peer does. */
async function proxy(): Promise<{
  port: number
  silent: { value: boolean }
  cutAfter: { bytes: number }
  opened: () => number
  close: () => Promise<void>
}> {
  const sockets = new Set<Socket>()
  const silent = { value: false }
  const cutAfter = { bytes: Infinity }
  let opened = 0
  const relay: Server = createServer((inside) => {
    opened += 1
    const outside = connect(sshd.port, '127.0.0.1')
    let passed = 0
    for (const [from, to] of [
      [inside, outside],
      [outside, inside],
    ] as const) {
      sockets.add(from)
      from.on('data', (data) => {
        passed += data.length
        if (passed > cutAfter.bytes) return void (inside.destroy(), outside.destroy())
        if (!silent.value) to.write(data)
      })
      from.on('error', () => undefined).on('close', () => (sockets.delete(from), to.destroy()))
    }
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => relay.once('listening', resolve))
  return {
    port: (relay.address() as AddressInfo).port,
    silent,
    cutAfter,
    opened: () => opened,
    close: () =>
      new Promise((resolve) => (sockets.forEach((socket) => socket.destroy()), relay.close(() => resolve()))),
  }
}

describe('when the connection fails', () => {
  test('a server with another host key is not the partner’s: nothing is fetched, both keys logged', async () => {
    await drop('x.xml', declaration('A1'))
    await expect(
      poller({}, { hostKey: 'SHA256:0000000000000000000000000000000000000000000' }).pollNow(),
    ).rejects.toThrow(new RegExp(`${sshd.hostKey.replace(/[+/]/g, '\\$&')}.*not the pinned SHA256:0000`))
    expect(await box('OutBox')).toEqual(['x.xml'])
  })

  test('a peer that falls silent costs a deadline, not a hung channel; afterwards all goes on', async () => {
    const between = await proxy()
    const poll = poller({ callMs: 3_000, connectMs: 30_000 }, { port: between.port })
    expect(await poll.pollNow()).toBe(0)
    await drop('x.xml', declaration('A1'))
    between.silent.value = true
    await expect(poll.pollNow()).rejects.toThrow(/no answer within 3000 ms/)
    await expect(poll.deliver('r.xml', Buffer.from('r'))).rejects.toThrow()
    between.silent.value = false
    await until('fetched', async () => (await poll.pollNow().catch(() => 0)) === 1)
    await poll.deliver('r.xml', Buffer.from('r'))
    await poll.close()
    await between.close()
    expect(hub.taken.size).toBe(1)
  })

  test('a connection cut at any point loses no file and doubles no message', async () => {
    const between = await proxy()
    for (let n = 0; n < 12; n++) await drop(`f${n}.xml`, declaration(`F${n}`, 20_000))
    const poll = poller({}, { port: between.port })
    for (let cut = 8_000; cut < 150_000; cut += 8_000) {
      between.cutAfter.bytes = cut
      await poll.pollNow().catch(() => 0)
    }
    between.cutAfter.bytes = Infinity
    await until('all fetched', async () => (await poll.pollNow().catch(() => -1), (await box('OutBox')).length === 0))
    await poll.close()
    await between.close()
    expect(await box('SentBox')).toHaveLength(12)
    expect(hub.taken.size).toBe(12)
    // No file was offered to the ledger again once it had an answer: this run remembers.
    expect(hub.offered).toHaveLength(12)
  })

  test('a server that is down is tried again, less and less often, and found when it is back', async () => {
    await sshd.stop()
    await drop('x.xml', declaration('A1'))
    const poll = poller({}, { everySeconds: 1 })
    await expect(poll.pollNow()).rejects.toThrow()
    await sshd.start()
    await until('fetched by the schedule', async () => (await box('SentBox')).length === 1, 20_000)
    expect(hub.taken.size).toBe(1)
  })

  test('fifty rounds use one connection and leave no listeners behind', async () => {
    const between = await proxy()
    const poll = poller({}, { port: between.port })
    for (let n = 0; n < 50; n++) {
      if (n % 10 === 0) await drop(`f${n}.xml`, declaration(`F${n}`))
      await poll.pollNow()
      await poll.deliver(`r${n}.xml`, Buffer.from('r'))
    }
    expect(between.opened()).toBe(1)
    expect(hub.taken.size).toBe(5)
    await poll.close()
    await between.close()
  })
})
