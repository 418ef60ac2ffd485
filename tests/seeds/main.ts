// main — `npm run simulate:seeds -- --from 1 --count 100000`: many histories, one after the other; a seed that breaks a
// promise is printed with what happened and the command that shows it again.
import { real } from './fake-time.js'
import { parseArgs } from 'node:util'
import { breaks, whole } from './breaks.js'
import { partners } from './documents.js'
import { runHistory } from './history.js'
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

const shelf = shelfOf(await emptyLedger(partners))
const begun = real.now()
const total: Record<string, number> = {}
let steps = 0
let failures = 0
let done = 0
for (let seed = from; seed < from + count; seed++) {
  const end = await runHistory(seed, { shelf, broken: whatBreaks, traced: values.trace })
  done++
  steps += end.steps
  for (const [what, times] of Object.entries(end.counts)) total[what] = (total[what] ?? 0) + times
  if (values.trace) console.log(end.trace.join('\n'))
  if (end.broken.length === 0) continue
  console.log(`seed ${seed}:\n  ${end.broken.join('\n  ')}\n  ${command(seed)}`)
  if (++failures >= Number(values.failures)) break
  if (values.until !== undefined && end.broken.some((one) => one.startsWith(`promise ${values.until}:`))) break
}
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
