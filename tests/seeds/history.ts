// history — one history: partners file, agencies answer, hubs die, Redis is lost, people decide. Then all trouble ends,
// time passes until nothing is left to do, and the promises are held against what is there.
import type { Ledger } from '../../store/ledger.js'
import { createAgency, type Agency, type Habits } from './agency.js'
import { whole, type Breaks } from './breaks.js'
import { agencyCodes, partners } from './documents.js'
import { startHub, usualPolicy, type Hub } from './hub.js'
import type { OpenLedger, Shelf } from './ledger.js'
import { createPartnerSystem, plan, type PartnerSystem, type Told } from './partner.js'
import { createJudge } from './promises.js'
import { createRedis } from './redis.js'
import { createWorld, type Owner, type World } from './world.js'

export interface HistoryEnd {
  seed: number
  /** What was promised and not kept; empty: all is well. */
  broken: string[]
  trace: string[]
  steps: number
  /** What happened in it, to see that a history is one. */
  counts: Record<string, number>
  /** Of its ledger. */
  writes: number
}

/** A history that does not come to its end is itself a fault: something goes round for ever. */
const mostSteps = 60_000
/** How long trouble lasts, by the history's clock. */
const troubleMs = { small: [5_000, 40_000], large: [20_000, 90_000] } as const

/** In a history without any other trouble the n-th write fails, from 1, a commit counted as one. */
export interface Failing {
  nth: number
  how: 'full' | 'gone'
}

/** Makes histories, one after another, all in one world and on one shelf. */
export function createHistories(shelf: Shelf, breaks: Breaks = whole) {
  const world = createWorld()
  return async function runHistory(
    seed: number,
    { traced = false, fails }: { traced?: boolean; fails?: Failing | undefined } = {},
  ): Promise<HistoryEnd> {
    world.begin(seed, traced)
    shelf.begin()
    const living: Owner[] = []
    try {
      return await told(world, shelf, { breaks, living, fails })
    } finally {
      for (const owner of living) owner.dead = true
      await world.end()
      shelf.rollback()
    }
  }
}

async function told(
  world: World,
  shelf: Shelf,
  { breaks, living, fails }: { breaks: Breaks; living: Owner[]; fails: Failing | undefined },
): Promise<HistoryEnd> {
  const { random } = world
  const counts: Record<string, number> = {}
  const count = (what: string, by = 1) => (counts[what] = (counts[what] ?? 0) + by)
  // Most faults need little: three of four histories are small, so that there are more of them.
  const small = random.chance(0.75)
  const [soonest, latest] = small ? troubleMs.small : troubleMs.large
  const troubleEnds = random.int(soonest, latest)
  let calm = false
  let disk: 'well' | 'full' = 'well'
  let writes = 0
  function diskSays(what: 'write' | 'commit'): 'well' | 'full' | 'gone' {
    writes++
    if (fails) return writes === fails.nth ? fails.how : 'well'
    return what === 'commit' ? disk : 'well'
  }

  const codes = agencyCodes.slice(0, small ? random.pick([1, 1, 1, 2]) : random.int(1, agencyCodes.length))
  const policies = new Map<string, ReturnType<typeof usualPolicy>>()
  const agencies = new Map<string, Agency>()
  for (const code of codes) {
    const habits = habitsOf(world)
    policies.set(
      code,
      usualPolicy({
        idempotent: habits.idempotent,
        concurrency: random.int(1, 3),
        deadlineSeconds: random.int(5, 20),
        giveUpHours: random.chance(0.2) ? 0.02 : 72,
        retrySeconds: [1, 5, 20],
        doubtSeconds: [5, 20],
        breaker: { enabled: random.chance(0.3), minimum: 2, openSeconds: [5, 20] },
      }),
    )
    agencies.set(code, createAgency({ code, world, habits, door: agencyDoor }))
  }

  const redis = createRedis(world)
  redis.listen((queue) => hubs.forEach((hub) => hub.ring(queue)))
  const hubs: Hub[] = []
  const severalHubs = random.chance(0.3)
  let lives = 0
  const sweepMs = random.int(20_000, 60_000)
  /** With several hubs the ledger is a server of its own, which outlives them. */
  const server: { owner: Owner; ledger: OpenLedger } | undefined = severalHubs ? openLedger('ledger') : undefined

  function openLedger(name: string) {
    const owner = { name, dead: false }
    living.push(owner)
    return { owner, ledger: opened(owner) }
  }

  function opened(owner: Owner): OpenLedger {
    const ledger = shelf.open(owner, diskSays)
    ledger.receipts(({ receiptId }) => judge.written(receiptId))
    return ledger
  }

  function startOne(): void {
    const owner: Owner = { name: `hub ${++lives}`, dead: false }
    living.push(owner)
    world.note(() => `${owner.name} starts`)
    const ledger = server?.ledger ?? opened(owner)
    const hub = startHub(world, breaks, {
      owner,
      ledger,
      redis,
      agencies,
      policies,
      sweepMs,
      maySweep: () => hubs[0]?.owner === owner,
      deliver: ({ partnerId, receipt }, channel) => deliver(owner, partnerId, receipt, channel),
    })
    hubs.push(hub)
    hub.ready()
  }

  function kill(hub: Hub): void {
    count('kills')
    world.note(() => `${hub.owner.name} is killed`)
    hub.kill()
    hubs.splice(hubs.indexOf(hub), 1)
    redis.mourn(hub.owner)
    world.after(calm ? 0 : random.int(100, 20_000), undefined, 'start', startOne)
  }

  const aHub = () => (hubs.length === 0 ? undefined : random.pick(hubs))
  function agencyDoor() {
    return aHub()
  }

  const judge = createJudge({ shelf, world, agencies, redis })
  const systems = new Map<string, PartnerSystem>()
  const some = random.int(0, partners.length - 1)
  const filing = small ? partners.slice(some, some + random.pick([1, 1, 1, 2])) : partners.slice(0, some + 1)
  for (const { partnerId } of filing) {
    const system = createPartnerSystem({
      partnerId,
      world,
      door: aHub,
      trouble: 0.15,
      told(one: Told) {
        count(one.answer.outcome)
        judge.told(one)
      },
    })
    systems.set(partnerId, system)
    for (const { texts, ms } of plan(partnerId, world, small ? 1 : 2, troubleEnds * 0.7)) system.deliver(texts, ms)
    lookNow(system)
  }

  function lookNow(system: PartnerSystem): void {
    world.after(random.int(2_000, 40_000), undefined, `${system.partnerId} looks`, () => {
      if (calm) return
      system.look()
      lookNow(system)
    })
  }

  /** Into an InBox, or to a webhook: it arrives or not, and the hub hears of it or not. */
  async function deliver(
    owner: Owner,
    partnerId: string,
    receipt: Parameters<PartnerSystem['receive']>[0],
    channel: string,
  ): Promise<void> {
    await world.wait(random.int(1, 200), owner, `${channel} to ${partnerId}`)
    const system = systems.get(partnerId)
    const rough = system?.rough() ?? false
    if (rough && random.chance(0.5)) throw new Error('not there')
    system?.receive(receipt)
    await world.wait(random.int(1, 200), owner, `${channel} answers`)
    if (rough) throw new Error('cut')
  }

  for (let i = 0; i < (severalHubs ? 2 : 1); i++) startOne()
  if (!fails) trouble()
  else for (const one of [...agencies.values(), ...systems.values()]) one.calm()

  function trouble(): void {
    world.after(random.int(500, small ? 10_000 : 15_000), undefined, 'trouble', () => {
      if (calm) return
      happens()
      trouble()
    })
  }

  function happens(): void {
    const agency = random.pick([...agencies.values()])
    switch (random.int(0, 9)) {
      case 0:
      case 1: {
        const hub = aHub()
        if (hub) kill(hub)
        return
      }
      case 2:
        count('flushes')
        world.note(() => 'Redis is emptied')
        return redis.flush()
      case 3:
        count('redis away')
        world.note(() => 'Redis is away')
        redis.goAway()
        return void world.after(random.int(1_000, 30_000), undefined, 'Redis', () => {
          world.note(() => 'Redis is back')
          redis.comeBack()
          for (const hub of hubs) hub.ready()
        })
      case 4:
        count('closings')
        world.note(() => `${agency.code} closes`)
        agency.close()
        return void world.after(random.int(5_000, 100_000), undefined, agency.code, () => {
          world.note(() => `${agency.code} opens`)
          agency.open()
        })
      case 5: {
        const active = redis.jobs().filter(({ state }) => state === 'active')
        if (active.length === 0) return
        count('stalls')
        const job = random.pick(active)
        world.note(() => `the job of ${job.id} is given to somebody else`)
        return redis.stall(job)
      }
      case 6:
        count('disk full')
        world.note(() => 'the disk is full')
        disk = 'full'
        return void world.after(random.int(1, 8_000), undefined, 'disk', () => {
          disk = 'well'
          world.note(() => 'the disk has room')
        })
      case 7: {
        const paused = { windows: [], paused: { since: world.date().toISOString(), who: 'operator', why: 'test' } }
        world.note(() => `${agency.code} is paused`)
        for (const hub of hubs) hub.gate.holdsChanged(new Map([[agency.code, paused]]))
        return void world.after(random.int(1_000, 30_000), undefined, 'resume', () => {
          for (const hub of hubs) hub.gate.holdsChanged(new Map())
        })
      }
      default:
        return void operate(random.chance(0.5)).catch(() => {})
    }
  }

  /** What a person does who has asked the agency by telephone: what is sent again is surely not there. */
  async function operate(some: boolean): Promise<void> {
    const hub = aHub()
    if (!hub) return
    count('operator')
    const { ledger, owner } = hub
    const standing = async (kind: 'dead' | 'unclear' | 'held') =>
      (await ledger.needsAttention(kind, 20)).filter(() => !some || random.chance(0.5))
    await world.gate(owner, 'operator')
    const doubtful = await standing('unclear')
    for (const { submissionId, agency, since } of doubtful) {
      // Nobody decides while it may still be on its way.
      if (world.now() - Date.parse(since) < 40_000) continue
      const there = agencies.get(agency)!.has.has(submissionId)
      const decision = there ? 'taken' : random.chance(0.7) ? 'resend' : 'dead'
      if (await ledger.resolveUnclear(submissionId, { decision, why: 'by telephone' }, world.date())) {
        count(`decided ${decision}`)
        world.note(() => `a person decides ${decision} of ${submissionId}`)
        await offerAgain(hub, submissionId)
      }
    }
    for (const { submissionId } of await standing('dead')) {
      const again = random.chance(0.3)
      const done = again ? await ledger.replay(submissionId, world.date()) : await ledger.dropDead(submissionId)
      if (!done) continue
      count(again ? 'replayed' : 'dropped')
      world.note(() => `a person ${again ? 'sends again' : 'drops'} ${submissionId}`)
      if (again) judge.movedByHand(submissionId)
      await offerAgain(hub, submissionId)
    }
    for (const { submissionId } of await standing('held')) {
      const decision = random.chance(0.3) ? 'send' : 'dead'
      if (await ledger.releaseHeld(submissionId, { decision }, world.date())) {
        count(`held: ${decision}`)
        world.note(() => `a person lets ${submissionId} go: ${decision}`)
        judge.movedByHand(submissionId)
        await offerAgain(hub, submissionId)
      }
    }
  }

  /** As hub/operate/operator/submissions.ts: what may go on now is offered at once. */
  async function offerAgain({ ledger, offer }: Hub, submissionId: string): Promise<void> {
    const known = await ledger.submissionById(submissionId)
    if (known) await offer({ submissionId, agency: known.agency })
    const next = await ledger.nextBehind(submissionId)
    if (next) await offer(next)
  }

  async function until(done: () => boolean): Promise<boolean> {
    while (!done()) {
      if (world.steps() > mostSteps) return false
      if (!(await world.step())) return done()
    }
    return true
  }

  const begun = world.now()
  let ended = await until(() => world.now() - begun >= troubleEnds)
  world.note(() => '— all trouble ends —')
  calm = true
  disk = 'well'
  world.calm()
  redis.comeBack()
  for (const hub of hubs) hub.ready()
  for (const agency of agencies.values()) {
    agency.calm()
    agency.open()
  }
  for (const system of systems.values()) system.calm()
  for (const hub of hubs) hub.gate.holdsChanged(new Map())
  // Rounds of a few minutes: sweep, decide what only people can decide, read the mailboxes.
  for (let round = 0; ended && round < 60; round++) {
    const from = world.now()
    if (round > 0) for (const hub of hubs) hub.sweep()
    ended = await until(() => world.now() - from >= 30_000)
    if (round > 0 && judge.isQuiet(systems)) break
    for (const system of systems.values()) if (system.partnerId !== 'files') system.look()
    if (!judge.needsPeople()) continue
    let decided = false
    void operate(false)
      .then(matchOrphans)
      .catch(() => {})
      .finally(() => (decided = true))
    ended &&= await until(() => decided)
  }

  /** An answer nobody was found for is brought by a person to whom it speaks of. */
  async function matchOrphans(): Promise<void> {
    const ledger: Ledger | undefined = aHub()?.ledger
    if (!ledger) return
    // An answer that waits for one in doubt waits until a person has decided of that one.
    const doubt = await ledger.needsAttention('unclear', 1)
    const held = doubt.length > 0 ? [] : await ledger.heldAnswers(20)
    for (const { replyId } of held) await ledger.releaseAnswer(replyId, world.date())
    for (const { replyId, agency, head } of await ledger.orphans(20)) {
      const taken = [...agencies.get(agency)!.has.values()].find(({ answers }) =>
        answers.some(({ bytes }) => bytes.toString() === head),
      )
      if (taken) await ledger.matchOrphan(replyId, taken.submissionId)
      count('matched by hand')
    }
  }

  const found = judge.verdict(systems)
  for (const { has } of agencies.values()) count('taken', has.size)
  count(
    'received',
    [...systems.values()].reduce((sum, { got }) => sum + got.size, 0),
  )
  return {
    seed: world.seed,
    broken: ended ? found : [...found, `it does not come to its end within ${mostSteps} steps`],
    trace: world.trace,
    steps: world.steps(),
    counts,
    writes,
  }
}

function habitsOf({ random }: World): Habits {
  const queryable = random.chance(0.5)
  const answersAtOnce = random.chance(0.5)
  return {
    idempotent: random.chance(0.35),
    queryable,
    answersAtOnce,
    citesGiven: random.chance(0.5) && (queryable || !answersAtOnce),
    citesDocument: random.chance(0.3),
    refusesAtOnce: random.chance(0.5),
    trouble: random.pick([0.05, 0.15, 0.4]),
  }
}
