// Bad weather between the hub and an agency, round after round, while partners pour messages in: it is killed, hangs
// up, is slow, busy, answers twice and backwards; people pause it, and its rules change. Nothing is lost, nothing is
// sent twice, orders and their changes keep their sequence, and in the end nobody need be asked (promises 2, 3, 5).
// WEATHER_ROUNDS bounds the run (default 20); the seed is printed.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import type { Receipt } from '../../messages/receipt.js'
import { startHub, type RunningHub } from '../support/hub.js'
import { freePort, ownAgency } from '../support/neighbours.js'
import { changeOf, freshOrder } from '../support/orders.js'
import { seedOf } from '../support/seeded.js'
import { until } from '../support/until.js'

const rounds = Number(process.env.WEATHER_ROUNDS ?? 20)
const seed = seedOf(process.env.WEATHER_SEED) % 1_000_000
const policy = {
  retrySeconds: [0.1, 0.3, 1],
  askSeconds: [0.2, 1],
  deadlineSeconds: 2,
  breaker: { minimum: 10, openSeconds: [0.3, 1], probes: 2 },
}

async function begin(idempotent: boolean, over: object) {
  const httpPort = await freePort()
  const agency = await ownAgency({ hubPort: httpPort, idempotent, policy: { ...policy, ...over } })
  const hub = await startHub({ config: agency.config, env: agency.env, httpPort })
  return { hub, agency }
}
const tries = async (hub: RunningHub) =>
  [
    ...(await (await hub.get('/metrics', { key: hub.env.HUB_OPS_KEY! })).text()).matchAll(
      /^hub_submissions_total\{agency="gacc".*\} (\S+)$/gm,
    ),
  ].reduce((sum, [, n]) => sum + Number(n), 0)

test.each([
  [false, 'is asked what it has'],
  [true, 'knows a repeated message again'],
])(
  `${rounds} rounds of bad weather (seed ${seed}), idempotent %s: an agency that %s has everything once`,
  async (idempotent) => {
    const random = mulberry(seed)
    const { hub, agency } = await begin(idempotent, idempotent ? { statusQuery: false, doubtSeconds: [0.2] } : {})
    const sent: { id: string; reference: string }[] = []
    const chains: string[][] = []
    const send = async (bytes: Buffer) => {
      const { status, receipts } = await hub.send(bytes)
      expect(status).toBe(202)
      sent.push({ id: receipts[0]!.messageId, reference: receipts[0]!.reference })
      return receipts[0]!.reference
    }
    async function pour(n: number): Promise<void> {
      const order = freshOrder()
      const chain: string[] = []
      chains.push(chain)
      const others = Promise.all(Array.from({ length: n }, () => send(freshOrder())))
      for (let i = 0; i < 4; i++) chain.push(await send(i === 0 ? order : changeOf(order, i)))
      await others
    }
    const taken = async () => (await agency.taken()).length
    const noticed = async () => {
      const before = await tries(hub)
      await until('the hub to try', async () => (await tries(hub)) > before + 2, 30_000)
    }
    const weather: Record<string, () => Promise<void>> = {
      async killed() {
        const before = await taken()
        const pouring = pour(40)
        // One at a time, an agency that asked twenty times for a rest of a second and then is slow takes half a minute
        // and more to get through.
        await until('some to be taken', async () => (await taken()) > before + 3, 120_000)
        await agency.stop()
        await pouring
        await noticed()
        await agency.start()
      },
      async lost() {
        await agency.control({ hangUp: 'after', times: 15 })
        await pour(25)
      },
      async cut() {
        await agency.control({ hangUp: 'before', times: 15 })
        await pour(25)
      },
      async slow() {
        await agency.control({ slowMs: 2600, earlyReceipts: random() < 0.5, times: 6 })
        await pour(15)
      },
      async busy() {
        await agency.control({ fail: 503, ...(random() < 0.5 ? { retryAfterSeconds: 1 } : {}), times: 20 })
        await pour(20)
      },
      async backwards() {
        await agency.control({ reverseReceipts: true, duplicateReceipts: random() < 0.5, times: 20 })
        await pour(20)
      },
      async paused() {
        await hub.ops('/ops/agencies/gacc/pause', { why: 'weather' })
        await pour(15)
        await hub.ops('/ops/agencies/gacc/resume', { why: 'weather' })
      },
      async otherRules() {
        const pouring = pour(25)
        const rules = {
          ...(agency.config as { agencies: { default: object } }).agencies.default,
          concurrency: 1 + Math.floor(random() * 16),
          headers: { 'X-Round': String(random()) },
        }
        await writeFile(join(hub.dataDir, 'hub.yaml'), stringify({ agencies: { default: rules } }))
        await hub.cli('reload', '--why', 'weather')
        await pouring
      },
      fair: () => pour(40),
    }
    const kinds = Object.keys(weather)
    for (let round = 0; round < rounds; round++) {
      // Each kind once before any comes twice.
      const kind =
        round < kinds.length ? kinds[(round + seed) % kinds.length]! : kinds[Math.floor(random() * kinds.length)]!
      await weather[kind]!()
    }
    await agency.clear()

    // The agency's answers name an order, not one of its changes: a change is through when it is taken, an order of its
    // own when it is approved.
    const changed = new Set(chains.flat())
    const open = new Map(sent.map(({ id, reference }) => [id, changed.has(reference)]))
    const states = new Map<string, string>()
    await until(
      'every message to be through',
      async () => {
        for (const [id, change] of [...open].slice(0, 100)) {
          const state = await hub.state(id)
          states.set(id, state)
          if (change ? !['accepted', 'unclear'].includes(state) : state === 'approved') open.delete(id)
        }
        return open.size === 0
      },
      90_000,
    ).catch(async (error: Error) => {
      throw new Error(
        `${error.message}: ${open.size} ` +
          `of ${sent.length}, ${JSON.stringify([...new Set([...open.keys()].map((id) => states.get(id)))])}, ` +
          `e.g. ${JSON.stringify(await hub.ops(`/ops/messages/${[...open.keys()][0]}`)).slice(0, 3000)}`,
      )
    })
    const had = await agency.taken()
    expect(
      had.filter(({ times }) => times !== 1),
      'taken more than once',
    ).toEqual([])
    const references = had.map(({ reference }) => reference)
    expect([...references].sort()).toEqual(sent.map(({ reference }) => reference).sort())
    for (const chain of chains)
      expect(
        references.filter((one) => chain.includes(one)),
        'an order and its changes',
      ).toEqual(chain)
    for (const { id, reference } of sent.filter((one) => !changed.has(one.reference)).slice(0, 60)) {
      const { receipts } = await hub.read<{ receipts: Receipt[] }>(`/v1/messages/${id}/receipts`)
      const codes = receipts.filter(({ stage }) => stage === 'business').map(({ code }) => code)
      expect(new Set(codes).size, `${reference}: each business receipt came home once`).toBe(codes.length)
    }
    const { agencies } = await hub.ops<{
      agencies: { agency: string; unclear: number; dead: number; queued: number }[]
    }>('/ops/status')
    expect(agencies.find((one) => one.agency === 'gacc')).toMatchObject({ unclear: 0, dead: 0, queued: 0 })
  },
)

function mulberry(state: number): () => number {
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}
