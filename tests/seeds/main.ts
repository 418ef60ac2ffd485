// main — `npm run simulate:seeds -- --from 1 --count 100000`: many histories, one after the other; a seed that breaks a
// promise is printed with what happened and the command that shows it again.
// With `--nth-write` a history has no trouble but that its n-th write fails, for every n (or every `--step`-th).
import { real } from './fake-time.js'
import { parseArgs } from 'node:util'
import { breaks, whole } from './breaks.js'
import { partners } from './documents.js'
import { createHistories, type Failing } from './history.js'
import { emptyLedger, shelfOf } from './ledger.js'

const { values } = parseArgs({
  options: {
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
const whatBreaks = values.break === undefined ? whole : breaks[values.break]
if (!whatBreaks) throw new Error(`there is no such break; there are ${Object.keys(breaks).join(', ')}`)
const from = Number(values.seed ?? values.from)
const count = values.seed === undefined ? Number(values.count) : 1
const command = (seed: number) =>
  `npm run simulate:seeds -- --seed ${seed} --trace${values.break === undefined ? '' : ` --break ${values.break}`}`

const runHistory = createHistories(shelfOf(await emptyLedger(partners)), whatBreaks)
const begun = real.now()
const total: Record<string, number> = {}
let steps = 0
let failures = 0
let done = 0

/** False: that was enough. */
async function one(seed: number, fails?: Failing): Promise<{ goesOn: boolean; writes: number }> {
  const end = await runHistory(seed, { traced: values.trace, fails })
  done++
  steps += end.steps
  for (const [what, times] of Object.entries(end.counts)) total[what] = (total[what] ?? 0) + times
  if (values.trace) console.log(end.trace.join('\n'))
  const { writes } = end
  if (end.broken.length === 0) return { goesOn: true, writes }
  const which = fails ? ` --nth-write --nth ${fails.nth} --how ${fails.how}` : ''
  console.log(`seed ${seed}:\n  ${end.broken.join('\n  ')}\n  ${command(seed)}${which}`)
  const enough =
    ++failures >= Number(values.failures) ||
    (values.until !== undefined && end.broken.some((what) => what.startsWith(`promise ${values.until}:`)))
  return { goesOn: !enough, writes }
}

async function everyWrite(seed: number): Promise<boolean> {
  const how =
    values.how === undefined ? (['full', 'gone'] as const) : ([values.how === 'full' ? 'full' : 'gone'] as const)
  const { nth: only } = values
  // The first tells how many there are.
  const { writes } = await one(seed, { nth: 0, how: 'full' })
  for (let nth = Number(only ?? 1); nth <= (only === undefined ? writes : Number(only)); nth += Number(values.step))
    for (const each of how) if (!(await one(seed, { nth, how: each })).goesOn) return false
  return true
}

for (let seed = from; seed < from + count; seed++)
  if (!(values['nth-write'] ? await everyWrite(seed) : (await one(seed)).goesOn)) break

const seconds = (real.now() - begun) / 1000
console.log(
  `${done} histories, ${Math.round(done / seconds)} a second, ${Math.round(steps / done)} steps each; ` +
    `${failures} broke a promise`,
)
console.log(
  Object.entries(total)
    .sort()
    .map(([what, times]) => `${what} ${times}`)
    .join(', '),
)
process.exitCode = failures > 0 ? 1 : 0
