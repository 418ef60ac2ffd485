// run — a site under steady load, struck again and again; after each blow everything settles, and the history is
// judged. What was done when is printed; so is the way to do it again.
import { cp, mkdir, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { tmpdir } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { Random } from '../support/seeded.js'
import { until } from '../support/until.js'
import { faults } from './faults.js'
import type { History, Verdict } from './history.js'
import { startLoad, type Load } from './load.js'
import { createHistory, patienceMs, said, settled } from './settling.js'
import { startSite, type Site } from './site.js'

export interface ChaosOptions {
  kind: 'sqlite' | 'postgres'
  seed: number
  /** No new fault after this, counted from steady load on; one there always is. */
  minutes: number
  /** Names of `faults`; empty: all of them. */
  only: string[]
  /** Messages a second. */
  rate: number
  /** What the hubs are made to believe of their agency. */
  policy?: object
}

export interface ChaosEnd {
  verdict: Verdict
  faults: number
  /** Where everything lies that shows what went wrong. */
  evidence?: string
}

// Broken off, by a person or by who started this: whatever was started ends, what was mounted goes (exit handlers).
for (const end of ['SIGINT', 'SIGTERM', 'disconnect'] as const) process.on(end, () => process.exit(130))

/** How long a pace is measured. */
const measuredMs = 4_000

export async function chaos({ kind, seed, minutes, only, rate, policy }: ChaosOptions): Promise<ChaosEnd> {
  const begun = Date.now()
  const lines: string[] = []
  const say = (line: string) => {
    lines.push(`${((Date.now() - begun) / 1000).toFixed(1).padStart(7)} s  ${line}`)
    process.stdout.write(`${lines.at(-1)}\n`)
  }
  const random = new Random(seed)
  const site = await startSite(kind, policy ? { policy } : {})
  say(`${site.name}, seed ${seed}, ${rate} messages a second`)
  const load = startLoad({
    partners: site.partners,
    doors: { http: site.lines.http.port, sftp: site.lines.sftp.port },
    rate,
    // Of its own: how many messages there are does not change which faults come.
    random: new Random(seed + 1),
  })
  const possible: string[] = []
  for (const name of only.length > 0 ? only : Object.keys(faults)) {
    const fault = faults[name]
    if (!fault) throw new Error(`no fault is called ${name}; there are ${Object.keys(faults).join(', ')}`)
    const why = fault.not?.(site)
    if (why === undefined) possible.push(name)
    else say(`left out: ${name} (${why})`)
  }
  const mostMs = Math.min(30_000, 3_000 + minutes * 3_000)
  const history = createHistory(site, load)
  let struck = 0
  let bag: string[] = []
  // The first messages of all come at once.
  await until('steady load', () => load.accepted() > rate, patienceMs)
  const paces = [await pace(load)]
  const last = Date.now() + minutes * 60_000
  const bad = async (violations: string[], verdict: Verdict): Promise<ChaosEnd> => {
    for (const violation of violations.slice(0, 40)) say(`VIOLATED: ${violation}`)
    const again = `npm run chaos -- --seed ${seed} --minutes ${minutes} --on ${kind} --rate ${rate}${
      only.length > 0 ? ` --faults ${only.join(',')}` : ''
    }`
    const evidence = await keepEvidence(site, { kind, seed, again, lines, history: history.all(), violations })
    say(`evidence: ${evidence}`)
    say(`again: ${again}`)
    return { verdict: { ...verdict, violations }, faults: struck, evidence }
  }
  try {
    do {
      // Each once before any comes twice.
      if (bag.length === 0) bag = [...possible]
      const [name] = bag.splice(random.int(0, bag.length - 1), 1)
      const own = new Random(random.int(0, 2 ** 31))
      const was = load.accepted()
      say(`${name} …`)
      say(`${name}: ${await faults[name!]!.strike({ site, load, random: own, mostMs })}`)
      struck++
      await until('messages accepted again', () => load.accepted() > was + 10, patienceMs)
      await load.rest()
      const late = await settled(site, load, history)
      const verdict = history.judge()
      const violations = [...late, ...load.surprises, ...verdict.violations]
      if (violations.length > 0) return await bad(violations, verdict)
      load.goOn()
      const after = await pace(load)
      const before = paces.reduce((sum, one) => sum + one, 0) / paces.length
      paces.push(after)
      const share = after / before
      say(
        `${name}: ${verdict.accepted} accepted, ${verdict.filed} filed once each, ${verdict.receipts} receipts came, ` +
          `${verdict.unclear} unclear, ${verdict.dead} dead; ` +
          `pace ${after.toFixed(1)}/s after, ${before.toFixed(1)}/s before on average: ${(100 * share).toFixed(0)} %` +
          (share < 0.95 ? ' (WARNING: below 95 %; on a shared machine that may be others)' : ''),
      )
    } while (Date.now() < last)
    await load.rest()
    const late = await settled(site, load, history)
    // Everything is read once more, not only what came since the last blow.
    await until('the whole ledger to be read', () => history.read({ anew: true }).then(() => true))
    const verdict = history.judge()
    const violations = [...late, ...load.surprises, ...verdict.violations]
    if (violations.length > 0) return await bad(violations, verdict)
    const answers = [...load.answers].map(([what, n]) => `${what}: ${n}`).join(', ')
    say(
      `${struck} faults, ${verdict.accepted} messages accepted, ${verdict.refused} refused, ${verdict.filed} filed, ` +
        `${verdict.receipts} receipts; 0 lost, 0 twice, ${verdict.unclear} unclear, ${verdict.dead} dead (${answers})`,
    )
    return { verdict, faults: struck }
  } catch (error) {
    await history.read().catch(() => {})
    return await bad([said(error)], history.judge())
  } finally {
    await load.stop()
  }
}

/** Messages accepted a second, over a few seconds of steady load. */
async function pace(load: Load): Promise<number> {
  const [from, at] = [load.accepted(), performance.now()]
  await pause(measuredMs)
  return (1000 * (load.accepted() - from)) / (performance.now() - at)
}

/** Logs, journal, what was done and the whole history, in a folder that stays. */
async function keepEvidence(
  site: Site,
  {
    kind,
    seed,
    again,
    lines,
    history,
    violations,
  }: {
    kind: string
    seed: number
    again: string
    lines: string[]
    history: History
    violations: string[]
  },
): Promise<string> {
  const folder = join(process.env.CHAOS_EVIDENCE ?? tmpdir(), `hub-chaos-${kind}-${seed}-${Date.now()}`)
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'run.txt'), [...lines, '', ...violations, '', again, ''].join('\n'))
  await writeFile(join(folder, 'history.json'), JSON.stringify(history))
  for (const file of site.evidence) await cp(file, join(folder, basename(file))).catch(() => {})
  return folder
}
