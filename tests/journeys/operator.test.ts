// What a person must look at, and what a person may do: held changes, answers nobody claims, and the record of who
// decided what.
import { expect, test } from 'vitest'
import type { Receipt } from '../../messages/receipt.js'
import { cli, sample, samplePath, startHub } from '../support/hub.js'
import { run } from '../support/process.js'
import { hubOfFile } from '../support/shared-hub.js'
import { until } from '../support/until.js'

const keyOfAnna = 'a-long-and-random-key-of-anna-0123456789'
/** What only one test may do to a hub is done to one of its own. */
const hubOfAll = hubOfFile({
  config: { operators: [{ name: 'anna', keyEnv: 'KEY_OF_ANNA' }] },
  env: { KEY_OF_ANNA: keyOfAnna },
})

interface Standing {
  submissions: { submissionId: string; messageId: string }[]
}

test('a change waits while its original is refused, and goes after the corrected original', async () => {
  const hub = await hubOfAll()
  await hub.simulator('POST', '/control', { documentType: 'MT1101', refuse: '测试退单', times: 1 })
  const original = (await hub.send(sample('manifest/MT1101-9.xml'))).receipts[0]!.messageId
  await until('the refusal', async () => (await hub.state(original)) === 'rejected')

  const change = (await hub.send(sample('manifest/MT1101-5.xml'))).receipts[0]!.messageId
  const [, held] = await hub.receiptsOf(change, (all) => all.some((r) => r.code === 'HUB_HELD'))
  expect(held).toMatchObject({ stage: 'business', status: 'processing', code: 'HUB_HELD' })
  expect(await hub.state(change)).toBe('held')
  expect((await hub.ops<Standing>('/ops/held')).submissions.map((s) => s.messageId)).toEqual([change])
  const { taken } = await hub.simulator<{ taken: { documentType: string; times: number }[] }>('GET', '/taken')
  expect(taken).toHaveLength(1)

  const corrected = (
    await hub.send(
      sample('manifest/MT1101-9.xml')
        .toString()
        .replace(/<GrossVolumeMeasure([^>]*)>[^<]*/, '<GrossVolumeMeasure$1>31'),
    )
  ).receipts[0]!
  expect(corrected.status).toBe('accepted')
  await until('the corrected one', async () =>
    ['processing', 'approved', 'released'].includes(await hub.state(corrected.messageId)),
  )
  await until('the change after it', async () =>
    ['processing', 'approved', 'released'].includes(await hub.state(change)),
  )
  const order = (await hub.simulator<{ taken: { at: string; submissionId: string; times: number }[] }>('GET', '/taken'))
    .taken
  expect(order.map((t) => t.times)).toEqual([1, 1, 1])
})

test('a held change that a person gives up comes back to its partner as failed, once', async () => {
  const hub = await hubOfAll()
  await hub.simulator('POST', '/control', { documentType: 'MT1101', refuse: '测试退单', times: 1 })
  const original = (await hub.send(sample('manifest/MT1101-9.xml'))).receipts[0]!.messageId
  await until('the refusal', async () => (await hub.state(original)) === 'rejected')
  const change = (await hub.send(sample('manifest/MT1101-5.xml'))).receipts[0]!.messageId
  await until('it to be held', async () => (await hub.state(change)) === 'held')

  const [held] = (await hub.ops<Standing>('/ops/held')).submissions
  const giveUp = () =>
    hub.ops(`/ops/submissions/${held!.submissionId}/release`, { decision: 'dead', why: '企业来电取消' })
  await giveUp()
  await expect(giveUp()).rejects.toThrow()
  const told = (await hub.receiptsOf(change, (all) => all.some((r) => r.code === 'HUB_GIVEN_UP'))).filter(
    ({ status }) => status === 'failed',
  )
  expect(told.map(({ stage, code, agency }) => ({ stage, code, agency }))).toEqual([
    { stage: 'business', code: 'HUB_GIVEN_UP', agency: 'gacc' },
  ])
  expect(await hub.state(change)).toBe('failed')
})

test('an answer nobody claims waits as an orphan until a person says whose it is', async () => {
  const hub = await hubOfAll()
  await hub.simulator('POST', '/control', { hold: true })
  const messageId = (await hub.send(sample('dec/DecMessage.xml'))).receipts[0]!.messageId
  await until('it is with customs', async () => (await hub.state(messageId)) !== 'accepted')
  await fetch(`${hub.env.HUB_SIMULATOR_URL}/gacc/notices`, {
    method: 'POST',
    body: sample('dec/DEC_RESULT.xml').toString(),
    headers: { 'content-type': 'application/xml' },
  })
  const [orphan] = await until('the orphan', async () => {
    const { orphans } = await hub.ops<{ orphans: { replyId: string; keys: { name: string; value: string }[] }[] }>(
      '/ops/orphans',
    )
    return orphans.length > 0 && orphans
  })
  expect(orphan!.keys).toContainEqual({ name: 'entryId', value: '900020250000000018' })
  const { submissions } = await hub.ops<{ submissions: { submissionId: string }[] }>(`/ops/messages/${messageId}`)
  await hub.ops(`/ops/orphans/${orphan!.replyId}/match`, {
    submissionId: submissions[0]!.submissionId,
    why: 'customs told us on the phone',
  })
  const receipts = await hub.receiptsOf(messageId, (all) => all.some((r) => r.status === 'released'))
  expect(receipts.at(-1)).toMatchObject({ agencyReference: '900020250000000018' })
  expect((await hub.ops<{ orphans: object[] }>('/ops/orphans')).orphans).toEqual([])
  const { audit } = await hub.ops<{ audit: { who: string; action: string; target: string; why: string }[] }>(
    `/ops/audit?target=${orphan!.replyId}`,
  )
  expect(audit).toMatchObject([{ who: 'operator', action: 'orphan.match', why: 'customs told us on the phone' }])
})

test('operators with keys of their own are told apart in the audit', async () => {
  const hub = await hubOfAll()
  const asAnna = (path: string, body: object) =>
    hub.send(JSON.stringify(body), { type: 'application/json', path, key: keyOfAnna })
  expect((await asAnna('/ops/partners', { partnerId: 'c', name: '测试货代有限公司' })).status).toBe(200)
  expect((await hub.ops<{ audit: { who: string; target: string }[] }>('/ops/audit')).audit[0]).toMatchObject({
    who: 'anna',
    target: 'c',
  })
  expect(
    (
      await hub.send(JSON.stringify({ why: 'x' }), {
        type: 'application/json',
        path: '/ops/submissions/sub_none/replay',
        key: 'another',
      })
    ).status,
  ).toBe(401)
})

test('a receipt the partner lost is found by its declaration and given back from the command line', async () => {
  const hub = await hubOfAll()
  const order = sample('ceb/CEB311Message.xml')
  const { messageId, reference } = (await hub.send(order)).receipts[0]!
  const all = await hub.receiptsOf(messageId, (r) => r.some(({ status }) => status === 'approved'))
  const { receiptId }: Receipt = all.at(-1)!
  const mailbox = async () => (await hub.read<{ receipts: Receipt[] }>('/v1/receipts')).receipts.map((r) => r.receiptId)
  expect((await hub.cli('receipts')).code).toBe(0)
  expect(await mailbox()).toEqual([])

  const [trace, same] = [await hub.cli('message', 'trace', reference), await hub.cli('trace', messageId)]
  expect(trace.stdout).toBe(same.stdout)
  expect(trace.stdout).toMatch(
    new RegExp(
      `^${reference}  approved  CEB311Message .*\n  .*received over http from ${hub.env.HUB_SFTP_USER}\n` +
        `(.*\n)*.*business receipt approved .*\\(acknowledged, ${receiptId}\\)\n$`,
    ),
  )
  expect(await hub.cli('message', 'resend-receipt', 'rcp_none', '-w', '企业遗失')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('No receipt rcp_none found') as string,
  })
  expect((await hub.cli('message', 'resend-receipt', receiptId, '-w', '企业遗失')).stdout).toBe(
    `${receiptId} will be returned once more\n`,
  )
  expect(await mailbox()).toEqual([receiptId])
  expect((await hub.ops<{ audit: object[] }>(`/ops/audit?target=${receiptId}`)).audit).toMatchObject([
    { why: '企业遗失' },
  ])

  // What the partner himself may see of it.
  const shown = await hub.cli('message', messageId)
  expect(shown.stdout).toBe((await hub.cli('message', 'show', messageId)).stdout)
  expect(shown.stdout).toContain(`${reference}  approved  CEB311Message`)
  expect(shown.stdout).not.toContain('acknowledged')
  expect((await hub.cli('message', messageId, '--content')).stdout).toBe(order.toString())
  expect((await hub.cli('message', messageId, '--forwarded')).stdout).toBe(order.toString())
  expect(JSON.parse((await hub.cli('message', messageId, '--json')).stdout)).toMatchObject({
    messageId,
    state: 'approved',
  })
})

test('messages of all partners are found by date, state, partner, agency and operation', async () => {
  const hub = await startHub()
  const order = (n: number, orderNo: string) =>
    sample('ceb/CEB311Message.xml')
      .toString()
      .replace(/(guid="|guid>)[0-9A-F]{8}/gi, `$1${String(n).padStart(8, '0')}`)
      .replace(/(orderNo>)[^<]*/, `$1${orderNo}`)
  const dayInChina = () => new Date().toLocaleDateString('sv-SE', { timeZone: 'Asia/Shanghai' })
  const firstDay = dayInChina()
  const ids: string[] = []
  for (let n = 1; n <= 12; n++) ids.push((await hub.send(order(n, `TESTFIND${n}`))).receipts[0]!.messageId)
  await hub.send(sample('manifest/MT1101-9.xml'))
  await hub.send('<nothing/>')
  const { reference } = await hub.read<{ reference: string }>(`/v1/messages/${ids[0]}`)
  const found = async (...words: string[]) => {
    const { code, stdout } = await hub.cli('search', ...words, '--json')
    expect(code, words.join(' ')).toBe(0)
    return (JSON.parse(stdout) as { messages: { messageId: string }[] }).messages.map((m) => m.messageId)
  }
  expect(await found('-o', '10')).toEqual([...ids].reverse())
  expect(await found('-o', '10', '-n', '5')).toEqual([...ids].reverse().slice(0, 5))
  expect(await found(reference.slice(0, 6))).toContain(ids[0])
  expect(await found(ids[3]!)).toEqual([ids[3]])
  expect(await found('-s', 'refused')).toHaveLength(1)
  expect(await found('-a', 'gacc')).toHaveLength(13)
  expect(await found('-a', 'msa')).toEqual([])
  expect(await found('-p', 'nobody')).toEqual([])
  expect((await found('--from', firstDay, '-t', dayInChina())).length).toBe(14)
  expect(await found('--to', '2020-01-01')).toEqual([])

  const csv = await hub.cli('search', '-o', '10.1', '--csv', '-n', '7')
  expect(csv.stdout.split('\r\n')).toHaveLength(9)
  expect(csv.stdout).toMatch(/^\ufeffreceivedAt,messageId,partnerId,reference,/)
  // A table for people fits their terminal; the ids in it stay whole.
  const narrow = await run(process.execPath, [cli, 'search', '-n', '5'], {
    env: { ...process.env, HUB_DATA: hub.dataDir, COLUMNS: '100' },
  })
  const lines = narrow.stdout.trimEnd().split('\n')
  expect(Math.max(...lines.slice(0, 6).map((line) => line.length))).toBeLessThanOrEqual(100)
  expect(lines[0]).toContain('RECEIVED UTC+8')
  expect(lines[1]).toMatch(/msg_[0-9A-Z]{26}/)

  // A reader that closes the pipe ends the command quietly, and what it did not read stays in the mailbox.
  const node = process.execPath
  const head = await run('bash', ['-c', `set -o pipefail; "${node}" "${cli}" catalogue --all | head -1`])
  expect([head.code, head.stderr, head.stdout.split('\n').length]).toEqual([0, '', 2])
  await until(
    'receipts enough',
    async () => (await hub.read<{ receipts: object[] }>('/v1/receipts')).receipts.length > 9,
  )
  const waiting = async () => (await hub.read<{ receipts: object[] }>('/v1/receipts?limit=500')).receipts.length
  await hub.simulator('POST', '/control', { hold: true })
  // It is gone before the first receipt is written, however slow the machine.
  await run('bash', ['-c', `"${node}" "${cli}" receipts | true`], {
    env: { ...process.env, HUB_DATA: hub.dataDir },
  })
  expect(await waiting()).toBeGreaterThan(5)
})

test('an operator’s slip of the pen is told with what there is instead, and changes nothing', async () => {
  const hub = await startHub()
  const slips: [string[], string][] = [
    [['agency', 'show', 'nobody'], 'No agency nobody found'],
    [['agency', 'pause', 'nobody', '-w', '维护'], '没有主管部门 nobody'],
    [
      ['agency', 'window', 'gacc', '-f', '2020-01-01T00:00', '-t', '2020-01-02T00:00', '-w', '维护'],
      '2020-01-02T00:00 is over',
    ],
    [
      ['agency', 'window', 'gacc', '-f', '2027-01-01T00:00', '-w', '维护'],
      '--to wants a time such as 2026-10-01T20:00, by a clock on the wall in Asia/Shanghai',
    ],
    [['agency', 'window', 'gacc', '-f', 'tonight', '-t', '2027-01-02T00:00', '-w', '维护'], '--from wants a time'],
    [['queue', 'nobody'], 'there is no queue nobody: gacc'],
    [['dead', 'show', 'TEST-0'], 'nothing is known of TEST-0'],
    [
      ['dead', 'replay', 'sub_none', '-w', '已修复'],
      'No dead letter sub_none found, or its state does not allow this.',
    ],
    [['unclear', 'resolve', 'sub_none', 'perhaps', '-w', '不清楚'], 'taken, resend, dead'],
    [['orphan', 'match', 'rep_none', 'sub_none', '-w', '电话确认'], 'No orphan rep_none for submission sub_none found'],
    [['held', 'release', 'sub_none', '-w', '改单'], "missing required argument 'decision'"],
    [['held', 'release', 'sub_none', '-w', '改单'], '缺少参数 decision'],
    [['simulate', 'notice', '/nope'], 'cannot read /nope'],
    [['search', '--from', 'yesterday'], '--from takes a day or a time'],
    [['search', '--from', '2026-02-30'], 'there is no 2026-02-30'],
    [['search', '--state', 'lost'], "'lost' is invalid"],
  ]
  for (const [words, says] of slips)
    expect(await hub.cli(...words), words.join(' ')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(says) as string,
    })
  for (const [word, says] of [
    ['dead', 'nothing 没有'],
    ['orphan', 'nothing 没有'],
    ['retention', 'Bytes are kept for good, of refused messages for 14 days'],
  ] as const)
    expect((await hub.cli(word)).stdout).toContain(says)
  expect(
    await run(process.execPath, [cli, 'status'], { env: { ...process.env, ...hub.env, HUB_OPS_KEY: 'wrong' } }),
  ).toMatchObject({ code: 1, stderr: expect.stringContaining('Set HUB_OPS_KEY') as string })
  // The signature says who calls: a password in an address would end up in every log on the way.
  const webhook = await hub.send(JSON.stringify({ url: 'https://user:secret@test.example/hook' }), {
    type: 'application/json',
    path: '/ops/partners/demo/webhook',
    key: hub.env.HUB_OPS_KEY!,
  })
  expect([webhook.status, webhook.body.code]).toEqual([400, 'HUB_REQUEST_INVALID'])
  // A wrong key is kept; nothing else was done.
  const { audit } = await hub.ops<{ audit: { action: string }[] }>('/ops/audit')
  expect(audit.map(({ action }) => action)).toEqual(['sign-in.failed'])
})

test('a full hub turns new work away with 503, keeps what it has, and takes again later', async () => {
  const hub = await startHub({ config: { mostQueued: 2 } })
  await hub.ops('/ops/agencies/gacc/pause', { why: '系统维护' })
  const order = (n: number) =>
    sample('ceb/CEB311Message.xml')
      .toString()
      .replace(/(guid="|guid>)[0-9A-F]{8}/gi, `$1${String(n).padStart(8, '0')}`)
      .replace(/(orderNo>)[^<]*/, `$1TESTFULL${n}`)
  const first = await hub.send(order(1))
  await hub.send(order(2))
  const turned = await until('it is full', async () => {
    const answer = await hub.send(order(3 + Math.floor(Math.random() * 1e6)))
    return answer.status === 503 && answer
  })
  expect(turned.body.code).toBe('HUB_FULL')
  expect(Number(turned.headers.get('retry-after'))).toBeGreaterThan(0)
  expect((await hub.cli('status')).stdout).toContain('submissions wait for the agencies')
  const { status, checks } = await hub.read<{ status: string; checks: { name: string; ok: boolean }[] }>('/readyz')
  expect([status, checks.filter(({ ok }) => !ok).map(({ name }) => name)]).toEqual(['degraded', ['intake']])
  const put = `put ${samplePath('ceb/CEB311Message-minimal.xml')} OutBox/later.xml`
  expect((await hub.sftp(put)).code).not.toBe(0)
  await hub.ops('/ops/agencies/gacc/resume', { why: '维护完成' })
  await until(
    'what it had is delivered',
    async () => !['accepted'].includes(await hub.state(first.receipts[0]!.messageId)),
  )
  await until('a file sent again is taken', async () => (await hub.sftp(put)).code === 0)
  expect((await hub.sftp('ls SentBox')).stdout).toContain('later.xml')
})
