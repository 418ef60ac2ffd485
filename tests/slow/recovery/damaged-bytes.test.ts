// A disk that changes what it keeps: nothing damaged is filed, shown or passed on, and somebody is told.
import { randomBytes } from 'node:crypto'
import { open, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openDatabase } from '../../../store/sqlite/database.js'
import { Database } from '../../../store/sqlite/driver.js'
import { cleanEnv, cli, sample, startHub } from '../../support/hub.js'
import { freshOrder } from '../../support/orders.js'
import { run } from '../../support/process.js'
import { tempDir } from '../../support/temp.js'
import { until } from '../../support/until.js'

test('a message damaged on disk is neither filed nor shown; its partner and the operator hear it', async () => {
  const dataDir = await tempDir('damaged')
  const first = await startHub({ dataDir })
  const answered = (await first.send(freshOrder())).receipts[0]!
  await first.receiptsOf(answered.messageId, (all) => all.some(({ stage }) => stage === 'business'))
  expect((await first.cli('agency', 'pause', 'gacc', '--why', '测试')).code).toBe(0)
  const { receipts } = await first.send(sample('ceb/CEB311Message.xml'))
  const whole = await first.send(sample('ceb/CEB411Message.xml'))
  const { messageId } = receipts[0]!
  // Of a running hub a copy is read.
  const sound = await first.cli('doctor', '--deep')
  expect(sound.stdout).toMatch(/✓ ledger, all of it: .*backups.*: \d+ pieces, .* each as it came/)
  expect(sound.stderr).toMatch(/\(100 %\)/)
  expect(await readdir(join(dataDir, 'backups'))).toEqual([])
  // Large enough to be kept as gzip, which cannot even be unpacked once it is damaged.
  const large = freshOrder()
    .toString()
    .replace(/<\/[\w:]+>\s*$/, (end) => `<!-- ${randomBytes(60_000).toString('hex')} -->${end}`)
  const packed = (await first.send(large)).receipts[0]!
  expect(packed.status).toBe('accepted')
  await first.stop()

  const db = new Database(join(dataDir, 'ledger.db'))
  const { bytes } = db.prepare('select bytes from payload where message_id = ?').get(messageId) as { bytes: Buffer }
  bytes[bytes.length - 100]! ^= 1
  db.prepare('update payload set bytes = ? where message_id = ?').run(bytes, messageId)
  const gzip = db.prepare('select bytes, packed from payload where message_id = ?').get(packed.messageId) as {
    bytes: Buffer
    packed: number
  }
  expect(gzip.packed).toBe(1)
  gzip.bytes[gzip.bytes.length >> 1]! ^= 1
  db.prepare('update payload set bytes = ? where message_id = ?').run(gzip.bytes, packed.messageId)
  // An answer that was kept when the hub died, and not read yet.
  const reply = db.prepare('select n, reply_id, bytes from reply order by n desc limit 1').get() as {
    n: number
    reply_id: string
    bytes: Buffer
  }
  reply.bytes[reply.bytes.length >> 1]! ^= 1
  db.prepare('update reply set bytes = ?, settled_at = null where n = ?').run(reply.bytes, reply.n)
  db.close()
  const deep = await first.cli('doctor', '--deep')
  expect(deep.code).toBe(2)
  expect(deep.stdout).toContain('3 damaged: ')
  expect(deep.stdout).toContain(`message ${messageId}: its bytes are not those that were kept`)
  expect(deep.stdout).toContain(`message ${packed.messageId}: it cannot be unpacked`)
  expect(deep.stdout).toContain(`answer ${reply.reply_id}: its bytes are not those that were kept`)

  const hub = await startHub({ dataDir })
  expect((await hub.cli('agency', 'resume', 'gacc', '--why', '测试')).code).toBe(0)
  const told = await hub.receiptsOf(messageId, (all) => all.some(({ status }) => status === 'failed'))
  expect(told.find(({ status }) => status === 'failed')!.code).toBe('HUB_BYTES_DAMAGED')
  const unpacked = await hub.receiptsOf(packed.messageId, (all) => all.some(({ status }) => status === 'failed'))
  expect(unpacked.find(({ status }) => status === 'failed')!.code).toBe('HUB_BYTES_DAMAGED')
  expect((await hub.cli('dead')).stdout).toMatch(/HUB_BYTES_DAMAGED[^]*HUB_BYTES_DAMAGED/)
  await until('the damaged answer to be set aside', async () =>
    (await hub.cli('orphan')).stdout.includes(`${reply.reply_id}`),
  )
  expect((await hub.cli('orphan')).stdout).toMatch(new RegExp(`${reply.reply_id} .*HUB_BYTES_DAMAGED`))
  await until('the other to be filed', async () => (await hub.state(whole.receipts[0]!.messageId)) !== 'accepted')
  const { taken } = await hub.simulator<{ taken: { documentType: string }[] }>('GET', '/taken')
  expect(taken.map(({ documentType }) => documentType)).toEqual(['CEB311Message', 'CEB411Message'])
  const shown = await hub.get(`/v1/messages/${messageId}/content`)
  expect([shown.status, ((await shown.json()) as { code: string }).code]).toEqual([500, 'HUB_BYTES_DAMAGED'])
  expect((await hub.get(`/v1/messages/${whole.receipts[0]!.messageId}/content`)).status).toBe(200)
  const damaged = async (url: string) =>
    /^hub_damaged_bytes(?:\{[^}]*\})? (\d+)/m.exec(await (await fetch(`${url}/metrics`)).text())![1]
  expect(await damaged(hub.url)).toBe('3')
  expect((await hub.log()).filter(({ msg }) => String(msg).includes('damaged')).length).toBeGreaterThan(0)
  await hub.stop()
  const later = await startHub({ dataDir })
  expect(await damaged(later.url), 'a start forgets nothing').toBe('3')
})

test('a ledger whose pages are wrecked takes nothing more, and the hub says that it is not ready', async () => {
  const dataDir = await tempDir('wrecked')
  const first = await startHub({ dataDir })
  await first.stop()
  const db = new Database(join(dataDir, 'ledger.db'))
  const size = db.pragma('page_size', { simple: true }) as number
  const { rootpage } = db.prepare(`select rootpage from sqlite_master where name = 'message'`).get() as {
    rootpage: number
  }
  db.close()
  const file = await open(join(dataDir, 'ledger.db'), 'r+')
  await file.write(Buffer.alloc(size, 0xa5), 0, size, (rootpage - 1) * size)
  await file.close()
  const deep = await first.cli('doctor', '--deep', '--json')
  expect(deep.code).toBe(2)
  expect(deep.stdout).toMatch(/damaged: file /)

  const hub = await startHub({ dataDir })
  const ready = await fetch(`${hub.url}/readyz`)
  expect(ready.status).toBe(503)
  const { checks } = (await ready.json()) as { checks: { name: string; ok: boolean }[] }
  expect(checks.find(({ name }) => name === 'ledger')!.ok).toBe(false)
  expect((await hub.send(sample('ceb/CEB311Message.xml'))).status).toBe(503)
})

test('a hub older than its ledger says so and touches nothing', async () => {
  const dataDir = await tempDir('newer')
  const file = join(dataDir, 'ledger.db')
  const current = openDatabase(file)
  current.pragma(`user_version = ${Number(current.pragma('user_version', { simple: true })) + 1}`)
  current.close()
  const before = await readFile(file)
  const told = await run(process.execPath, [cli, 'start', '--demo', '--data', dataDir, '--http-port', '0'], {
    env: cleanEnv(),
  })
  expect(told.code).not.toBe(0)
  expect(told.stderr).toMatch(
    /the ledger .*ledger\.db was written by a newer hub .*Start that one, or restore a backup/,
  )
  expect((await readFile(file)).equals(before)).toBe(true)
})
