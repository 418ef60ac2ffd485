// recover — every complete file a dead run had not finished with is taken: at start what it had claimed, and final
// names in OutBox; while this one runs what another hub leaves that dies. Taking twice is harmless: the ledger answers
// the second time with the first answer.
import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { isPartnerFolder, isPlainName } from '../boxes.js'
import { isTemporary } from '../../temporary-names.js'
import type { Log } from '../log.js'
import { openMailbox } from './mailbox.js'
import type { ClaimedFile, Run } from './run.js'
import type { Take } from './take.js'

/** Looks for what dead runs have left, for as long as the door lives. */
export interface Recovery {
  /**
   * Claims what there is, and takes it in the background, oldest first, again and again until the hub can. Goes on
   * looking.
   */
  start(): Promise<void>
  stop(): Promise<void>
}

/** Makes the look for what dead runs have left. It does nothing before `start`. */
export function createRecovery({
  root,
  run,
  take,
  retryMs,
  lookMs,
  temporaryEndings,
  log,
}: {
  root: string
  run: Run
  take: Take
  retryMs: number
  lookMs: number
  temporaryEndings: readonly string[]
  log: Log
}): Recovery {
  let stopped = false
  let wake: (() => void) | undefined
  let waiting: ClaimedFile[] = []
  let working: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  let looking: Promise<void> = Promise.resolve()
  let failing = false

  const work = async (): Promise<void> => {
    while (waiting.length > 0 && !stopped) {
      const these = waiting
      waiting = []
      for (const claimed of these) {
        if (stopped) return
        try {
          await take.take(await openMailbox({ root, partnerId: claimed.partnerId, run }), claimed.file, claimed.name)
        } catch (error) {
          // One file that cannot be taken holds up none of the others.
          log.warn({ partnerId: claimed.partnerId, name: claimed.name, err: error }, 'file of a dead run not taken yet')
          waiting.push(claimed)
        }
      }
      if (waiting.length > 0 && !stopped) {
        await new Promise<void>((resolve) => {
          wake = resolve
          setTimeout(resolve, retryMs).unref()
        })
      }
    }
    working = undefined
  }

  function takeAll(files: readonly ClaimedFile[], found: string): void {
    if (files.length === 0) return
    log.info({ files: files.length }, found)
    waiting.push(...files)
    working ??= work()
  }

  const look = async (): Promise<void> => {
    try {
      await run.beat()
      takeAll(await run.inherit(false), 'files of a hub that is gone taken over')
      failing = false
    } catch (error) {
      if (!failing) log.warn({ err: error }, 'the folder of the SFTP door cannot be looked at')
      failing = true
    }
    if (!stopped) lookAgain()
  }
  function lookAgain(): void {
    timer = setTimeout(() => {
      looking = look()
    }, lookMs).unref()
  }

  return {
    async start() {
      const there = await claimOutBoxes({ root, run, endings: temporaryEndings, log })
      takeAll([...(await run.inherit(true)), ...there], 'files found at start')
      lookAgain()
    },
    async stop() {
      stopped = true
      clearTimeout(timer)
      wake?.()
      await looking
      await working
    },
  }
}

/** Final names in OutBox: a crash between rename and ledger, or put there by hand while the hub was down. */
async function claimOutBoxes({
  root,
  run,
  endings,
  log,
}: {
  root: string
  run: Run
  endings: readonly string[]
  log: Log
}): Promise<ClaimedFile[]> {
  const found: (ClaimedFile & { time: number })[] = []
  for (const partnerId of await readdir(root)) {
    if (!isPartnerFolder(partnerId)) continue
    const outBox = join(root, partnerId, 'OutBox')
    for (const name of await readdir(outBox).catch(() => [])) {
      const stat = await lstat(join(outBox, name)).catch(() => undefined)
      if (!stat?.isFile() || isTemporary(name, endings)) continue
      if (!isPlainName(name)) {
        log.warn({ partnerId, name }, 'file in OutBox not taken: its name is too long or has forbidden characters')
        continue
      }
      const claimed = await run.claim(join(outBox, name), partnerId, name).catch(() => undefined)
      if (claimed) found.push({ ...claimed, time: stat.mtimeMs })
    }
  }
  return found.sort((a, b) => a.time - b.time)
}
