// An agency that is down for an hour, is slow, takes messages without saying so, or answers twice and in the wrong
// order: whatever it does, nothing is lost, nothing is sent twice, and what belongs together arrives in its order.
// (promises 2, 3 and 5.)
import { expect, test } from 'vitest'
import type { Receipt } from '../../messages/receipt.js'
import { clock } from '../support/clock.js'
import { startHub, type HubOptions, type RunningHub } from '../support/hub.js'
import { freePort, ownAgency, type OwnAgency } from '../support/neighbours.js'
import { changeOf, freshOrder } from '../support/orders.js'
import { until } from '../support/until.js'

interface Given {
  policy?: object
  over?: Partial<HubOptions>
}
async function hubWithAgency({ policy = {}, over = {} }: Given = {}) {
  const httpPort = await freePort()
  const agency = await ownAgency({ hubPort: httpPort, policy })
  const hub = await startHub({ ...over, config: agency.config, env: { ...agency.env, ...over.env }, httpPort })
  return { hub, agency }
}
/** Its message id and reference. */
async function send(hub: RunningHub, bytes = freshOrder()): Promise<{ id: string; reference: string }> {
  const { status, receipts } = await hub.send(bytes)
  expect(status).toBe(202)
  return { id: receipts[0]!.messageId, reference: receipts[0]!.reference }
}
const many = async (hub: RunningHub, n: number) => Promise.all(Array.from({ length: n }, () => send(hub)))

/** Every number of the agency's that Prometheus would read now. */
async function metrics(hub: RunningHub) {
  const text = await (await hub.get('/metrics', { key: hub.env.HUB_OPS_KEY! })).text()
  const sum = (pattern: RegExp) => [...text.matchAll(pattern)].reduce((total, [, value]) => total + Number(value), 0)
  return {
    breaker: sum(/^hub_breaker_state\{agency="gacc"\} (\S+)$/gm),
    heldByBreaker: sum(/^hub_agency_held\{agency="gacc",reason="breaker"\} (\S+)$/gm),
    queued: sum(/^hub_queue_submissions\{agency="gacc",state="queued"\} (\S+)$/gm),
    oldest: sum(/^hub_queue_oldest_seconds\{agency="gacc"\} (\S+)$/gm),
    tries: sum(/^hub_submissions_total\{agency="gacc",outcome="[^"]*",code="[^"]*"\} (\S+)$/gm),
    changes: (state: string) =>
      sum(new RegExp(`^hub_breaker_changes_total\\{agency="gacc",state="${state}"\\} (\\S+)$`, 'gm')),
  }
}
const all = (hub: RunningHub, sent: { id: string }[], fits: (receipts: Receipt[]) => boolean, ms = 30_000) =>
  Promise.all(sent.map(({ id }) => hub.receiptsOf(id, fits, ms)))
const approved = (receipts: Receipt[]) => receipts.some(({ status }) => status === 'approved')

/** The agency has each of them once, and nothing else. */
async function takenOnce(agency: OwnAgency, sent: { reference: string }[]): Promise<string[]> {
  const taken = await agency.taken()
  expect(taken.filter(({ times }) => times !== 1)).toEqual([])
  const references = taken.map(({ reference }) => reference)
  expect([...references].sort()).toEqual(sent.map(({ reference }) => reference).sort())
  return references
}

test('an agency down for an hour is probed less and less; then all arrive in order (promises 2, 3)', async () => {
  const time = await clock()
  const rules = { retrySeconds: [1, 2, 5, 15, 60, 300, 900], breaker: { openSeconds: [10, 30, 60, 600] } }
  const { hub, agency } = await hubWithAgency({ policy: rules, over: { nodeArgs: time.nodeArgs, env: time.env } })
  const before = await many(hub, 5)
  await all(hub, before, approved)
  await agency.stop()
  const began = time.now()
  const order = freshOrder()
  const chain = [await send(hub, order)]
  const sent = [...before, ...(await many(hub, 30))]
  await until('the breaker to open', async () => (await metrics(hub)).breaker === 2)
  const triesToOpen = (await metrics(hub)).tries

  const waits: number[] = []
  while (time.now() - began < 3_600_000) {
    const { openings, until: end, since } = await until('an open breaker', () => opening(hub, waits.length + 1))
    expect(openings).toBe(waits.length + 1)
    waits.push((Date.parse(end) - Date.parse(since)) / 1000)
    // Partners go on sending, also changes of what still waits.
    chain.push(await send(hub, changeOf(order, waits.length)))
    sent.push(...(await many(hub, 2)))
    await time.moveTo(hub, Date.parse(end))
  }
  expect(waits.slice(0, 6)).toEqual([10, 30, 60, 600, 600, 600])
  expect(new Set(waits.slice(3))).toEqual(new Set([600]))
  await until('the last opening', () => opening(hub, waits.length + 1))
  const down = await metrics(hub)
  expect({
    opened: down.changes('open'),
    probed: down.changes('half-open'),
    closed: down.changes('closed'),
    held: down.heldByBreaker,
  }).toEqual({ opened: waits.length + 1, probed: waits.length, closed: 0, held: 1 })
  expect(
    down.tries - triesToOpen,
    'one failed probe each time, or as many as were let through together',
  ).toBeLessThanOrEqual(3 * waits.length)
  expect(down.queued).toBe(chain.length + sent.length - before.length)
  expect(down.oldest).toBeGreaterThan(3500)

  await agency.start()
  // What has waited for long is tried again after a quarter of an hour at most.
  const everything = [...chain, ...sent]
  await until(
    'everything to be taken',
    async () => {
      await time.advance(hub, 120)
      return (await metrics(hub)).queued === 0
    },
    60_000,
  )
  await all(hub, everything.slice(-5), approved)
  const references = await takenOnce(agency, everything)
  expect(
    references.filter((one) => chain.some(({ reference }) => reference === one)),
    'the original, then its changes as they came',
  ).toEqual(chain.map(({ reference }) => reference))
  const well = await metrics(hub)
  expect([well.breaker, well.heldByBreaker, well.changes('closed')]).toEqual([0, 0, 1])
})

/** The breaker of this hub while it is open for the nth time. */
async function opening(hub: RunningHub, n: number) {
  const { processes } = await hub.ops<{
    processes: { breaker: { state: string; since: string; until: string; openings: number } }[]
  }>('/ops/agencies/gacc')
  const { breaker } = processes[0]!
  return breaker.state === 'open' && breaker.openings >= n ? breaker : undefined
}

test('an agency that is too slow, or breaks off after taking, is asked instead of sent again', async () => {
  const { hub, agency } = await hubWithAgency({
    policy: { deadlineSeconds: 1, askSeconds: [0.1, 1], breaker: { minimum: 8, openSeconds: [0.5], probes: 2 } },
  })
  await agency.control({ slowMs: 2000, times: 12 })
  const slow = await many(hub, 12)
  await until('the breaker to open', async () => (await metrics(hub)).changes('open') >= 1)
  await agency.control({ hangUp: 'after', times: 10 })
  const cut = await many(hub, 12)
  await all(hub, [...slow, ...cut], approved)
  await takenOnce(agency, [...slow, ...cut])
  const outcomes = await Promise.all(
    [...slow, ...cut].map(async ({ id }) =>
      (
        await hub.read<{ submissions: { attempts: { outcome: string }[] }[] }>(`/v1/messages/${id}`)
      ).submissions[0]!.attempts.map(({ outcome }) => outcome),
    ),
  )
  expect(
    outcomes.flat().filter((outcome) => outcome === 'unclear').length,
    'tries nobody could know about',
  ).toBeGreaterThanOrEqual(20)
})

test('receipts twice, in the wrong order or too early end in the same state, each once (promise 5)', async () => {
  const { hub, agency } = await hubWithAgency()
  const course = async (behaviour?: object) => {
    await agency.clear()
    if (behaviour) await agency.control(behaviour)
    const one = await send(hub)
    const straight = behaviour === undefined
    const receipts = await hub.receiptsOf(one.id, (got) => (straight ? approved(got) : got.length >= expected.length))
    return {
      state: await hub.state(one.id),
      codes: receipts.filter(({ stage }) => stage === 'business').map(({ code }) => code),
    }
  }
  let expected: string[] = []
  const straight = await course()
  expected = ['technical', ...straight.codes]
  expect(straight.codes.length).toBeGreaterThan(2)
  for (const behaviour of [
    { duplicateReceipts: true },
    { reverseReceipts: true },
    { reverseReceipts: true, duplicateReceipts: true },
    { slowMs: 1200, earlyReceipts: true },
  ]) {
    const { state, codes } = await course(behaviour)
    expect([...codes].sort(), JSON.stringify(behaviour)).toEqual([...straight.codes].sort())
    expect(state, JSON.stringify(behaviour)).toBe(straight.state)
  }
})
