// redis-owner — a hub that has started its private Redis: says so, and lives until its standard input ends or it is
// killed.
import { startRedis } from '../../../dist/queues/redis-server.js'

// A hub drains on the signal of its terminal; here it only has to outlive it.
process.on('SIGINT', () => process.stdout.write('interrupted\n'))
const log = { info() {}, warn() {}, error() {} }
const server = await startRedis({ dir: process.argv[2], log })
process.stdout.write(`pid ${server.pid()}\n`)
process.stdin.resume().on('end', async () => {
  await server.stop()
  process.exit(0)
})
