// hand-over — one message becomes one file on the other side, once. Whatever interrupts it, looking tells afterwards
// what happened:
//
//   stage   `.<base>.<try>.xml.tmp` written whole, on disk
//   mark    `.<base>.<try>.mark.tmp` beside it, on disk
//   rename  the staged file gets its final name in `out`, `<base>.xml`: handed over
//
//   staged file there              not handed over: it is taken away first, so that a sleeper cannot hand it over later
//   our name in out/sent/fail/in   handed over
//   a mark, no staged file         handed over, and the other side has tidied up since
//   nothing                        never begun
//
// So a mark is taken away before its staged file, whatever breaks off in between: left alone, it would say that a
// declaration was handed over which nobody has.
//
// A call may hang at a share for longer than its try is waited for, and be done when another hub tries again. So each
// try has names of its own there, and who asks asks about the last try. Hubs of before 2026-12 know no such names:
// while one may ask, tries are made without them (`.<base>.xml.tmp`, `.<base>.mark.tmp`), and what it has left is
// understood.
import { formOf } from '../../../messages/syntax.js'
import type { OutboundMessage, SendOutcome } from '../connector.js'
import { at, baseOfTry, markName, stagedName, type Drop } from './drop.js'
import { isTemporary } from '../../temporary-names.js'
import { namesOf, readName } from './names.js'
import { PlaceRefusal, type FilePlace } from './place.js'
import { zip } from '../../zip.js'

/** @see [createFileConnector](./file-connector.ts) */
interface HandOverParts {
  /** Connected. Rejects while the place cannot be reached. */
  place: () => Promise<FilePlace>
  /** Undefined when no directory is known for this document type. */
  dropOf: (documentType: string) => Drop | undefined
  drops: () => Drop[]
  /** Before every base name, so that people see whose file it is. */
  prefix: string
  deadlineMs: number
  /** Endings of names that the other side is still writing. */
  temporaryEndings: readonly string[]
  /**
   * Why nothing more should be put into this directory just now.
   * @see [createWaiting](./waiting.ts)
   */
  stuck: (out: string) => string | undefined
}

type Moved = Awaited<ReturnType<FilePlace['rename']>>
type Seen = 'taken' | 'not-taken' | 'unknown'

/** Files of the tries of one submission that are looked at. */
const MOST_LEFT = 1000
const stillUnderWay = 'a call before this has not come to its end there; nothing was begun'

/** The `send` and `query` of a connector that works by files. Times in milliseconds. */
export function createHandOver({ place, dropOf, drops, prefix, deadlineMs, temporaryEndings, stuck }: HandOverParts) {
  /**
   * How many calls are under way of a submission, also of those that nobody waits for any more: each may take away what
   * bears the submission's name, and that may not be the mark of a try that began behind it.
   */
  const underWay = new Map<string, number>()
  async function counted<T>(submissionId: string, work: () => Promise<T>): Promise<T> {
    underWay.set(submissionId, (underWay.get(submissionId) ?? 0) + 1)
    try {
      return await work()
    } finally {
      const left = underWay.get(submissionId)! - 1
      if (left > 0) underWay.set(submissionId, left)
      else underWay.delete(submissionId)
    }
  }

  async function send(message: OutboundMessage, signal: AbortSignal): Promise<SendOutcome> {
    if (signal.aborted) return unavailable('stopped before it was sent')
    const drop = dropOf(message.documentType)
    if (!drop)
      return {
        outcome: 'transient',
        code: 'HUB_AGENCY_UNCONFIGURED',
        detail: `no import folder is known for ${message.documentType}`,
        retryAfterSeconds: 60,
      }
    const why = stuck(drop.out)
    if (why !== undefined) return { outcome: 'transient', code: 'HUB_AGENCY_BUSY', detail: why }
    if (underWay.has(message.submissionId)) return unavailable(stillUnderWay)
    const attempt: Attempt = { over: false, renaming: false }
    const begun = { at: performance.now(), date: Date.now() }
    const late = new Promise<SendOutcome>((resolve) => {
      const timer = setTimeout(() => {
        attempt.over = true
        resolve(
          attempt.renaming
            ? doubt('HUB_AGENCY_TIMEOUT', `no answer within ${deadlineMs} ms`)
            : unavailable(`not written within ${deadlineMs} ms`),
        )
      }, deadlineMs)
      attempt.end = () => clearTimeout(timer)
    })
    // Past its deadline nothing may be handed over any more, also when this process slept: somebody may have asked
    // meanwhile. A machine that was suspended may have counted none of that time: the clock on the wall has.
    const mayGo = () =>
      !attempt.over &&
      !signal.aborted &&
      performance.now() - begun.at < deadlineMs &&
      Date.now() - begun.date < deadlineMs
    const ended = counted(message.submissionId, () => handOver(message, drop, attempt, mayGo))
    try {
      return await Promise.race([late, ended])
    } finally {
      attempt.end?.()
    }
  }

  async function handOver(
    message: OutboundMessage,
    drop: Drop,
    attempt: Attempt,
    mayGo: () => boolean,
  ): Promise<SendOutcome> {
    const { base, fileName, bytes } = await fileOf(message, prefix)
    const own = baseOfTry(base, message.attemptId)
    const staged = at(drop.stage, stagedName(own + fileName.slice(base.length)))
    const mark = at(drop.stage, markName(own))
    let where: FilePlace
    try {
      where = await place()
      // An idempotent agency's policy may send again after a doubt: our own name is the answer.
      if (await lies(where, [drop.out, ...(drop.sent === undefined ? [] : [drop.sent])], base))
        return { outcome: 'taken' }
      if (!(await where.has(drop.out))) return unavailable(`there is no directory ${drop.out}`)
      if (!(await where.has(drop.stage))) await where.makeDirectory(drop.stage)
      await where.write(staged, bytes)
      await where.write(mark, Buffer.alloc(0))
      await where.sync(drop.stage)
      if (!mayGo()) {
        await where.remove(mark)
        await where.remove(staged)
        return unavailable('stopped before it was sent')
      }
    } catch (error) {
      return unavailable(messageOf(error))
    }
    attempt.renaming = true
    return rename(where, { staged, final: at(drop.out, fileName), out: drop.out })
  }

  async function rename(
    where: FilePlace,
    { staged, final, out }: { staged: string; final: string; out: string },
  ): Promise<SendOutcome> {
    let moved: Moved
    try {
      moved = await where.rename(staged, final)
      if (moved === 'moved') await where.sync(out)
    } catch (error) {
      return error instanceof PlaceRefusal ? unavailable(error.message) : doubt('HUB_AGENCY_CUT', messageOf(error))
    }
    switch (moved) {
      case 'moved':
      // Our own name is there already: an earlier try got that far.
      case 'taken':
        return { outcome: 'taken' }
      case 'gone':
        return doubt('HUB_AGENCY_CUT', 'another process has decided about this try')
      default:
        return moved satisfies never
    }
  }

  /**
   * Looks. A staged file that is found is taken away, so that `not-taken` stays true.
   * @param attemptId the try it is about; absent: any
   * @returns `unknown` past the deadline of a try: the look goes on, and nothing is sent before it has ended
   */
  async function query(submissionId: string, attemptId?: string): Promise<Seen> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<Seen>((resolve) => {
      timer = setTimeout(() => resolve('unknown'), deadlineMs)
    })
    try {
      return await Promise.race([late, counted(submissionId, () => look(submissionId, attemptId))])
    } finally {
      clearTimeout(timer)
    }
  }

  async function look(submissionId: string, attemptId: string | undefined): Promise<Seen> {
    try {
      const where = await place()
      for (const drop of drops()) {
        const seen = await lookInto(where, drop, { submissionId, attemptId })
        if (seen !== 'not-taken') return seen
      }
      return 'not-taken'
    } catch {
      return 'unknown'
    }
  }

  async function lookInto(
    where: FilePlace,
    drop: Drop,
    { submissionId, attemptId }: { submissionId: string; attemptId: string | undefined },
  ): Promise<Seen> {
    const base = prefix + submissionId
    // Files wander from out to sent or fail: looked at in that order none is missed.
    const boxes = [drop.out, drop.sent, drop.fail].filter((dir) => dir !== undefined)
    if (await lies(where, boxes, base)) return 'taken'
    const tries = attemptId === undefined ? await triesIn(where, drop.stage, base) : [attemptId]
    let left = false
    // Without an id: what a hub has left that gives tries no names of their own.
    for (const one of [...tries, undefined]) {
      // What the asked try has left says all; a hub that hung here may leave the other's later.
      if (one === undefined && left && attemptId !== undefined) break
      const seen = await lookAtTry(where, drop, { base, own: baseOfTry(base, one), boxes })
      if (seen === 'taken' || seen === 'unknown') return seen
      left ||= seen === 'not-taken'
    }
    if (left) return 'not-taken'
    return (await answered(where, drop, submissionId)) ? 'taken' : 'not-taken'
  }

  /** @returns undefined where it has left nothing */
  async function lookAtTry(
    where: FilePlace,
    drop: Drop,
    { base, own, boxes }: { base: string; own: string; boxes: string[] },
  ): Promise<Seen | undefined> {
    const mark = at(drop.stage, markName(own))
    const staged: string[] = []
    for (const fileName of namesOf(own)) {
      const path = at(drop.stage, stagedName(fileName))
      if (await where.has(path)) staged.push(path)
    }
    if (staged.length > 0) {
      await where.remove(mark)
      let unsent = false
      for (const path of staged) unsent = (await where.remove(path)) || unsent
      // Where a rename links and unlinks, both names are there for a moment.
      if (await lies(where, boxes, base)) return 'taken'
      // Gone in this very moment: who looks next sees where it is.
      return unsent ? 'not-taken' : 'unknown'
    }
    return (await where.has(mark)) ? 'taken' : undefined
  }

  async function answered(where: FilePlace, drop: Drop, submissionId: string): Promise<boolean> {
    for (const dir of drop.in) {
      if (!(await where.has(dir))) continue
      const found = await where.list(
        dir,
        (name) => !isTemporary(name, temporaryEndings) && readName(name, prefix).submissionId === submissionId,
        1,
      )
      if (found.length > 0) return true
    }
    return false
  }

  return { send, query }
}

interface Attempt {
  /** The deadline has passed: nothing more is done. */
  over: boolean
  /** From here on it may have been handed over. */
  renaming: boolean
  end?: () => void
}

/** The tries that have left something in a stage directory under names of their own. */
async function triesIn(where: FilePlace, stage: string, base: string): Promise<string[]> {
  if (!(await where.has(stage))) return []
  const idOf = (name: string) =>
    name.startsWith(`.${base}.`)
      ? /^([^.]+)\.(?:mark|xml|zip|edi|txt)\.tmp$/.exec(name.slice(base.length + 2))?.[1]
      : undefined
  const left = await where.list(stage, (name) => idOf(name) !== undefined, MOST_LEFT)
  return [...new Set(left.map(({ name }) => idOf(name)!))]
}

async function lies(where: FilePlace, dirs: string[], base: string): Promise<boolean> {
  for (const dir of dirs) for (const name of namesOf(base)) if (await where.has(at(dir, name))) return true
  return false
}

/** The message as it is sent; with attachments a zip that holds `<same base>.xml` and them. */
export async function fileOf(
  { submissionId, bytes, attachments }: OutboundMessage,
  prefix: string,
): Promise<{ base: string; fileName: string; bytes: Buffer }> {
  const base = prefix + submissionId
  const main = `${base}.${formOf(bytes).ending}`
  if (attachments.length === 0) return { base, fileName: main, bytes }
  const used = new Set([main.toLowerCase()])
  const members = attachments.map(({ name, bytes }) => {
    // A name with a path, or one that is there already, would overwrite something where the zip is opened.
    const plain = name.replace(/^.*[/\\]/s, '').replace(/[\u0000-\u001f\u007f]/g, '_') || 'attachment'
    let unique = plain
    for (let n = 2; used.has(unique.toLowerCase()); n++) unique = `${n}_${plain}`
    used.add(unique.toLowerCase())
    return { name: unique, bytes }
  })
  return { base, fileName: `${base}.zip`, bytes: await zip([{ name: main, bytes }, ...members]) }
}

const unavailable = (detail: string): SendOutcome => ({ outcome: 'transient', code: 'HUB_AGENCY_UNAVAILABLE', detail })
const doubt = (code: 'HUB_AGENCY_TIMEOUT' | 'HUB_AGENCY_CUT', detail: string): SendOutcome => ({
  outcome: 'ambiguous',
  code,
  detail,
})
const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
