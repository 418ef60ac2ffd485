// retention — how long bytes are kept, so that a ledger does not grow for ever: what is long done with goes to an
// archive, or goes. Once a day everything is walked through in small steps with rests between them, since messages must
// not wait for it.
//
//   what nobody waits for any more ─ older than its days? ─ archive (fsync) ─ out of the ledger, which remembers where to
//
// A crash in between leaves a record twice in the archive, never a message in neither.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Operator } from '../../messages/operator.js'
import { HubError } from '../../messages/errors.js'
import type { RetentionView, RetentionWalk } from '../../messages/views/index.js'
import type { Archive } from '../../store/archive.js'
import type { KeptMessage } from '../../store/kept.js'
import type { Ledger } from '../../store/ledger.js'
import { archivedMessage } from './archived-message.js'
import type { Log } from '../base/log.js'
import { daysBy, queryDaysOf, refusedDaysOf, type RetentionSetting } from './retention-rules.js'

/** @see [startStorage](../boot/storage.ts) */
interface RetentionParts {
  rules: RetentionSetting
  archive?: Pick<Archive, 'append' | 'check'> | undefined
  ledger: Pick<Ledger, 'keptBefore' | 'kept' | 'letGo' | 'letGoOfAnswers' | 'sweepObjects' | 'getMessage' | 'audit'>
  /** The walk of each day is one hub's; undefined when it is another's. Default: this one's. */
  alone?: <T>(walk: () => Promise<T>) => Promise<T | undefined>
  log: Log
  now?: () => Date
  /** Brings what is not encrypted as new bytes are under the newest key. */
  reseal?: (() => Promise<unknown>) | undefined
}

/** One walk at a time. */
export interface RetentionWalks {
  /**
   * Walks now, or joins the walk under way. Rejects when it was cut short (HubError HUB_ARCHIVE_UNWRITABLE …); what was
   * done by then is done.
   */
  walk(by: Operator): Promise<RetentionWalk>
  view(): RetentionView
  stop(): Promise<void>
}

/** Read at one go: on a cold disk a message is a millisecond or several. */
const page = 25
/** As much at once is put into JSON, which holds up everybody, and written. A message larger than that goes alone. */
const mostBytes = 2 * 1024 * 1024
/** Answers to questions that go in one write. */
const answersTogether = 200
/** Rest after each step, as a multiple of what it took. */
const rest = 4
const [firstMs, everyMs] = [10 * 60_000, 24 * 3_600_000]

/** Walks once a day, by a timer of its own, until it is stopped. */
export function startRetention({
  rules,
  archive,
  ledger,
  alone = (walk) => walk(),
  log,
  now = () => new Date(),
  reseal,
}: RetentionParts): RetentionWalks {
  const ended = new AbortController()
  let under: Promise<RetentionWalk> | undefined
  let last: RetentionWalk | undefined
  let trouble: string | undefined
  const daysOf = daysBy(rules)
  const fewest = Math.min(rules.days ?? Infinity, refusedDaysOf(rules), ...Object.values(rules.operationDays ?? {}))
  /** Where all others are kept for good, these alone are walked through. */
  const only = rules.days === undefined && rules.operationDays === undefined ? 'refused' : undefined
  const queryDays = queryDaysOf(rules)
  /** What is walked through, one after the other: since when at least, and how long each is kept. */
  const rounds = [
    { only: 'questions', fewest: queryDays, daysOf: () => queryDays },
    { only, fewest, daysOf },
  ] as const

  async function walk({ who, why }: Operator): Promise<RetentionWalk> {
    const begun = performance.now()
    const walked: RetentionWalk = { startedAt: now().toISOString(), seconds: 0, letGo: 0, size: 0, open: 0, held: 0 }
    try {
      await archived((to) => to.check())
      for (const round of rounds) await walkThrough(round, walked)
      await letGoOfAnswers(walked)
      await reseal?.()
      const swept = ended.signal.aborted ? 0 : await ledger.sweepObjects()
      if (swept > 0) log.info({ swept }, 'retention: objects nobody refers to are removed')
      trouble = undefined
    } catch (error) {
      trouble = error instanceof HubError ? error.text.en : String(error)
      log.error(
        { error: trouble, archive: rules.archive },
        'retention: cut short; what is not in the archive stays in the ledger',
      )
      throw error
    } finally {
      walked.seconds = Math.round(performance.now() - begun) / 1000
      last = walked
      if (walked.letGo > 0) {
        const { startedAt: _, ...detail } = walked
        log.info(detail, 'retention: bytes let go of')
        await ledger.audit({
          at: now(),
          who,
          action: 'retention.walk',
          target: rules.archive ?? 'deleted',
          why: why ?? '',
          detail,
        })
      }
    }
    return walked
  }

  async function walkThrough(round: (typeof rounds)[number], walked: RetentionWalk): Promise<void> {
    for (let after: string | undefined; !ended.signal.aborted;) {
      const stepBegun = performance.now()
      const messages = await ledger.keptBefore(daysAgo(round.fewest), page, { after, only: round.only })
      const due = messages.filter((message) => message.lastHeardAt < daysAgo(round.daysOf(message)))
      walked.open += due.filter(({ open }) => open).length
      walked.held += due.filter(({ open, held }) => held && !open).length
      const going = due.filter(({ open, held }) => !open && !held)
      await release(going, { walked, ...(round.only === 'questions' && { question: true as const }) })
      if (messages.length < page) break
      after = messages.at(-1)!.messageId
      await sleep((performance.now() - stepBegun) * rest, undefined, { signal: ended.signal }).catch(() => {})
    }
  }

  /** Of questions that were answered in their call. */
  async function letGoOfAnswers(walked: RetentionWalk): Promise<void> {
    while (!ended.signal.aborted) {
      const stepBegun = performance.now()
      const gone = await ledger.letGoOfAnswers(daysAgo(queryDays), answersTogether)
      walked.letGo += gone
      if (gone < answersTogether) return
      await sleep((performance.now() - stepBegun) * rest, undefined, { signal: ended.signal }).catch(() => {})
    }
  }

  /** In parts that fit into memory, however large the messages are. */
  async function release(
    messages: readonly KeptMessage[],
    { walked, question }: { walked: RetentionWalk; question?: true },
  ): Promise<void> {
    // Questions are kept for days, not for years.
    const to = question ? undefined : archive
    let part: { messageId: string; replyIds: string[]; record: object }[] = []
    let size = 0
    const flush = async () => {
      if (part.length === 0) return
      const places = to && (await archived((there) => there.append(part.map(({ record }) => record))))
      walked.letGo += await ledger.letGo(
        part.map(({ record: _, ...one }, i) => ({
          ...one,
          ...(places ? { place: places[i]! } : {}),
          ...(question ? { question } : {}),
        })),
        now(),
      )
      walked.size += size
      part = []
      size = 0
    }
    for (const { messageId } of messages) {
      const [message, bytes] = await Promise.all([ledger.getMessage(messageId), undamaged(messageId)])
      if (!message || !bytes) continue
      part.push({
        messageId,
        replyIds: bytes.replies.map(({ replyId }) => replyId),
        record: to ? archivedMessage(message, bytes) : {},
      })
      size += message.size
      if (size >= mostBytes) await flush()
    }
    await flush()
  }

  /** What is damaged stays where it is, and is told by the ledger: it holds up nothing else. */
  const undamaged = (messageId: string) =>
    ledger.kept(messageId).catch((error: unknown) => {
      if (error instanceof HubError && error.code === 'HUB_BYTES_DAMAGED') return undefined
      throw error
    })

  async function archived<T>(work: (to: NonNullable<typeof archive>) => Promise<T>): Promise<T | undefined> {
    try {
      return archive && (await work(archive))
    } catch (error) {
      throw new HubError(
        'HUB_ARCHIVE_UNWRITABLE',
        { detail: error instanceof Error ? error.message : String(error) },
        { cause: error },
      )
    }
  }

  const daysAgo = (count: number) => new Date(now().getTime() - count * 86_400_000)
  const start = (by: Operator) => (under ??= walk(by).finally(() => (under = undefined)))
  const daily = () => void alone(() => start({ who: 'hub', why: 'retention' })).catch(() => {})
  // Not with the start: then what a crash has left comes first.
  const timers = [setTimeout(daily, firstMs), setInterval(daily, everyMs)]
  for (const timer of timers) timer.unref()
  return {
    walk: start,
    view: () => ({
      rules,
      running: under !== undefined,
      ...(last ? { last } : {}),
      ...(trouble === undefined ? {} : { trouble }),
    }),
    async stop() {
      timers.forEach(clearTimeout)
      ended.abort()
      await under?.catch(() => {})
    },
  }
}
