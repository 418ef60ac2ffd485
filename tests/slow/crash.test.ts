// The hub is killed with SIGKILL between any two steps, again and again, while messages pour in. Nothing that was
// acknowledged may be lost, nothing may reach the agency twice, and every receipt must come home (promises 1, 2, 3, 4,
// 6, 7, 8). The agency is NOT idempotent: what it takes twice, it counts twice. CRASH_ROUNDS bounds the run (default
// 12); the seed is printed.
import { expect, test } from 'vitest'
import type { Receipt } from '../../messages/receipt.js'
import { launchHub, sample, type RunningHub } from '../support/hub.js'
import { freePort, ownAgency, ownRedis } from '../support/neighbours.js'
import { seedOf } from '../support/seeded.js'
import { tempDir } from '../support/temp.js'
import { until } from '../support/until.js'

const rounds = Number(process.env.CRASH_ROUNDS ?? 12)
const seed = seedOf(process.env.CRASH_SEED) % 1_000_000

/** Steps after which the hub is killed: the log event that says the step is done. */
const steps = ['accepted', 'claimed', 'submitted', 'reply kept', 'settled']

/** Each step comes first, then every second round; the others kill at a random moment. */
const stepOf = (round: number) => (round < steps.length || round % 2 === 0 ? steps[round % steps.length] : undefined)

test(`killed ${rounds} times (seed ${seed}), the hub loses nothing and sends nothing twice`, async () => {
  const random = mulberry(seed)
  const port = await freePort()
  const redis = await ownRedis()
  const agency = await ownAgency({ hubPort: port })
  const dataDir = await tempDir('crash')
  const acknowledged = new Map<string, string>()
  const unanswered: Buffer[] = []
  let sent = 0
  let hub: RunningHub

  const begin = () =>
    launchHub({
      dataDir,
      config: agency.config,
      env: { ...agency.env, REDIS_URL: redis.url, HUB_HTTP_PORT: String(port) },
      httpPort: port,
    })
  hub = await begin()
  try {
    for (let round = 0; round < rounds; round++) {
      const step = stepOf(round)
      const watch = step === undefined ? undefined : killAfter(hub, step, 1 + Math.floor(random() * 20))
      const kill = watch ?? new Promise<void>((resolve) => setTimeout(resolve, 50 + random() * 1500))
      let dead = false
      void kill.then(async () => {
        dead = true
        await hub.stop('SIGKILL')
      })
      const pour = async () => {
        while (!dead) {
          const bytes = unanswered.pop() ?? fresh(sent++)
          try {
            const answer = await hub.send(bytes)
            if (answer.status === 202 || answer.status === 200)
              acknowledged.set(answer.receipts[0]!.messageId, answer.receipts[0]!.reference)
            else throw new Error(`${answer.status} ${JSON.stringify(answer.body).slice(0, 1500)}`)
          } catch (error) {
            // The connection died with the hub: the partner does what partners do, and sends the same bytes again.
            if (!(error instanceof TypeError)) throw error
            unanswered.push(bytes)
            if (!dead) await kill
          }
          if (sent > 400 * (round + 1)) await kill
        }
      }
      await Promise.all(Array.from({ length: 4 }, pour))
      await hub.stop('SIGKILL')
      hub = await begin()
    }

    for (const bytes of unanswered) {
      const { status, receipts } = await hub.send(bytes)
      expect([200, 202]).toContain(status)
      acknowledged.set(receipts[0]!.messageId, receipts[0]!.reference)
    }
    // Everything comes to its end by itself: no one is asked, nothing is replayed by hand.
    const open = new Set(acknowledged.keys())
    await until(
      'every message to be approved',
      async () => {
        for (const messageId of [...open].slice(0, 200))
          if ((await hub.state(messageId)) === 'approved') open.delete(messageId)
        return open.size === 0
      },
      240_000 + acknowledged.size * 50,
    )
    const taken = await agency.taken()
    const times = new Map(taken.map((t) => [t.reference, 0]))
    for (const t of taken) times.set(t.reference, times.get(t.reference)! + t.times)
    expect(
      [...times].filter(([, n]) => n !== 1),
      'references the agency took more than once',
    ).toEqual([])
    expect(
      [...acknowledged.values()].filter((reference) => !times.has(reference)),
      'acknowledged references the agency never got',
    ).toEqual([])
    // One message a reference: a resend never made a second one.
    expect(new Set(acknowledged.values()).size).toBe(acknowledged.size)
    for (const messageId of [...acknowledged.keys()].slice(0, 50)) {
      const { receipts } = await hub.read<{ receipts: Receipt[] }>(`/v1/messages/${messageId}/receipts`)
      expect(receipts.filter((r) => r.stage === 'technical')).toHaveLength(1)
      expect(new Set(receipts.map((r) => r.receiptId)).size).toBe(receipts.length)
      const codes = receipts.filter((r) => r.stage === 'business').map((r) => r.code)
      expect(new Set(codes).size, `each business receipt came home once: ${codes.join(' ')}`).toBe(codes.length)
    }
    process.stdout.write(
      `crash: ${rounds} kills, ${acknowledged.size} messages acknowledged, ${taken.length} taken once each, ` +
        `seed ${seed}\n`,
    )
  } finally {
    await hub.stop('SIGKILL')
  }
})

/** Resolves when the hub has logged this event for the n-th time since now. */
function killAfter(hub: RunningHub, event: string, n: number): Promise<void> {
  return (async () => {
    const before = (await hub.log()).filter((line) => line.msg === event).length
    await until(
      `${n} × ${event}`,
      async () => (await hub.log()).filter((line) => line.msg === event).length >= before + n,
      20_000,
    )
  })()
}

/** The order sample with numbers of its own. */
function fresh(n: number): Buffer {
  const id = (salt: number) =>
    (
      `${(seed * 31 + salt).toString(16).padStart(8, '0').slice(-8)}-0000-4000-8000-` +
      `${n.toString(16).padStart(12, '0')}`
    ).toUpperCase()
  let salt = 0
  const seen = new Map<string, string>()
  const text = sample('ceb/CEB311Message.xml')
    .toString()
    .replace(/[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}/g, (guid) => {
      if (!seen.has(guid)) seen.set(guid, id(salt++))
      return seen.get(guid)!
    })
  return Buffer.from(text.replace(/<((?:ceb:)?orderNo)>[^<]*</g, `<$1>ORDER-${seed}-${n}<`))
}

function mulberry(a: number): () => number {
  return () => {
    a = (a + 0x6d2b79f5) | 0
    let t = Math.imul(a ^ (a >>> 15), 1 | a)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
