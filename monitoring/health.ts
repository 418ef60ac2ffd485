// health — is it alive, is it ready? Ready means: a message sent now would be taken. Redis away means degraded, not
// unready: accepting goes on without it, and the sweeper makes up for it. Degraded too, for now, while new work is
// turned away, be it for want of disk: receipts are fetched, and agencies answer, through the same door.
import type { ReadinessCheck, Readiness } from '../messages/views/index.js'

/** @see [buildHttpDoor](../hub/boot/http.ts) */
interface HealthParts {
  /** The start is complete. */
  begun: () => boolean
  ledger: () => Promise<void>
  redis: () => Promise<void>
  checker: () => Promise<void>
  /** Why new work is turned away, if it is. */
  intake?: () => Error | undefined
  /** Free for what comes on each disk, and with how little the disk counts as full; empty: not looked at yet. */
  disks: () => { folder: string; freeBytes: number; leastBytes: number }[]
  deadlineMs?: number
}

/** The function that `/readyz` asks: all checks side by side, each failed after `deadlineMs` milliseconds. */
export function createReadiness({
  begun,
  ledger,
  redis,
  checker,
  intake = () => undefined,
  disks,
  deadlineMs = 3000,
}: HealthParts) {
  const mb = (bytes: number) => Math.floor(bytes / 1024 / 1024)
  const room = async () => {
    const seen = disks()
    if (seen.length === 0) throw new Error('not looked at yet')
    const tight = seen.filter(({ freeBytes, leastBytes }) => freeBytes < leastBytes)
    const said = ({ folder, freeBytes, leastBytes }: (typeof seen)[number]) =>
      `${folder}: ${mb(freeBytes)} MB free, at least ${mb(leastBytes)} MB needed`
    if (tight.length > 0) throw new Error(tight.map(said).join('; '))
  }
  return async function readiness(): Promise<Readiness> {
    const checks = await Promise.all([
      ...(begun()
        ? []
        : [
            run('start', true, async () => {
              throw new Error('the hub is still starting')
            }),
          ]),
      run('ledger', true, ledger),
      run('checker', true, checker),
      run('disk', false, room),
      run('redis', false, redis),
      run('intake', false, async () => {
        const refused = intake()
        if (refused) throw refused
      }),
    ])
    const ready = checks.every((c) => c.ok || !c.needed)
    return { ready, status: !ready ? 'unready' : checks.every((c) => c.ok) ? 'ready' : 'degraded', checks }
  }

  async function run(name: string, needed: boolean, check: () => Promise<void>): Promise<ReadinessCheck> {
    const begun = performance.now()
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>(
      (_, reject) => (timer = setTimeout(() => reject(new Error(`no answer within ${deadlineMs} ms`)), deadlineMs)),
    )
    try {
      await Promise.race([check(), late])
      return { name, ok: true, needed, ms: performance.now() - begun }
    } catch (error) {
      return {
        name,
        ok: false,
        needed,
        detail: error instanceof Error ? error.message : String(error),
        ms: performance.now() - begun,
      }
    } finally {
      clearTimeout(timer)
    }
  }
}
