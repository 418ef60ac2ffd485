// What happens after "accepted" when the other side, Redis or the way back misbehaves: nothing is lost, nothing is sent
// twice.
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Receipt } from '../../messages/receipt.js'
import { sample, samplePath, startHub } from '../support/hub.js'
import { agencyToken, freePort, ownAgency, ownRedis, type Taken } from '../support/neighbours.js'
import { changeOf, freshOrder } from '../support/orders.js'
import { hubOfFile } from '../support/shared-hub.js'
import { until } from '../support/until.js'

const order = () => sample('ceb/CEB311Message.xml')
const approved = (receipts: Receipt[]) => receipts.some((r) => r.status === 'approved')

/** Most tests share a hub, each as a partner of its own. So many failures in turn are no reason to close the agency. */
const breaker = { minimum: 10_000 }
const hubThatAsks = hubOfFile({ agencyRules: { breaker } })
const hubThatCannotAsk = hubOfFile({ agencyRules: { breaker, statusQuery: false } })
const hubThatGivesUp = hubOfFile({
  agencyRules: {
    ...{ breaker, idempotent: true, statusQuery: false },
    ...{ doubtSeconds: [0.2], retrySeconds: [0.2], giveUpHours: 0.0005 },
  },
})
async function sharedHubWithAgency(of = hubThatAsks) {
  const hub = await of()
  return {
    hub,
    agency: {
      control: (body: object) => hub.simulator('POST', '/control', body),
      clear: () => hub.simulator('DELETE', '/control'),
      taken: async () => (await hub.simulator<{ taken: Taken[] }>('GET', '/taken')).taken,
    },
  }
}

/** For rules that differ, or what only one may do to a hub. */
async function hubWithAgency(policy: object = {}) {
  const httpPort = await freePort()
  const agency = await ownAgency({ hubPort: httpPort, policy })
  const hub = await startHub({ config: agency.config, env: agency.env, httpPort })
  return { hub, agency, httpPort }
}

test('an agency that is busy is tried again until it takes the message, once (promises 2, 3)', async () => {
  const { hub, agency } = await sharedHubWithAgency()
  await agency.control({ fail: 503, times: 3 })
  const { receipts } = await hub.send(freshOrder())
  await hub.receiptsOf(receipts[0]!.messageId, approved)
  expect((await agency.taken()).map((t) => t.times)).toEqual([1])
  const message = await hub.read<{ submissions: { attempts: { outcome: string }[] }[] }>(
    `/v1/messages/${receipts[0]!.messageId}`,
  )
  expect(message.submissions[0]!.attempts.map((a) => a.outcome)).toEqual(['retry', 'retry', 'retry', 'submitted'])
})

test('an agency that hangs up after taking the message is asked, and not sent it again (promise 3)', async () => {
  const { hub, agency } = await sharedHubWithAgency()
  await agency.control({ hangUp: 'after', times: 1 })
  const { receipts } = await hub.send(freshOrder())
  await hub.receiptsOf(receipts[0]!.messageId, approved)
  expect((await agency.taken()).map((t) => t.times)).toEqual([1])
})

test('one that hangs up before taking it is asked too, and then it is sent once more', async () => {
  const { hub, agency } = await sharedHubWithAgency()
  await agency.control({ hangUp: 'before', times: 1 })
  const { receipts } = await hub.send(freshOrder())
  await hub.receiptsOf(receipts[0]!.messageId, approved)
  expect((await agency.taken()).map((t) => t.times)).toEqual([1])
})

test('an idempotent agency that keeps breaking off leaves the message in doubt, not failed (promise 3)', async () => {
  const { hub, agency } = await sharedHubWithAgency(hubThatGivesUp)
  await agency.control({ hangUp: 'before' })
  const { messageId } = (await hub.send(freshOrder())).receipts[0]!
  await until('the message to be unclear', async () => (await hub.state(messageId)) === 'unclear')
  const message = await hub.read<{ submissions: { attempts: { outcome: string }[] }[]; receipts: Receipt[] }>(
    `/v1/messages/${messageId}`,
  )
  // How often it was tried until the hub gave up depends on how fast both are.
  const outcomes = message.submissions[0]!.attempts.map(({ outcome }) => outcome)
  expect(outcomes).toEqual([...outcomes.slice(1).map(() => 'retry'), 'unclear'])
  expect(message.receipts.map(({ stage }) => stage)).toEqual(['technical'])
})

test.each([
  ['is busy', 503],
  ['asks who we are', 401],
])(
  'one that may have taken it and then %s until the hub gives up is in doubt, not failed (promise 3)',
  async (_, fail) => {
    const { hub, agency } = await sharedHubWithAgency(hubThatGivesUp)
    await agency.control({ fail })
    await agency.control({ hangUp: 'after', receiptsDelayMs: 3_600_000, times: 1 })
    const first = freshOrder()
    const { messageId } = (await hub.send(first)).receipts[0]!
    await until('the hub to give up', async () => ['unclear', 'dead', 'failed'].includes(await hub.state(messageId)))
    const message = await hub.read<{ state: string; receipts: Receipt[] }>(`/v1/messages/${messageId}`)
    expect(message).toMatchObject({ state: 'unclear' })
    expect(message.receipts.map(({ stage }) => stage)).toEqual(['technical'])
    // A mended document under the same reference would be a second filing.
    const mended = first.toString().replace(/<((?:ceb:)?note)>[^<]*</, '<$1>更正<')
    expect(await hub.send(mended)).toMatchObject({ status: 409 })
  },
)

test('where nobody can be asked, a submission in doubt waits for a person’s decision (promise 3)', async () => {
  const { hub, agency } = await sharedHubWithAgency(hubThatCannotAsk)
  await agency.control({ hangUp: 'before', times: 1 })
  const { receipts } = await hub.send(freshOrder())
  const { messageId } = receipts[0]!
  await until('the message to be unclear', async () => (await hub.state(messageId)) === 'unclear')
  expect(await agency.taken()).toEqual([])
  const { submissions } = await hub.ops<{ submissions: { submissionId: string }[] }>(`/ops/messages/${messageId}`)
  await hub.ops(`/ops/submissions/${submissions[0]!.submissionId}/resolve`, {
    decision: 'resend',
    why: '海关确认未收到',
  })
  await hub.receiptsOf(messageId, approved)
  expect((await agency.taken()).map((t) => t.times)).toEqual([1])
})

test.each(['the agency itself', 'a person'])(
  'what %s says is there is late like all else when no answer comes: an answer that was lost is noticed',
  async (who) => {
    const { hub, agency } = await sharedHubWithAgency(who === 'a person' ? hubThatCannotAsk : hubThatAsks)
    await agency.control({ hangUp: 'after', receiptsDelayMs: 3_600_000, times: 1 })
    const { messageId } = (await hub.send(sample('dec/DecMessage.xml'))).receipts[0]!
    const way = () =>
      hub.ops<{ submissions: { submissionId: string; awaited?: { step: number; overdue: boolean } }[] }>(
        `/ops/messages/${messageId}`,
      )
    if (who === 'a person') {
      await until('the message to be unclear', async () => (await hub.state(messageId)) === 'unclear')
      await hub.ops(`/ops/submissions/${(await way()).submissions[0]!.submissionId}/resolve`, {
        decision: 'taken',
        why: '海关电话确认已收到',
      })
    }
    await until('it to be known', async () => (await hub.state(messageId)) === 'submitted')
    expect((await way()).submissions[0]!.awaited).toMatchObject({ step: 0, overdue: false })
  },
)

test('of an order and two changes, answered late by the same number, each hears all that is its own', async () => {
  const { hub, agency } = await sharedHubWithAgency()
  await agency.control({ receiptsDelayMs: 1500 })
  const first = freshOrder()
  const sent = []
  for (const bytes of [first, changeOf(first, 1), changeOf(first, 2)])
    sent.push((await hub.send(bytes)).receipts[0]!.messageId)
  const last = (all: Receipt[]) => all.some(({ code }) => code === '399')
  const heard = await Promise.all(sent.map((messageId) => hub.receiptsOf(messageId, last)))
  const codes = heard.map((all) => all.filter(({ stage }) => stage === 'business').map(({ code }) => code))
  expect(codes).toEqual(sent.map(() => ['2', '120', '399']))
})

test('an agency that never answers in time leaves the submission unclear until its receipt comes', async () => {
  const { hub, agency } = await hubWithAgency({ statusQuery: false, deadlineSeconds: 2 })
  await agency.control({ slowMs: 5000, times: 1 })
  const { messageId } = (await hub.send(order())).receipts[0]!
  await hub.receiptsOf(messageId, approved)
  const { state, submissions } = await hub.read<{
    state: string
    submissions: { attempts: { outcome: string }[] }[]
  }>(`/v1/messages/${messageId}`)
  expect([state, submissions[0]!.attempts.map(({ outcome }) => outcome)]).toEqual(['approved', ['unclear']])
  expect((await agency.taken()).map((t) => t.times)).toEqual([1])
})

test('what its agency never takes is a dead letter, the partner hears why, a replay sends it (promise 2)', async () => {
  const { hub, agency } = await sharedHubWithAgency()
  await agency.control({ fail: 400, times: 1 })
  const { receipts } = await hub.send(freshOrder())
  const { messageId } = receipts[0]!
  const told = await hub.receiptsOf(messageId, (all) => all.some((r) => r.status === 'failed'))
  expect(told.at(-1)).toMatchObject({ code: 'HUB_AGENCY_REFUSED', stage: 'business', agency: 'gacc' })
  expect(await hub.state(messageId)).toBe('failed')
  const { submissions } = await hub.ops<{ submissions: { submissionId: string; state: string }[] }>(
    `/ops/messages/${messageId}`,
  )
  expect(submissions[0]!.state).toBe('dead')
  await hub.ops(`/ops/submissions/${submissions[0]!.submissionId}/replay`, { why: '通道已恢复' })
  await hub.receiptsOf(messageId, approved)
  expect(await hub.state(messageId)).toBe('approved')
})

test('a dead letter replayed and turned down again is reported again, with the new reason', async () => {
  const { hub, agency } = await sharedHubWithAgency()
  await agency.control({ fail: 400, times: 2 })
  const { messageId } = (await hub.send(freshOrder())).receipts[0]!
  const failures = (all: { status: string }[]) => all.filter(({ status }) => status === 'failed')
  await hub.receiptsOf(messageId, (all) => failures(all).length === 1)
  const { submissions } = await hub.ops<{ submissions: { submissionId: string }[] }>(`/ops/messages/${messageId}`)
  await hub.ops(`/ops/submissions/${submissions[0]!.submissionId}/replay`, { why: '通道已恢复' })
  await hub.receiptsOf(messageId, (all) => failures(all).length === 2)
  expect((await agency.taken()).length).toBe(0)
})

test('messages about one business document are sent one after the other, while another overtakes', async () => {
  const { hub, agency } = await sharedHubWithAgency()
  const first = freshOrder()
  await agency.control({ fail: 503, times: 2 })
  const sent = [await hub.send(first)]
  for (const n of [1, 2, 3]) sent.push(await hub.send(changeOf(first, n)))
  expect(sent.map((s) => s.status)).toEqual([202, 202, 202, 202])
  const other = await hub.send(sample('ceb/CEB411Message.xml'))
  await hub.receiptsOf(other.receipts[0]!.messageId, approved)
  // All four share their business numbers: what the agency says of the first is not taken for a word about those still
  // waiting.
  await until(
    'all to be taken',
    async () => (await agency.taken()).filter((t) => t.documentType === 'CEB311Message').length === 4,
  )
  const references = (await agency.taken()).filter((t) => t.documentType === 'CEB311Message').map((t) => t.reference)
  expect(references).toEqual(sent.map((s) => s.receipts[0]!.reference))
})

test('with Redis away messages are accepted, and go out when it is back, or wiped (promise 6)', async () => {
  const httpPort = await freePort()
  const redis = await ownRedis()
  const agency = await ownAgency({ hubPort: httpPort })
  const hub = await startHub({ config: agency.config, env: { ...agency.env, REDIS_URL: redis.url }, httpPort })
  await redis.stop('SIGKILL')
  const first = await hub.send(freshOrder())
  const second = await hub.send(freshOrder())
  expect([first.status, second.status]).toEqual([202, 202])
  await until('readiness to say degraded', async () => {
    const report = (await (await fetch(`${hub.url}/readyz`)).json()) as { status: string }
    return report.status === 'degraded'
  })
  expect((await fetch(`${hub.url}/readyz`)).status).toBe(200)
  const metrics = async () => (await hub.get('/metrics', { key: hub.env.HUB_OPS_KEY! })).text()
  expect(await metrics(), 'no number instead of an old one: the alert asks for its absence').not.toMatch(
    /^hub_redis_latency_seconds /m,
  )
  await redis.start()
  await redis.flush()
  for (const { receipts } of [first, second]) await hub.receiptsOf(receipts[0]!.messageId, approved, 40_000)
  expect((await agency.taken()).map((t) => t.times)).toEqual([1, 1])
})

test('a receipt that cannot be written to the InBox is tried again; the message is not (promise 4)', async () => {
  const { hub, agency } = await sharedHubWithAgency()
  await agency.control({ hold: true })
  await hub.sftp(`put ${samplePath('ceb/CEB311Message.xml')} OutBox/order.xml`)
  await until('the agency to have it', async () => (await agency.taken()).length === 1)
  // The InBox is gone and its place is taken by a file: what a full or broken disk looks like to the hub.
  const inbox = join(hub.dataDir, 'sftp', hub.env.HUB_SFTP_USER!, 'InBox')
  // A receipt may be on its way into it at this moment: then once more.
  await until('a file where the InBox was', async () => {
    await rm(inbox, { recursive: true, force: true })
    await writeFile(inbox, '', { flag: 'wx' })
    return true
  })
  const before = (await hub.log()).length
  await agency.clear()
  const since = async () => (await hub.log()).slice(before)
  await until('a failed return to be logged', async () => (await since()).some((l) => l.msg === 'return retry'))
  await rm(inbox)
  await until('the receipt in InBox', async () => (await hub.sftp('ls -1 InBox')).stdout.includes('Receipt_'), 40_000)
  expect((await agency.taken()).map((t) => t.times)).toEqual([1])
})

test('duplicated receipts are given to the partner once', async () => {
  const { hub, agency } = await sharedHubWithAgency()
  await agency.control({ duplicateReceipts: true })
  const { receipts } = await hub.send(freshOrder())
  const all = await hub.receiptsOf(receipts[0]!.messageId, approved)
  const codes = all.filter((r) => r.stage === 'business').map((r) => r.code)
  expect(new Set(codes).size).toBe(codes.length)
})

test('a receipt that speaks of nothing the hub knows is kept as an orphan, and the agency is thanked', async () => {
  const { hub } = await sharedHubWithAgency(hubThatCannotAsk)
  const orphans = async () => (await hub.ops<{ orphans: number }>('/ops/status')).orphans
  const before = await orphans()
  const stray = sample('ceb/CEB312Message.xml')
  const post = (token: string) =>
    fetch(`${hub.url}/agency/gacc/receipts`, {
      method: 'POST',
      body: new Uint8Array(stray),
      headers: { 'content-type': 'application/xml', authorization: `Bearer ${token}` },
    })
  expect((await post('wrong')).status).toBe(401)
  expect((await post(agencyToken)).status).toBe(202)
  await until('the orphan to be counted', async () => (await orphans()) === before + 1)
  expect((await post(agencyToken)).status).toBe(200)
})
