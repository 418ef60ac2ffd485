// file-connector — an agency reached by files in directories: one send is one file handed over, a round every few
// seconds brings the answers in, notices when nobody fetches what was handed over, and tidies marks away.
import { setTimeout as sleep } from 'node:timers/promises'
import type { MemoryBudget } from '../../../messages/memory-budget.js'
import type { Connector, ConnectorHealth, FetchedAnswer, FetchedRefusal } from '../connector.js'
import { at, baseOfTry, markName, markOf, type Drop } from './drop.js'
import { createHandOver } from './hand-over.js'
import { isTemporary } from '../../temporary-names.js'
import { createPickUp, type PickUpLimits } from './pick-up.js'
import type { FilePlace } from './place.js'
import { createWaiting } from './waiting.js'

/**
 * What every connector that works by files is given.
 * @see [fileParts](./settings.ts)
 */
export interface FileConnectorParts {
  /** How long one hand-over may take. */
  deadlineMs: number
  /** Files in an out directory this long: the other side hangs. Nothing more is handed over until it fetches again. */
  stuckMs: number
  /** Waits between two rounds. */
  everyMs: number
  /** Before every file name of ours. */
  prefix: string
  /** Endings of names that the other side is still writing. */
  temporaryEndings: readonly string[]
  /** Keeps an answer for good; rejects when it could not. */
  found: (answer: FetchedAnswer) => Promise<void>
  /** Names of the files that an answer says come with it. */
  filesNamed?: (bytes: Buffer) => Promise<string[]>
  /** A file of ours was refused without an answer that says why. May be told more than once. */
  refused: (refusal: FetchedRefusal) => Promise<void>
  /** Does the fetching unless another hub does it. Default: there is no other. */
  alone?: (work: () => Promise<void>) => Promise<unknown>
  limits?: Partial<PickUpLimits>
  /** Where room in memory comes from for answers. Default: there is always room. */
  memory?: MemoryBudget
  log: { info(ids: object, event: string): void; warn(ids: object, event: string): void }
}

/** @see [createFolderConnector](../folder/folder-connector.ts), [createSftpConnector](../sftp/sftp-connector.ts) */
interface FileSideParts extends FileConnectorParts {
  /** For the log. */
  name: string
  place: () => Promise<FilePlace>
  /**
   * Closes whatever `place` keeps open.
   * @see [createConnections](../sftp/connections.ts)
   */
  leave: () => Promise<void>
  dropOf: (documentType: string) => Drop | undefined
  drops: () => Drop[]
  also?: (place: FilePlace) => Promise<string[]>
}

/**
 * A mark outlives its hand-over by this long: until then the ledger says `submitted`, unless it could not be written
 * all that time.
 */
const MARK_MS = 3_600_000
/**
 * Of so many hand-overs it is remembered that they ended well, when their marks are gone. Without a ledger nothing is
 * begun, so they are the last ones.
 */
const REMEMBERED = 10_000
/**
 * What a killed process left in a stage directory is looked at for longer than any submission lives, by the other
 * side's clock. That clock may be wrong, and a file or mark of a try not yet asked about must not go with it: none goes
 * that this process has not seen lie for as long as a missing mark can say `not-taken`.
 */
const LEFT_MS = 14 * 86_400_000
const MOST_WAITING = 10_000

/** Rounds begin at once; `round` makes one more now, for tests. `close` waits for the round under way, five
 * seconds at most. */
export function createFileConnector(parts: FileSideParts): Connector & { round(): Promise<void> } {
  const {
    name,
    place,
    leave,
    dropOf,
    drops,
    also = async () => [],
    deadlineMs,
    stuckMs,
    everyMs,
    prefix,
    temporaryEndings,
    found,
    filesNamed,
    refused,
    alone = (work) => work(),
    limits,
    memory,
    log,
  } = parts
  const waiting = createWaiting(stuckMs)
  const handOver = createHandOver({
    place,
    dropOf,
    drops,
    prefix,
    deadlineMs,
    temporaryEndings,
    stuck: (out) => waiting.stuck(out, performance.now()),
  })
  const pickUp = createPickUp({
    drops,
    also,
    prefix,
    temporaryEndings,
    found,
    ...(filesNamed ? { filesNamed } : {}),
    refused,
    log,
    ...(memory ? { memory } : {}),
    ...(limits ? { limits } : {}),
  })
  const ended = new AbortController()
  /** What is wrong, told once when it begins and once when it ends. */
  let trouble: string | undefined
  /** This and all that is remembered here, by a clock that nobody sets. */
  let tidyAt = 0
  let running: Promise<void> = Promise.resolve()
  let roundEnded = performance.now()

  async function once(): Promise<void> {
    let problem: string | undefined
    try {
      const where = await place()
      problem = await lookAround(where)
      await alone(() => pickUp.round(where))
      if (performance.now() >= tidyAt) await tidy(where)
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error)
    }
    if (problem !== undefined && trouble === undefined) log.warn({ connector: name, problem }, 'agency side in trouble')
    if (problem === undefined && trouble !== undefined) log.info({ connector: name }, 'agency side well again')
    trouble = problem
    roundEnded = performance.now()
  }

  /** A share whose server is gone answers nothing at all: no round ends. */
  function hanging(): string | undefined {
    const ms = performance.now() - roundEnded
    return ms < 60_000 + 3 * everyMs ? undefined : `not a directory could be read for ${Math.round(ms / 1000)} s`
  }

  async function lookAround(where: FilePlace): Promise<string | undefined> {
    const missing: string[] = []
    const found: { dir: string; names: string[] }[] = []
    for (const { out } of drops()) {
      if (!(await where.has(out))) missing.push(out)
      else
        found.push({
          dir: out,
          names: (await where.list(out, (file) => !isTemporary(file, temporaryEndings), MOST_WAITING)).map(
            (file) => file.name,
          ),
        })
    }
    waiting.look(found, performance.now())
    if (found.length === 0) return `there is no directory ${missing[0] ?? 'configured'}`
    return waiting.state(performance.now()).stuck
  }

  /** Takes away marks that have served, and what killed processes left long ago. */
  async function tidy(where: FilePlace): Promise<void> {
    tidyAt = performance.now() + MARK_MS / 4
    for (const [mark, since] of marks) {
      if (performance.now() - since < MARK_MS) break
      await where.remove(mark)
      marks.delete(mark)
    }
    const still = new Map<string, number>()
    for (const { stage } of drops()) {
      if (!(await where.has(stage))) continue
      const left = await where.list(
        stage,
        (file) => file.startsWith(`.${prefix}sub_`) && file.endsWith('.tmp'),
        MOST_WAITING,
      )
      for (const { name: file, mtime } of left) {
        const path = at(stage, file)
        const since = seenLeft.get(path) ?? performance.now()
        if (Date.now() - mtime < LEFT_MS || performance.now() - since < MARK_MS) still.set(path, since)
        else {
          // Its mark first: left alone, that would say that the file was handed over.
          await where.remove(at(stage, markOf(file)))
          await where.remove(path)
        }
      }
    }
    seenLeft = still
  }
  /** When this process first saw what lies in stage directories. */
  let seenLeft = new Map<string, number>()
  /** Of hand-overs this process knows to have ended well, with the time, the oldest first. */
  const marks = new Map<string, number>()
  /** Their submissions, the oldest first. */
  const handedOver = new Set<string>()

  const round = () => (running = running.then(once))
  async function loop(): Promise<void> {
    while (!ended.signal.aborted) {
      await round()
      await sleep(everyMs, undefined, { signal: ended.signal }).catch(() => {})
    }
  }
  const looping = loop()

  return {
    async send(message, signal) {
      handedOver.delete(message.submissionId)
      const outcome = await handOver.send(message, signal)
      const drop = dropOf(message.documentType)
      if (outcome.outcome === 'taken' && drop) {
        const own = baseOfTry(prefix + message.submissionId, message.attemptId)
        marks.set(at(drop.stage, markName(own)), performance.now())
        handedOver.add(message.submissionId)
        for (const oldest of handedOver) {
          if (handedOver.size <= REMEMBERED) break
          handedOver.delete(oldest)
        }
      }
      return outcome
    },
    async query(submissionId, _signal, { attemptId, since } = {}) {
      // A copy that was put back knows less than the last try.
      const seen = await handOver.query(submissionId, since === undefined ? attemptId : undefined)
      if (seen === 'not-taken' && handedOver.has(submissionId)) return 'taken'
      // Of what was handed over long ago nothing need be left: no mark, and the other side has tidied up. Half the
      // time, since clocks differ.
      return seen === 'not-taken' && since !== undefined && Date.now() - since.getTime() > MARK_MS / 2
        ? 'unknown'
        : seen
    },
    health(): ConnectorHealth {
      const { files, oldestSeconds } = waiting.state(performance.now())
      const detail = trouble ?? hanging()
      return {
        ok: detail === undefined,
        files,
        oldestSeconds,
        limitSeconds: stuckMs / 1000,
        ...(detail === undefined ? {} : { detail }),
      }
    },
    round,
    async close() {
      ended.abort()
      await Promise.race([looping, sleep(5000, undefined, { ref: false })])
      await leave()
    },
  }
}
