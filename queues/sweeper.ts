// sweeper — makes the queues again from the ledger: at start, when Redis comes back, and on a timer. Whatever a crash,
// a full Redis or a wiped one has lost is offered once more; what is there already is left alone.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from './log.js'

interface DueSubmission {
  submissionId: string
  agency: string
  /** Absent: looked up where it matters. */
  partnerId?: string
}

/** @see [startWorking](../hub/boot/working.ts) */
export interface SweeperParts<Reply> {
  everyMs: number
  /** Owed and due, in a fixed order, from after the given submission on. */
  dueSubmissions: (limit: number, after?: string) => Promise<DueSubmission[]>
  /** Under way for longer than any attempt may take: their worker is gone. */
  interrupted: (limit: number) => Promise<DueSubmission[]>
  /** Unclear ones, in a fixed order, from after the given submission on. */
  unclear?: (limit: number, after?: string) => Promise<DueSubmission[]>
  /**
   * Questions that were taken and not answered, in a fixed order, from after the given one on; of late, or all: at
   * their deadline their askers are told.
   */
  unanswered?: (limit: number, after: string | undefined, whole: boolean) => Promise<DueSubmission[]>
  /** Whether an agency can be asked about its unclear ones; only then are they offered. Default: any. */
  mayAsk?: (agency: string) => boolean
  /** What waits for a time of a clock that has been set back is due now. How much that was. */
  boundWaits?: () => Promise<number>
  /** Looks for answers that are late, and for orphans somebody has come to know. */
  watch?: (limit: number) => Promise<void>
  /** Receipts owed and due, in a fixed order, from after the given one on. */
  dueReturns: (limit: number, after?: string) => Promise<{ receiptId: string }[]>
  /** Replies kept but not settled, in a fixed order, from after the given one on; empty when there are no more. */
  unsettled: (limit: number, after?: Reply) => Promise<Reply[]>
  /** @see [createSettle](../hub/steps/settle.ts) */
  settle: (reply: Reply) => Promise<void>
  /** Offer those without a job: how many that were, undefined when Redis is away. */
  refillSubmissions: (submissions: DueSubmission[]) => Promise<number | undefined>
  refillReturns: (receipts: { receiptId: string }[]) => Promise<number | undefined>
  /**
   * Does the work unless another hub does it: false then. Default: there is no other.
   */
  alone?: (work: () => Promise<void>) => Promise<boolean>
  /** Calls the listener whenever Redis has become reachable. */
  onReady?: (listener: () => void) => () => void
  page?: number
  /**
   * Pages of due submissions, of unclear ones and of due receipts a timed sweep looks at; it goes on where the last one
   * stopped.
   */
  pagesEach?: number
  log: Log
}

/** What is looked through page by page. */
interface Walked<One> {
  list: (limit: number, after?: string) => Promise<One[]>
  refill: (found: One[]) => Promise<number | undefined>
  id: (one: One) => string
}

/** One a process; of hubs that share a ledger only the one with the lease sweeps. */
export interface Sweeper {
  /** A whole sweep, now or as soon as the one under way is done. Never rejects. */
  sweep(): Promise<void>
  /** Ends the timer and waits for the sweep under way. */
  stop(): Promise<void>
}

/**
 * Sweeps at once, then every `everyMs`, and whenever Redis has come back. The first sweep and those after Redis was
 * away look at everything, the others at some pages each.
 */
export function startSweeper<Reply>(parts: SweeperParts<Reply>): Sweeper {
  const { alone = (work) => work().then(() => true) } = parts
  const { everyMs, onReady, page = 500, pagesEach = 4, log } = parts
  const ended = new AbortController()
  let running: Promise<void> = Promise.resolve()
  let [dueCursor, unclearCursor, returnsCursor]: (string | undefined)[] = []
  /** A whole sweep that was cut short, by Redis going away or by an error, is owed. */
  let wholeOwed = true
  let wholeAsked = false

  /** Every part by itself: what is wrong with one does not keep the others from being offered. */
  async function part(name: string, work: () => Promise<void>): Promise<void> {
    if (ended.signal.aborted) return
    try {
      await work()
    } catch (error) {
      log.error(
        { part: name, error: error instanceof Error ? error.message : String(error) },
        'sweep failed; tried again at the next one',
      )
    }
  }

  /** Page by page from a cursor on, some of them or all; `cut` when Redis is away. */
  async function walk<One>(
    { list, refill, id }: Walked<One>,
    { from, whole }: { from: string | undefined; whole: boolean },
  ) {
    let cursor = from
    let added = 0
    for (let pages = 0; whole || pages < pagesEach; pages++) {
      const found = await list(page, cursor)
      const refilled = await refill(found)
      if (refilled === undefined) return { added, cursor, cut: true }
      added += refilled
      cursor = found.length < page ? undefined : id(found.at(-1)!)
      if (cursor === undefined || ended.signal.aborted) break
    }
    return { added, cursor, cut: false }
  }
  const submissions = (
    list: SweeperParts<Reply>['dueSubmissions'],
    which: (agency: string) => boolean = () => true,
  ): Walked<DueSubmission> => ({
    list,
    refill: (found) => parts.refillSubmissions(found.filter(({ agency }) => which(agency))),
    id: ({ submissionId }) => submissionId,
  })
  // Many that have their job and cannot go now (a mailbox at another hub) do not keep those behind them.
  const returns: Walked<{ receiptId: string }> = {
    list: parts.dueReturns,
    refill: parts.refillReturns,
    id: ({ receiptId }) => receiptId,
  }

  /** What another hub does is owed whole when it comes to this one. */
  async function once(whole: boolean): Promise<void> {
    if (!(await alone(() => all(whole)).catch(() => false))) wholeOwed = true
  }

  async function all(whole: boolean): Promise<void> {
    let added = 0
    await part('waits', async () => {
      const bounded = (await parts.boundWaits?.()) ?? 0
      if (bounded > 0)
        log.warn({ bounded }, 'waited for a time too far ahead, and no longer does: was the clock set back?')
    })
    await part('watch', async () => parts.watch?.(page))
    await part('replies', async () => {
      // Each by itself: one that cannot be settled keeps no receipt behind it from its partner.
      const failed: unknown[] = []
      let found = await parts.unsettled(page)
      while (found.length > 0 && !ended.signal.aborted) {
        for (const reply of found) {
          if (ended.signal.aborted) break
          await parts.settle(reply).catch((error: unknown) => failed.push(error))
        }
        found = await parts.unsettled(page, found.at(-1))
      }
      if (failed.length > 0) {
        const first = failed[0] instanceof Error ? failed[0].message : String(failed[0])
        throw new Error(`${failed.length} not settled, the first: ${first}`)
      }
    })
    await part('submissions', async () => {
      if (whole) {
        dueCursor = undefined
        wholeOwed = true
      }
      const walked = await walk(submissions(parts.dueSubmissions), { from: dueCursor, whole })
      ;({ cursor: dueCursor } = walked)
      added += walked.added
      // Redis is away: its return asks for a whole sweep.
      if (walked.cut) wholeOwed = true
      else if (whole) wholeOwed = false
    })
    await part(
      'interrupted',
      async () => void (added += (await parts.refillSubmissions(await parts.interrupted(page))) ?? 0),
    )
    await part('unclear', async () => {
      if (!parts.unclear) return
      const from = whole ? undefined : unclearCursor
      const walked = await walk(submissions(parts.unclear, parts.mayAsk), { from, whole })
      unclearCursor = walked.cursor
      added += walked.added
    })
    await part('questions', async () => {
      const { unanswered } = parts
      if (!unanswered) return
      const list = (limit: number, after?: string) => unanswered(limit, after, whole)
      added += (await walk(submissions(list), { from: undefined, whole: true })).added
    })
    await part('returns', async () => {
      const walked = await walk(returns, { from: whole ? undefined : returnsCursor, whole })
      returnsCursor = walked.cursor
      added += walked.added
    })
    if (added > 0) log.info({ added, whole }, 'offered again')
  }

  /** One after the other, never two at once. */
  const queueUp = (work: () => Promise<void>) => (running = running.then(work))

  function sweep(): Promise<void> {
    // A whole sweep that waits for its turn serves everyone who asks meanwhile.
    if (!wholeAsked) {
      wholeAsked = true
      void queueUp(async () => {
        wholeAsked = false
        await once(true)
      })
    }
    return running
  }

  async function timer(): Promise<void> {
    while (!ended.signal.aborted) {
      await sleep(everyMs, undefined, { signal: ended.signal }).catch(() => {})
      // A long whole sweep that is under way is not owed again.
      await running
      if (!ended.signal.aborted) await (wholeOwed ? sweep() : queueUp(() => once(false)))
    }
  }

  void sweep()
  const deaf = onReady?.(() => void sweep())
  const ticking = timer()
  return {
    sweep,
    async stop() {
      deaf?.()
      ended.abort()
      await Promise.all([ticking, running])
    },
  }
}
