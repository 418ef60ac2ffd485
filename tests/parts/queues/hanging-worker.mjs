// hanging-worker — a hub's worker process that begins a step and never ends it, until it is killed.
import { startWorkers } from '../../../dist/queues/workers.js'

const [redisUrl, prefix, lockMs, stalledEveryMs] = process.argv.slice(2)
const hang = (id) => {
  process.stdout.write(`began ${id}\n`)
  return new Promise(() => {})
}
const log = { info() {}, warn() {}, error() {} }
startWorkers({
  redisUrl,
  prefix,
  agencies: ['gacc'],
  concurrencyOf: () => 1,
  submit: hang,
  giveBack: hang,
  offer: async () => true,
  lockMs: Number(lockMs),
  stalledEveryMs: Number(stalledEveryMs),
  log,
})
