// main — `npm run simulate:seeds -- --from 1 --count 100000`: many histories, one after the other; a seed that breaks a
// promise is printed with what happened and the command that shows it again.
// With `--nth-write` a history has no trouble but that its n-th write fails, for every n (or every `--step`-th).
import { real } from './fake-time.js'
import { parseArgs } from 'node:util'
import { breaks, whole } from './breaks.js'
import { partners } from './documents.js'
import { createHistories, type Failing } from './history.js'
import { isJob, jobs, serve, share, type Outcome, type Share } from './jobs.js'
import { emptyLedger, shelfOf } from './ledger.js'

const usage = `npm run simulate:seeds -- [options]

  --from N, --count N    histories N and on, so many                       (1, 2000)
  --seed N [--trace]     one of them; what happened, moment by moment
  --failures N           goes on until so many have broken a promise       (1)
  --until N              goes on until promise N is broken
  --break RULE           with a rule broken on purpose: ${Object.keys(breaks).join(', ')}
  --nth-write            a history has no trouble but that its n-th write fails, for every n
  --step N               … for every N-th                                  (1)
  --nth N, --how full|gone   … for this one, by a full disk or one that is gone

The promises are in docs/invariants.md. Ends with 1 where one was broken.`

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', default: false },
    from: { type: 'string', default: '1' },
    count: { type: 'string', default: '2000' },
    seed: { type: 'string' },
    trace: { type: 'boolean', default: false },
    break: { type: 'string' },
    /** Goes on after the first seed that fails, up to so many. */
    failures: { type: 'string', default: '1' },
    'nth-write': { type: 'boolean', default: false },
    /** This write alone, and how it fails. */
    nth: { type: 'string' },
    how: { type: 'string' },
    step: { type: 'string', default: '1' },
    /** Goes on until this promise is broken. */
    until: { type: 'string' },
  },
})
if (values.help) {
  console.log(usage)
  process.exit(0)
}
const whatBreaks = values.break === undefined ? whole : breaks[values.break]
if (!whatBreaks) throw new Error(`there is no such break; there are ${Object.keys(breaks).join(', ')}`)
const from = Number(values.seed ?? values.from)
const count = values.seed === undefined ? Number(values.count) : 1
const command = (seed: number) =>
  `npm run simulate:seeds -- --seed ${seed} --trace${values.break === undefined ? '' : ` --break ${values.break}`}`

const runHistory = createHistories(shelfOf(await emptyLedger(partners)), whatBreaks)
const begun = real.now()
const nothing = (): Outcome => ({ histories: 0, steps: 0, counts: {}, failed: [], enough: false })
const total = nothing()

function addTo(all: Outcome, { histories, steps, counts, failed, enough }: Outcome): void {
  all.histories += histories
  all.steps += steps
  for (const [what, times] of Object.entries(counts)) all.counts[what] = (all.counts[what] ?? 0) + times
  all.failed.push(...failed)
  all.enough ||= enough || all.failed.length >= Number(values.failures)
}

const tellMs = 10_000
let told = begun
function add(outcome: Outcome): void {
  addTo(total, outcome)
  for (const text of outcome.failed) console.log(text)
  const now = real.now()
  if (now - told < tellMs) return
  told = now
  console.error(`${total.histories} histories, ${aSecond(now)} a second, ${total.failed.length} broke a promise`)
}
const aSecond = (now: number) => Math.round(total.histories / ((now - begun) / 1000))

async function one(seed: number, fails?: Failing): Promise<Outcome & { writes: number }> {
  const { steps, counts, broken, trace, writes } = await runHistory(seed, { traced: values.trace, fails })
  if (values.trace) console.log(trace.join('\n'))
  const which = fails ? ` --nth-write --nth ${fails.nth} --how ${fails.how}` : ''
  const text = `seed ${seed}:\n  ${broken.join('\n  ')}\n  ${command(seed)}${which}`
  const enough = values.until !== undefined && broken.some((what) => what.startsWith(`promise ${values.until}:`))
  return { histories: 1, steps, counts, failed: broken.length === 0 ? [] : [text], enough, writes }
}

async function everyWrite(seed: number): Promise<void> {
  const how =
    values.how === undefined ? (['full', 'gone'] as const) : ([values.how === 'full' ? 'full' : 'gone'] as const)
  const { nth: only } = values
  // The first tells how many there are.
  const first = await one(seed, { nth: 0, how: 'full' })
  add(first)
  for (let nth = Number(only ?? 1); nth <= Number(only ?? first.writes); nth += Number(values.step))
    for (const each of how) if (!total.enough) add(await one(seed, { nth, how: each }))
}

async function oneAfterAnother({ from, count }: Share): Promise<Outcome> {
  const all = nothing()
  for (let seed = from; seed < from + count && !all.enough; seed++) addTo(all, await one(seed))
  return all
}

const few = 100
if (isJob) serve(oneAfterAnother)
else {
  if (values['nth-write']) for (let seed = from; seed < from + count && !total.enough; seed++) await everyWrite(seed)
  else if (values.trace || count <= few || jobs === 1)
    for (let seed = from; seed < from + count && !total.enough; seed++) add(await one(seed))
  else
    await share({ from, count }, (outcome) => {
      add(outcome)
      return total.enough
    })
  const { histories, steps, failed, counts } = total
  console.log(
    `${histories} histories, ${aSecond(real.now())} a second, ` +
      `${Math.round(steps / histories)} steps each; ${failed.length} broke a promise`,
  )
  console.log(
    Object.entries(counts)
      .sort()
      .map(([what, times]) => `${what} ${times}`)
      .join(', '),
  )
  process.exitCode = failed.length > 0 ? 1 : 0
}
