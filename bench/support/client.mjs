// client — the load generator as a process: reads its orders as JSON from the command line, prints what it counted.
import { load } from './load.mjs'
import { freshSample } from './sample.mjs'
import { percentile } from './stats.mjs'

const { url, headers, connections, seconds, limit, prepared = 2000 } = JSON.parse(process.argv[2])
// Bodies are made beforehand, so that making them is not on the clock; when they run out, new ones are made as needed.
const bodies = Array.from({ length: limit ? Math.min(limit, prepared) : prepared }, freshSample)
process.stdout.write('{"ready":true}\n')
await new Promise((resolve) => process.stdin.once('data', resolve))
const result = await load({
  url,
  headers,
  connections,
  seconds,
  ...(limit ? { limit } : {}),
  body: (n) => bodies[n] ?? freshSample(),
})
const { latencies, ...rest } = result
process.stdout.write(
  `${JSON.stringify({ result: { ...rest, p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) } })}\n`,
)
process.exit(0)
