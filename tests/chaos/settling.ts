// settling — waits until a site is at rest, and gathers the history of all it has done.
import { until } from '../support/until.js'
import { checkHistory, type History, type Kept } from './history.js'
import type { Load } from './load.js'
import type { Site } from './site.js'
import { keptOf } from './witness.js'

/** How long the hubs may take to come to rest. */
export const patienceMs = 240_000

/** An error and why it came about. */
export const said = (error: unknown): string =>
  error instanceof Error ? `${error.message} ${error.cause === undefined ? '' : said(error.cause)}` : String(error)

export function createHistory(site: Site, load: Load) {
  const known = new Map<string, Kept>()
  const all = (): History => ({
    sent: load.sent,
    handled: load.handled,
    filed: site.witness.filed,
    answered: site.witness.answered,
    kept: [...known.values()],
  })
  /** How many messages there were about a document when the ledger was read. */
  let lengths = new Map<string, number>()
  return {
    all,
    /** Of what was read before only documents are read again about which something was sent since. */
    async read({ anew = false } = {}) {
      await site.witness.look()
      const longer = new Map<string, number>()
      for (const { document } of load.sent) if (document) longer.set(document, (longer.get(document) ?? 0) + 1)
      const documents = new Map(load.sent.map(({ reference, document }) => [reference, document]))
      const as = new Map(
        [...known].filter(([, { reference }]) => {
          const document = documents.get(reference)
          return document === undefined || longer.get(document) === lengths.get(document)
        }),
      )
      const found = await Promise.all(site.partners.map((one) => keptOf(one, site.ask, anew ? undefined : as)))
      lengths = longer
      known.clear()
      for (const kept of found.flat()) known.set(kept.messageId, kept)
    },
    judge: () => checkHistory(all()),
  }
}

interface Counts {
  receiptsOwed: number
  orphans: number
  heldAnswers: number
  agencies: { agency: string; queued: number; held: number; submitting: number; unclear: number; dead: number }[]
}

/** Waits until nothing is under way any more. What is still missing then is said. */
export async function settled(site: Site, load: Load, history: ReturnType<typeof createHistory>): Promise<string[]> {
  let last = 'nothing was seen'
  const counts = async () => {
    const status = (await (await site.ask('/ops/status')).json()) as { ledger?: Counts } & Counts
    return status.ledger ?? status
  }
  // In this order: while nobody sends, each stays as it is once the ones before it are done.
  const stages: (() => Promise<boolean>)[] = [
    async () => {
      const { agencies } = await counts()
      const open = agencies.filter((one) => one.queued + one.submitting + one.unclear > 0)
      last = `still to be sent: ${JSON.stringify(open)}`
      return open.length === 0
    },
    async () => {
      await site.witness.look()
      last = `${site.witness.owed()} answers still to be posted by the agencies`
      return site.witness.owed() === 0
    },
    async () => {
      const { heldAnswers, receiptsOwed } = await counts()
      last = `${heldAnswers} answers held, ${receiptsOwed} receipts still to be returned`
      return heldAnswers === 0 && receiptsOwed === 0
    },
    () => {
      last = 'partners still find receipts'
      return Promise.resolve(load.nothingToRead())
    },
  ]
  try {
    for (const stage of stages) {
      load.readAgain()
      await until('everything at rest', stage, patienceMs)
    }
    await until('the ledger to be read', () => history.read().then(() => true))
    return []
  } catch (error) {
    await history.read().catch(() => {})
    return [`${said(error)}: ${last.slice(0, 1500)}`]
  }
}
