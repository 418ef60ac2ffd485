// measure — what an attack costs others: the longest pause of the hub's event loop, its peak memory, and what another
// partner feels meanwhile.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { begin, firstLine } from '../../support/process.js'
import { root, sample, type RunningHub } from '../../support/hub.js'

interface Felt {
  count: number
  p99: number
  max: number
}
export interface Cost {
  seconds: number
  /** Of the event loop, by the hub's own metric, in milliseconds. */
  longestPauseMs: number
  /** The highest resident set that was seen, in megabytes. */
  peakMb: number
  /** The other partner: its calls to /healthz and its orders, in milliseconds; and what failed of them. */
  health: Felt
  send: Felt
  failed: string[]
}

/** The other partner is watched for at least as long. */
const shortestLookMs = 1500

/** Reads the metric, which begins a new period. */
async function longestPause(hub: RunningHub): Promise<number> {
  const text = await (await hub.get('/metrics')).text()
  const value = /^hub_event_loop_delay_seconds\{of="max"\} (\S+)$/m.exec(text)?.[1]
  if (value === undefined) throw new Error('the hub has no metric hub_event_loop_delay_seconds')
  return Number(value) * 1000
}

/** Of the process, by /proc; 0 where there is none. */
function residentMb(pid: number): number {
  try {
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
  } catch {
    return 0
  }
}

/** Runs `work` while another partner (by its key) goes on as always. */
export async function costOf(hub: RunningHub, key: string, work: () => Promise<void>): Promise<Cost> {
  const probe = begin(process.execPath, [join(root, 'tests/slow/hostile/probe.mjs')], {
    env: {
      ...process.env,
      PROBE_URL: hub.url,
      PROBE_KEY: key,
      PROBE_ORDER: sample('ceb/CEB311Message.xml').toString(),
    },
  })
  const line = <T>(fits: (said: unknown) => boolean) =>
    firstLine(probe, (one) => (fits(JSON.parse(one)) ? (JSON.parse(one) as T) : undefined), 600_000)
  await line((said) => said === 'ready')
  const told = line<Pick<Cost, 'health' | 'send' | 'failed'>>((said) => typeof said === 'object')
  told.catch(() => {})
  let peakMb = residentMb(hub.pid)
  const look = setInterval(() => (peakMb = Math.max(peakMb, residentMb(hub.pid))), 50)
  await longestPause(hub)
  const begun = performance.now()
  let seconds = 0
  try {
    await work()
    seconds = (performance.now() - begun) / 1000
    // What is short is felt by those who come a moment later.
    await new Promise((wake) => setTimeout(wake, Math.max(0, shortestLookMs - seconds * 1000)))
  } finally {
    clearInterval(look)
    probe.stdin!.end()
  }
  const felt = await told
  return { seconds, longestPauseMs: await longestPause(hub), peakMb, ...felt }
}
