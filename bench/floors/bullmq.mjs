// floor: BullMQ add (64 at once), then add + process (50 at once), small jobs that are removed when done. Redis is
// given.
import { Queue, Worker } from 'bullmq'
import { Redis } from 'ioredis'

const [redisUrl, secondsText] = process.argv.slice(2)
const seconds = Number(secondsText)
const connect = () => new Redis(redisUrl, { maxRetriesPerRequest: null })
const options = { removeOnComplete: true, removeOnFail: true }

async function measure(name, work) {
  const connection = connect()
  const queue = new Queue(name, { connection })
  let done = 0
  const worker = work
    ? new Worker(name, async () => void done++, { connection: connect(), concurrency: 50 })
    : undefined
  await queue.waitUntilReady()
  let added = 0
  const add = (n) =>
    Promise.all(
      Array.from({ length: n }, () =>
        queue.add('submit', { submissionId: `sub_${added}` }, { ...options, jobId: `sub_${name}_${added++}` }),
      ),
    )
  await add(64)
  const before = process.cpuUsage()
  const begun = added
  const until = performance.now() + seconds * 1000
  while (performance.now() < until) {
    await add(64)
    while (worker && added - done > 512) await new Promise((wake) => setImmediate(wake))
  }
  while (worker && done < added) await new Promise((wake) => setTimeout(wake, 1))
  const cpu = process.cpuUsage(before)
  await worker?.close()
  await queue.obliterate({ force: true })
  await queue.close()
  connection.disconnect()
  return { count: added - begun, cpuMs: (cpu.user + cpu.system) / 1000 / (added - begun) }
}

const add = await measure('floor-add', false)
const addAndProcess = await measure('floor-process', true)
process.stdout.write(`${JSON.stringify({ add, addAndProcess })}\n`)
process.exit(0)
