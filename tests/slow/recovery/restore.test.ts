// A copy of the ledger, and a bad day: what the ops team does, and that no agency gets anything twice for it.
import { existsSync } from 'node:fs'
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { restoreLedger } from '../../../hub/operate/restore.js'
import { Database } from '../../../store/sqlite/driver.js'
import { LedgerInUseError, openSqliteLedger } from '../../../store/sqlite/open.js'
import { interchange, message, receiptOf } from '../../contracts/ledger-given.js'
import { cleanEnv, cli, sample, startHub, type HubOptions, type RunningHub } from '../../support/hub.js'
import { freePort, ownAgency } from '../../support/neighbours.js'
import { importClient } from '../../support/import-client.js'
import { freshOrder } from '../../support/orders.js'
import { run } from '../../support/process.js'
import { tempDir } from '../../support/temp.js'
import { until } from '../../support/until.js'
import { unread } from '../../support/ledger-log.js'

async function hubWithAgency(policy: object) {
  const httpPort = await freePort()
  const agency = await ownAgency({ hubPort: httpPort, policy })
  const options: HubOptions = { config: agency.config, env: agency.env, httpPort }
  return { hub: await startHub(options), agency, again: (dataDir: string) => startHub({ ...options, dataDir }) }
}
const send = async (hub: RunningHub) => (await hub.send(freshOrder())).receipts[0]!.messageId
const delivered = (hub: RunningHub, id: string) =>
  until(`${id} to be delivered`, async () => !['accepted', 'unclear'].includes(await hub.state(id)), 60_000)
const backupOf = async (hub: RunningHub) =>
  (JSON.parse((await hub.cli('backup', '--json')).stdout) as { file: string }).file

test('a copy that is restored sends nothing again: the agency is asked first (promise 3)', async () => {
  const { hub, agency, again } = await hubWithAgency({ statusQuery: true })
  await hub.cli('agency', 'pause', 'gacc', '-w', '计划维护')
  const sentLater = await send(hub)
  const file = await backupOf(hub)
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  // Only the ledger knows of this one, and not for long: it is accepted after the copy was made.
  await hub.cli('agency', 'resume', 'gacc', '-w', '恢复')
  await delivered(hub, sentLater)
  const afterwards = await send(hub)
  await delivered(hub, afterwards)

  expect(await hub.cli('restore', file, '-w', '磁盘故障')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('in use by another hub') as string,
  })
  await hub.stop('SIGKILL')
  const restored = await hub.cli('restore', file, '-d', hub.dataDir, '-w', '磁盘故障')
  expect(restored).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('waited in it and may have been sent since: 1.') as string,
  })
  expect((await readdir(hub.dataDir)).filter((name) => /^ledger-replaced-\d{8}T\d{6}Z\.db$/.test(name))).toHaveLength(1)

  const back = await again(hub.dataDir)
  expect(await back.state(sentLater)).toBe('unclear')
  expect((await back.get(`/v1/messages/${afterwards}`)).status).toBe(404)
  // Paused it was when the copy was made. What is sent from here on is sent once.
  const neverSent = await send(back)
  await back.cli('agency', 'resume', 'gacc', '-w', '恢复')
  for (const id of [sentLater, neverSent]) await delivered(back, id)
  expect((await agency.taken()).map(({ times }) => times)).toEqual([1, 1, 1])
  const { audit } = await back.ops<{ audit: { action: string; why: string }[] }>('/ops/audit')
  expect(audit).toContainEqual(expect.objectContaining({ action: 'ledger.restore', why: '磁盘故障' }))
})

test('where the agency cannot be asked a person decides for all of them at once, and only those are sent', async () => {
  const { hub, agency, again } = await hubWithAgency({ statusQuery: false })
  await hub.cli('agency', 'pause', 'gacc', '-w', '计划维护')
  const waiting = [await send(hub), await send(hub), await send(hub)]
  const file = await backupOf(hub)
  await hub.stop('SIGKILL')
  expect((await hub.cli('restore', file, '-w', '演练')).code).toBe(0)
  const back = await again(hub.dataDir)
  await back.cli('agency', 'resume', 'gacc', '-w', '恢复')
  const { submissions } = await back.ops<{ submissions: { code: string; submissionId: string }[] }>('/ops/unclear')
  expect(submissions.map(({ code }) => code)).toEqual(['HUB_RESTORED', 'HUB_RESTORED', 'HUB_RESTORED'])
  expect(
    (await back.cli('unclear', 'resolve', submissions[0]!.submissionId, 'taken', '-w', '海关电话确认已收到')).code,
  ).toBe(0)
  expect(
    (await back.cli('unclear', 'resolve-all', 'resend', '-a', 'gacc', '-c', 'HUB_AGENCY_TIMEOUT', '-w', '别的原因'))
      .stdout,
  ).toBe('0 decided: resend\n')
  expect(
    (await back.cli('unclear', 'resolve-all', 'resend', '-a', 'gacc', '-c', 'HUB_RESTORED', '-w', '海关确认未收到'))
      .stdout,
  ).toBe('2 decided: resend\n')
  for (const id of waiting.slice(1)) await delivered(back, id)
  expect(await agency.taken()).toMatchObject([{ times: 1 }, { times: 1 }])
})

test('a declaration the import client took long ago waits for a person’s decision (promise 3)', async () => {
  const root = await tempDir('imp')
  const client = await importClient('--root', root, '--folders', 'Deccus001')
  const config = { agencies: { gacc: { connector: 'folder', root, pollSeconds: 0.1, settleSeconds: 0.1 } } }
  const hub = await startHub({ config })
  const declaration = (seq: string) =>
    Buffer.from(
      sample('dec/DecMessage.xml')
        .toString()
        .replace(/<ClientSeqNo>[^<]*</, `<ClientSeqNo>${seq}<`),
    )
  const declare = async (to: RunningHub, seq: string) => (await to.send(declaration(seq))).receipts[0]!.messageId
  await hub.cli('agency', 'pause', 'gacc', '-w', '计划维护')
  const long = await declare(hub, 'LONGAGO001')
  const file = await backupOf(hub)
  await hub.cli('agency', 'resume', 'gacc', '-w', '恢复')
  await hub.receiptsOf(long, (got) => got.some((r) => r.status === 'released'))
  await hub.stop('SIGKILL')
  // Two hours go by: the hub has taken its mark away, and the client's people have emptied its SentBox.
  for (const name of await readdir(root, { recursive: true, withFileTypes: true }))
    if (name.isFile() && name.name.includes('sub_')) await rm(join(name.parentPath, name.name))
  const copy = new Database(file)
  copy.exec('update submission set accepted_at = accepted_at - 7200000')
  copy.close()

  expect((await hub.cli('restore', file, '-w', '磁盘故障')).code).toBe(0)
  const back = await startHub({ dataDir: hub.dataDir, config })
  await back.cli('agency', 'resume', 'gacc', '-w', '恢复')
  const later = await declare(back, 'LATER00001')
  await back.receiptsOf(later, (got) => got.some((r) => r.status === 'released'))
  expect((await client.all()).map(({ times }) => times)).toEqual([1, 1])
  expect(await back.state(long)).toBe('unclear')
})

test('what a ledger that was taken away has left of its log is not read into the copy', async () => {
  const dir = await tempDir('restore')
  const [ledger, copy] = [join(dir, 'ledger.db'), join(dir, 'copy.db')]
  const first = await openSqliteLedger({ file: ledger, log: unread })
  await first.putPartner({
    partnerId: 'before',
    name: '测试甲有限公司',
    settings: { rights: ['*'], receipts: 'hub', defaults: {} },
    sshKeys: [],
  })
  await first.backup(copy)
  await first.putPartner({
    partnerId: 'after',
    name: '测试乙有限公司',
    settings: { rights: ['*'], receipts: 'hub', defaults: {} },
    sshKeys: [],
  })
  const log = await readFile(`${ledger}-wal`)
  await first.close()
  await rm(ledger)
  await writeFile(`${ledger}-wal`, log)
  expect(await restoreLedger({ from: copy, dataDir: dir, who: 'anna', why: '演练', log: unread })).toEqual({
    doubted: 0,
  })
  const restored = await openSqliteLedger({ file: ledger, log: unread })
  expect((await restored.listPartners()).map(({ partnerId }) => partnerId)).toEqual(['before'])
  expect(await restored.audits(1)).toMatchObject([{ who: 'anna', action: 'ledger.restore', why: '演练' }])
  await restored.close()
  expect((await readdir(dir)).filter((name) => /^ledger-replaced-.*-wal$/.test(name))).toHaveLength(1)
})

const partner = (partnerId: string) => ({
  partnerId,
  name: '测试甲有限公司',
  settings: { rights: ['*'], receipts: 'hub' as const, defaults: {} },
  sshKeys: [],
})

/** A ledger in which this many messages wait, and a copy of it. */
async function waitingAndCopy(count: number) {
  const dir = await tempDir('restore')
  const [file, copy] = [join(dir, 'ledger.db'), join(dir, 'copy.db')]
  const ledger = await openSqliteLedger({ file, log: unread })
  await ledger.record(interchange(Array.from({ length: count }, () => message({ bytes: Buffer.alloc(20_000, 'x') }))))
  await ledger.backup(copy)
  return { dir, file, copy, ledger }
}

test('on a disk too full to note what is in doubt nothing is restored (promise 3)', async () => {
  const { dir, file, copy, ledger } = await waitingAndCopy(100)
  await ledger.putPartner(partner('after'))
  await ledger.close()
  // No file may become larger than the copy is: its log can be written, what is in the log no longer fits into the
  // copy.
  const { size } = await stat(copy)
  const restored = await run(
    'bash',
    [
      '-c',
      `ulimit -f ${Math.ceil(size / 1024)}; exec "$0" "$@"`,
      process.execPath,
      cli,
      'restore',
      copy,
      '-d',
      dir,
      '-w',
      '磁盘将满',
    ],
    { env: cleanEnv() },
  )
  expect(restored).toMatchObject({ code: 1, stderr: expect.stringContaining('is as it was') as string })
  const there = await openSqliteLedger({ file, log: unread })
  expect((await there.listPartners()).map(({ partnerId }) => partnerId)).toEqual(['after'])
  await there.close()
  expect((await readdir(dir)).filter((name) => name.includes('restoring'))).toEqual([])
  expect(await restoreLedger({ from: copy, dataDir: dir, who: 'anna', why: '已扩容', log: unread })).toMatchObject({
    doubted: 100,
  })
})

test('a hub started during a restore does not run on the ledger about to be replaced (promise 1)', async () => {
  const { dir, file, copy, ledger } = await waitingAndCopy(500)
  await ledger.close()
  let over = false
  const restoring = restoreLedger({ from: copy, dataDir: dir, who: 'anna', why: '演练', log: unread }).finally(
    () => (over = true),
  )
  while (!over && !existsSync(`${file}.restoring`)) await setImmediate()
  let refused = 0
  const took: string[] = []
  for (let n = 0; !over; n++) {
    const hub = await openSqliteLedger({ file, log: unread }).catch(
      (error: unknown) => void (refused += Number(error instanceof LedgerInUseError)),
    )
    await hub?.putPartner(partner(`p${n}`))
    await hub?.close()
    if (hub) took.push(`p${n}`)
    await setImmediate()
  }
  expect(await restoring).toMatchObject({ doubted: 500 })
  const there = await openSqliteLedger({ file, log: unread })
  expect((await there.listPartners()).map(({ partnerId }) => partnerId).sort()).toEqual(took.sort())
  await there.close()
  expect(refused).toBeGreaterThan(0)
})

test('receipts after a restore have numbers no partner has seen, so that nobody misses one', async () => {
  const { dir, file, copy, ledger } = await waitingAndCopy(1)
  const tell = (to: typeof ledger, id: string) =>
    to.tellPartner(
      { partnerId: 'a', receipt: { ...receiptOf(id, id), receiptId: `rcp_${id}`, stage: 'notice' }, channel: 'http' },
      new Date(),
    )
  for (const id of ['one', 'two', 'three']) await tell(ledger, id)
  const last = await ledger.lastReceipt('a')
  await ledger.close()
  for (let time = 0; time < 2; time++) {
    await restoreLedger({ from: copy, dataDir: dir, who: 'anna', why: '演练', log: unread, now: new Date(time * 1000) })
    const back = await openSqliteLedger({ file, log: unread })
    await tell(back, `after ${time}`)
    for (const page of [await back.mailbox('a', last, 10), await back.receiptsAfter('a', last, 10)])
      expect(page.map(({ receipt }) => receipt.receiptId)).toEqual([`rcp_after ${time}`])
    await back.close()
  }
})

test('the ledger of a running hub is not copied; that of a killed one is, with all it accepted', async () => {
  const [hub, dir] = [await startHub(), await tempDir('restore')]
  const id = await send(hub)
  await delivered(hub, id)
  const ledger = join(hub.dataDir, 'ledger.db')
  expect(await hub.cli('restore', ledger, '-d', dir, '-w', '搬到新机器')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('`hub backup`') as string,
  })
  expect(await readdir(dir)).toEqual([])
  const after = await send(hub)
  await hub.stop('SIGKILL')
  expect(await hub.cli('restore', ledger, '-d', dir, '-w', '搬到新机器')).toMatchObject({ code: 0 })
  const moved = await startHub({ dataDir: dir })
  for (const one of [id, after]) expect((await moved.get(`/v1/messages/${one}`)).status).toBe(200)
})

test('a copy that was damaged on its way is not put in place, wherever in it the damage is', async () => {
  const { dir, file, copy, ledger } = await waitingAndCopy(50)
  await ledger.putPartner(partner('after'))
  await ledger.close()
  const whole = await readFile(copy)
  for (const spoil of [
    (bytes: Buffer) => bytes.subarray(0, bytes.length >> 1),
    (bytes: Buffer) => bytes.fill(0x5a, 4096, 5 * 4096),
    (bytes: Buffer) => bytes.fill(0, bytes.length - 3 * 4096),
  ]) {
    await writeFile(copy, spoil(Buffer.from(whole)))
    await expect(restoreLedger({ from: copy, dataDir: dir, who: 'anna', why: '演练', log: unread })).rejects.toThrow(
      /damaged/,
    )
  }
  const there = await openSqliteLedger({ file, log: unread })
  expect((await there.listPartners()).map(({ partnerId }) => partnerId)).toEqual(['after'])
  await there.close()
  await writeFile(copy, whole)
  expect(await restoreLedger({ from: copy, dataDir: dir, who: 'anna', why: '演练', log: unread })).toMatchObject({
    doubted: 50,
  })
})

test('what is no ledger is not restored, and the one in place is left alone', async () => {
  const dir = await tempDir('restore')
  const [ledger, wrong] = [join(dir, 'ledger.db'), join(dir, 'wrong.db')]
  await (await openSqliteLedger({ file: ledger, log: unread })).close()
  const before = await stat(ledger)
  await writeFile(wrong, 'not a ledger '.repeat(20))
  const others = new Database(join(dir, 'others.db'))
  others.exec('create table invoice (id)')
  others.close()
  for (const [file, says] of [
    [wrong, 'is no ledger'],
    [join(dir, 'none.db'), 'there is no file'],
    [ledger, 'is the ledger itself'],
  ] as const)
    expect(
      await run(process.execPath, [cli, 'restore', file, '-d', dir, '-w', 'x'], { env: cleanEnv() }),
    ).toMatchObject({ code: 1, stderr: expect.stringContaining(says) as string })
  expect((await stat(ledger)).mtimeMs).toBe(before.mtimeMs)
  expect(
    await run(process.execPath, [cli, 'restore', join(dir, 'others.db'), '-d', dir, '-w', 'x'], { env: cleanEnv() }),
  ).toMatchObject({ code: 1, stderr: expect.stringContaining('is no ledger') as string })
  expect((await stat(ledger)).ino).toBe(before.ino)
  expect(existsSync(join(dir, 'ledger.db.restoring'))).toBe(false)
})
