// pick-up — brings in what the other side answers: whole files only, each removed once the hub has it on disk. Killed
// in between, the file is read again, and the hub knows the same bytes again.
import type { FetchedAnswer, FetchedRefusal } from '../connector.js'
import { mediaTypeOf } from '../../../messages/attached.js'
import type { MemoryBudget, Room } from '../../../messages/memory-budget.js'
import { detectSyntax } from '../../../messages/syntax.js'
import { inTurns } from '../../../messages/turns.js'
import { readingXml } from '../../../messages/xml-reading.js'
import { at, type Drop } from './drop.js'
import { isTemporary } from '../../temporary-names.js'
import { lookBeside, mayBelong, readBeside, type Listed } from './beside.js'
import { readName, submissionOf } from './names.js'
import { isSame, type FileSeen, type FilePlace } from './place.js'
import { createUnchangedFiles } from '../../unchanged-files.js'

/** @see [createFileConnector](./file-connector.ts) */
interface PickUpParts {
  drops: () => Drop[]
  /** Further directories that hold answers, e.g. those for documents this machine did not send. */
  also: (place: FilePlace) => Promise<string[]>
  prefix: string
  /** Endings of names that the other side is still writing. */
  temporaryEndings: readonly string[]
  /** Keeps an answer for good. Resolves when it is on disk: then the file is removed. */
  found: (answer: FetchedAnswer) => Promise<void>
  /** Names of the files that an answer says come with it. Default: none. */
  filesNamed?: (bytes: Buffer) => Promise<string[]>
  /** A file of ours lies among the refused ones, and no answer has told why. May be told more than once. */
  refused: (refusal: FetchedRefusal) => Promise<void>
  limits?: Partial<PickUpLimits>
  memory?: MemoryBudget
  log: { warn(ids: object, event: string): void }
}

/** Bounds of fetching answers. Times in milliseconds, sizes in bytes. */
export interface PickUpLimits {
  /** Unchanged this long: whole. */
  settleMs: number
  /** XML that is not whole after settling is waited for this long before it is taken as it is. */
  patienceMs: number
  /** The files an answer names are waited for this long, and a file no answer names is kept back as long. */
  filesPatienceMs: number
  /** A refused file is told about after this long: the answer that says why is awaited. */
  refusedAfterMs: number
  /** Older refused files were told about long ago. */
  refusedWithinMs: number
  maxBytes: number
  /** Files of one directory in one round. */
  page: number
}

const defaults: PickUpLimits = {
  settleMs: 1000,
  patienceMs: 600_000,
  filesPatienceMs: 60_000,
  refusedAfterMs: 60_000,
  refusedWithinMs: 30 * 86_400_000,
  maxBytes: 64 * 1024 * 1024,
  page: 500,
}

/** Fetches answers when it is asked to; a file is removed only when `found` has resolved. */
export function createPickUp(parts: PickUpParts) {
  const {
    drops,
    also,
    prefix,
    temporaryEndings,
    found,
    filesNamed = async () => [],
    refused,
    limits: over,
    memory,
    log,
  } = parts
  const limits = { ...defaults, ...over }
  const memories = new Map<string, Memory>()
  const unfinished = (name: string) => isTemporary(name, temporaryEndings)

  /**
   * One look at every directory, in turn. A directory that is not there holds nothing. Rejects when the place is lost.
   */
  async function round(place: FilePlace): Promise<void> {
    const dirs = [...drops().flatMap((drop) => drop.in), ...(await also(place))]
    for (const dir of new Set(dirs)) await takeFrom(place, dir)
    for (const { fail } of drops()) if (fail !== undefined) await lookAtRefused(place, fail)
  }

  function memoryOf(dir: string): Memory {
    const known = memories.get(dir) ?? createMemory(limits.settleMs)
    memories.set(dir, known)
    return known
  }

  /** The files `wanted` names. What is remembered of files that are gone is forgotten. */
  async function listIn(place: FilePlace, dir: string, wanted: (name: string) => boolean, most: number) {
    const there = new Set<string>()
    const listed = await place.list(dir, (name) => (there.add(name), wanted(name)), most)
    // Looked through to its end.
    if (listed.length < most) memoryOf(dir).keep(there)
    return listed
  }

  async function takeFrom(place: FilePlace, dir: string): Promise<void> {
    if (!(await place.has(dir))) return
    const { look } = memoryOf(dir)
    // Of files that belong to answers many may lie there before their answers' turn comes: they take no answer's place
    // in the page.
    const left = { answers: limits.page, others: 4 * limits.page }
    const wanted = (name: string) => !unfinished(name) && left[mayBelong(name) ? 'others' : 'answers']-- > 0
    const listed = await listIn(place, dir, wanted, 5 * limits.page)
    const whole = look(listed, performance.now()).sort((a, b) => a.mtime - b.mtime || (a.name < b.name ? -1 : 1))
    const taken = new Set<string>()
    // Answers first: the files they name go with them.
    for (const file of [...whole.filter(isAnswer), ...whole.filter((one) => !isAnswer(one))]) {
      if (taken.has(file.name)) continue
      try {
        for (const name of await take(place, {
          dir,
          file,
          look: { whole: whole.filter((one) => !taken.has(one.name)), listed },
        }))
          taken.add(name)
      } catch (error) {
        // One file nobody can read does not keep the others; the next round tries it again.
        if (await lost(place, dir)) throw error
        log.warn({ file: at(dir, file.name), error: messageOf(error) }, 'answer not taken; tried again')
      }
    }
  }

  const isAnswer = ({ name }: Pick<FileSeen, 'name'>) =>
    !mayBelong(name) || readName(name, prefix).submissionId !== undefined

  /** @returns the names of files that went with it */
  async function take(place: FilePlace, which: { dir: string; file: FileSeen; look: Listed }): Promise<string[]> {
    const { dir, file } = which
    const { name, size } = file
    const { tooLarge, keptBack, firstSeen } = memoryOf(dir)
    if (size > limits.maxBytes) {
      if (tooLarge.get(name) !== size)
        log.warn({ file: at(dir, name), size, most: limits.maxBytes }, 'answer too large; left where it is')
      tooLarge.set(name, size)
      return []
    }
    if (keptBack.has(name) && performance.now() - firstSeen(name) < limits.filesPatienceMs) return []
    const room = memory?.room(prefix)
    try {
      await room?.take(size)
      return await takeWithin(place, which, room)
    } finally {
      room?.release()
    }
  }

  async function takeWithin(
    place: FilePlace,
    { dir, file: { name }, look }: { dir: string; file: FileSeen; look: Listed },
    room: Room | undefined,
  ): Promise<string[]> {
    const { firstSeen, keptBack, forget } = memoryOf(dir)
    const path = at(dir, name)
    const before = await place.stat(path)
    const bytes = before && (await place.read(path, limits.maxBytes))
    // Somebody writes it once more.
    if (!bytes || !isSame(before, await place.stat(path))) return []
    const waited = performance.now() - firstSeen(name)
    // A writer that hangs halfway leaves a file that stands still: only its end tells.
    if (!(await isWhole(name, bytes)) && waited < limits.patienceMs) return []
    // No answer by its name nor by its content: it may belong to one that is still to come.
    if (!isAnswer({ name }) && detectSyntax(bytes) === 'unknown' && waited < limits.filesPatienceMs) {
      keptBack.add(name)
      return []
    }
    const { files: beside, waits } = lookBeside(name, await filesNamed(bytes), look)
    if (waits && waited < limits.filesPatienceMs) return []
    await room?.take(beside.reduce((sum, { size }) => sum + size, 0))
    const files = await readBeside(place, { dir, answer: name, files: beside })
    // Of a file that is written once more, the new bytes go with the answer: the next round looks again.
    if (!files) return []
    const attached = files.length === 0 ? {} : { files }
    await found({ name, mediaType: mediaTypeOf(name), bytes, ...readName(name, prefix), ...attached })
    // The files go before their answer: cut short in between, it is read once more and known again; a file left alone
    // would be nobody's. What was put in the place of one meanwhile, under the same name, is another: it is read in its
    // turn.
    const removeIf = async (seen: FileSeen) => {
      if (isSame(seen, await place.stat(at(dir, seen.name)))) await place.remove(at(dir, seen.name))
    }
    for (const one of beside) {
      await removeIf(one)
      forget(one.name)
    }
    await removeIf(before)
    forget(name)
    return beside.map((file) => file.name)
  }

  async function lookAtRefused(place: FilePlace, dir: string): Promise<void> {
    if (!(await place.has(dir))) return
    const now = Date.now()
    const { told, firstSeen, forget } = memoryOf(dir)
    const wanted = (name: string) => ownBase(name) !== undefined && !told.has(name)
    for (const { name, mtime } of await listIn(place, dir, wanted, limits.page)) {
      if (performance.now() - firstSeen(name) < limits.refusedAfterMs && now - mtime < limits.refusedWithinMs) continue
      if (now - mtime < limits.refusedWithinMs) await refused({ submissionId: ownBase(name)!, name })
      forget(name)
      told.add(name)
    }
  }

  const ownBase = (name: string) =>
    unfinished(name) ? undefined : submissionOf(name.replace(/\.(xml|zip|edi|txt)$/i, ''), prefix)

  return { round }
}

type Memory = ReturnType<typeof createMemory>

/** What is known of the files of one directory, by their names, for as long as they are there. */
function createMemory(settleMs: number) {
  const seen = new Map<string, number>()
  /** What was looked at and is no answer. */
  const keptBack = new Set<string>()
  /** Refused files that were told about. */
  const told = new Set<string>()
  /** With the size that was said. */
  const tooLarge = new Map<string, number>()
  const all = [seen, keptBack, told, tooLarge]
  const forget = (name: string) => all.forEach((some) => some.delete(name))
  return {
    look: createUnchangedFiles<FileSeen>(settleMs),
    keptBack,
    told,
    tooLarge,
    /** When it was, by a clock that nobody sets: set back for a day, an answer would not be read for a day. */
    firstSeen(name: string): number {
      const known = seen.get(name)
      if (known !== undefined) return known
      const now = performance.now()
      seen.set(name, now)
      return now
    },
    forget,
    /** All others are gone: another file of one's name is another file. */
    keep(there: ReadonlySet<string>): void {
      for (const some of all) for (const name of some.keys()) if (!there.has(name)) forget(name)
    },
  }
}

const lost = (place: FilePlace, dir: string) =>
  place.has(dir).then(
    (there) => !there,
    () => true,
  )

async function isWhole(name: string, bytes: Buffer): Promise<boolean> {
  // An interchange ends with its UNZ, or it is half of one.
  if (/\.edi$/i.test(name)) return bytes.subarray(-200).includes('UNZ')
  if (!/\.xml$/i.test(name)) return bytes.length > 0
  try {
    await inTurns(readingXml(bytes))
    return true
  } catch {
    return false
  }
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
