// recover — at start, every complete file the last run had not finished with is taken: claimed ones, and final names in
// OutBox. Taking twice is harmless: the ledger answers the second time with the first answer.
import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { isPartnerFolder, isPlainName } from '../boxes.js'
import { isTemporary } from '../../temporary-names.js'
import type { Log } from '../log.js'
import { openMailbox } from './mailbox.js'
import type { ClaimedFile, Run } from './run.js'
import type { Take } from './take.js'

export interface Recovery {
  /** Claims what there is, and takes it in the background, oldest first, again and again until the hub can. */
  start(): Promise<void>
  stop(): Promise<void>
}

export function createRecovery({
  root,
  run,
  take,
  retryMs,
  temporaryEndings,
  log,
}: {
  root: string
  run: Run
  take: Take
  retryMs: number
  temporaryEndings: readonly string[]
  log: Log
}): Recovery {
  let stopped = false
  let wake: (() => void) | undefined
  let working: Promise<void> = Promise.resolve()

  const work = async (files: ClaimedFile[]): Promise<void> => {
    let left = files
    while (left.length > 0 && !stopped) {
      const again: ClaimedFile[] = []
      for (const claimed of left) {
        if (stopped) return
        try {
          await take.take(await openMailbox({ root, partnerId: claimed.partnerId, run }), claimed.file, claimed.name)
        } catch (error) {
          // One file that cannot be taken holds up none of the others.
          log.warn(
            { partnerId: claimed.partnerId, name: claimed.name, err: error },
            'file found at start not taken yet',
          )
          again.push(claimed)
        }
      }
      left = again
      if (left.length > 0 && !stopped) {
        await new Promise<void>((resolve) => {
          wake = resolve
          setTimeout(resolve, retryMs).unref()
        })
      }
    }
  }

  return {
    async start() {
      const claimed = [...(await run.inherit()), ...(await claimOutBoxes(root, run, temporaryEndings))]
      if (claimed.length > 0) log.info({ files: claimed.length }, 'files found at start')
      working = work(claimed)
    },
    async stop() {
      stopped = true
      wake?.()
      await working
    },
  }
}

/** Final names in OutBox: a crash between rename and ledger, or put there by hand while the hub was down. */
async function claimOutBoxes(root: string, run: Run, endings: readonly string[]): Promise<ClaimedFile[]> {
  const found: (ClaimedFile & { time: number })[] = []
  for (const partnerId of await readdir(root)) {
    if (!isPartnerFolder(partnerId)) continue
    const outBox = join(root, partnerId, 'OutBox')
    for (const name of await readdir(outBox).catch(() => [])) {
      const stat = await lstat(join(outBox, name)).catch(() => undefined)
      if (!stat?.isFile() || isTemporary(name, endings) || !isPlainName(name)) continue
      const claimed = await run.claim(join(outBox, name), partnerId, name).catch(() => undefined)
      if (claimed) found.push({ ...claimed, time: stat.mtimeMs })
    }
  }
  return found.sort((a, b) => a.time - b.time)
}
