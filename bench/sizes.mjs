// sizes — start-up time, memory at rest and at its peak, and what a 1 MB and a 10 MB message cost.
import { cpuSeconds, memoryMb, peakMemoryMb } from './support/cpu.mjs'
import { startHub } from './support/hub.mjs'
import { sampleOfSize } from './support/sample.mjs'
import { percentile } from './support/stats.mjs'

export async function sizes() {
  const hub = await startHub({ HUB_ROLES: 'doors' })
  try {
    const restMb = memoryMb(hub.pid)
    const costs = {}
    /** @type {[string, number, number][]} */
    const sizes = [
      ['1 MB', 1_000_000, 20],
      ['10 MB', 10_000_000, 6],
    ]
    for (const [name, bytes, times] of sizes) {
      const took = []
      const before = cpuSeconds(hub.pid)
      let size = 0
      for (let i = 0; i < times; i++) {
        const body = freshen(sampleOfSize(bytes))
        size = body.length
        const at = performance.now()
        const response = await fetch(`${hub.url}/v1/messages`, { method: 'POST', body, headers: hub.headers })
        const answer = await response.text()
        if (response.status !== 202) throw new Error(`${name}: ${response.status} ${answer.slice(0, 300)}`)
        took.push(performance.now() - at)
      }
      costs[name] = { bytes: size, cpuMs: ((cpuSeconds(hub.pid) - before) * 1000) / times, p50: percentile(took, 0.5) }
    }
    return { startMs: hub.startMs, restMb, costs, peakMb: peakMemoryMb(hub.pid) }
  } finally {
    await hub.stop()
  }
}

/** A guid of its own for the whole message. */
function freshen(bytes) {
  return Buffer.from(bytes.toString().replace(/guid="[^"]+"/, `guid="${crypto.randomUUID().toUpperCase()}"`))
}
