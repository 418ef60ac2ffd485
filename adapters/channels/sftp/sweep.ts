// sweep — once an hour removes old copies from SentBox and forgotten temporary files from OutBox, so that no disk fills
// up. Receipts and refused files are never removed by the hub: they are for the partner to read.
import { lstat, opendir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isPartnerFolder } from '../boxes.js'
import { isTemporary } from '../../temporary-names.js'
import type { Log } from '../log.js'

interface Sweep {
  start(): void
  /** One pass; returns how many files went. */
  once(): Promise<number>
  stop(): Promise<void>
}

/** Makes the hourly look for files nobody needs any more. It does nothing before `start`. */
export function createSweep({
  root,
  keepMs,
  temporaryEndings,
  log,
}: {
  root: string
  keepMs: number
  temporaryEndings: readonly string[]
  log: Log
}): Sweep {
  let timer: NodeJS.Timeout | undefined
  let working: Promise<unknown> = Promise.resolve()

  const once = async (): Promise<number> => {
    let gone = 0
    for (const partnerId of await readdir(root)) {
      if (!isPartnerFolder(partnerId)) continue
      for (const [box, wanted] of [
        ['SentBox', () => true],
        ['OutBox', (name: string) => isTemporary(name, temporaryEndings)],
      ] as const) {
        const folder = await opendir(join(root, partnerId, box)).catch(() => undefined)
        if (!folder) continue
        for await (const { name } of folder) {
          const file = join(root, partnerId, box, name)
          const stat = wanted(name) ? await lstat(file).catch(() => undefined) : undefined
          if (!stat?.isFile() || Date.now() - stat.mtimeMs < keepMs) continue
          await rm(file, { force: true })
          gone += 1
        }
      }
    }
    if (gone > 0) log.info({ files: gone }, 'old files removed from SentBox and OutBox')
    return gone
  }
  return {
    once,
    start() {
      timer = setInterval(() => {
        working = once().catch((error: unknown) => log.warn({ err: error }, 'sweep failed'))
      }, 3_600_000).unref()
    },
    async stop() {
      clearInterval(timer)
      await working
    },
  }
}
