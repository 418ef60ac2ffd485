// drive — runs the load generator against a server and reads the server's processor time before and after.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { cpuSeconds } from './cpu.mjs'

const client = fileURLToPath(new URL('./client.mjs', import.meta.url))

/** @returns counts, latencies in ms, and `cpuMs`: processor time of `pid` a message. */
export async function drive({ pid, ...orders }) {
  const child = spawn(process.execPath, [client, JSON.stringify(orders)], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = lineReader(child.stdout)
  await lines.next((l) => l.ready)
  const before = cpuSeconds(pid)
  child.stdin.write('go\n')
  const { result } = await lines.next((l) => l.result)
  const cpuMs = ((cpuSeconds(pid) - before) * 1000) / result.count
  return { ...result, perSecond: result.count / result.seconds, cpuMs }
}

function lineReader(stream) {
  let seen = ''
  const waiting = []
  const offer = () => {
    for (const waiter of [...waiting]) {
      const hit = seen
        .split('\n')
        .slice(0, -1)
        .map((l) => JSON.parse(l))
        .find(waiter.fits)
      if (hit) {
        waiting.splice(waiting.indexOf(waiter), 1)
        waiter.resolve(hit)
      }
    }
  }
  stream.on('data', (chunk) => {
    seen += chunk
    offer()
  })
  stream.on('close', () => waiting.forEach((w) => w.reject(new Error(`the load generator ended: ${seen}`))))
  return {
    next: (fits) =>
      new Promise((resolve, reject) => {
        waiting.push({ fits, resolve, reject })
        offer()
      }),
  }
}
