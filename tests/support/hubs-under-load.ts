// hubs-under-load — orders, and changes of them, sent to several hubs on one PostgreSQL until told to stop; and what
// the ledger and the agency's own record say in the end: each came once, in the order of its document.
import { expect } from 'vitest'
import type { RunningHub } from './hub.js'
import type { OwnAgency } from './neighbours.js'
import { changeOf, freshOrder } from './orders.js'
import type { TestPostgres } from './postgres.js'
import { until } from './until.js'

/** A message may have been under way at the agency when its hub died: its deadline, and the look that follows. */
const longMs = 240_000
/** A hub that stands still answers nobody: its senders go to another. */
const impatienceMs = 5_000
const answered = <T>(answer: Promise<T>): Promise<T | undefined> =>
  Promise.race([
    answer.catch(() => undefined),
    new Promise<undefined>((gone) => setTimeout(() => gone(undefined), impatienceMs).unref()),
  ])

export type Load = ReturnType<typeof load>

/** Sends to these hubs, documents with two changes each among them, until told to stop. */
export function load(hubs: RunningHub[]) {
  const accepted: string[] = []
  const documents: string[][] = []
  let sending = true
  const senders = hubs.flatMap((first, i) =>
    [0, 1].map(async () => {
      while (sending) {
        const order = freshOrder()
        const taken: string[] = []
        documents.push(taken)
        for (let n = 0; n < 3 && sending; n++) {
          const to = n === 0 ? first : hubs[(i + n) % hubs.length]!
          const answer = await answered(to.send(n === 0 ? order : changeOf(order, n)))
          // Not known whether it was taken: nothing more about this document.
          if (answer?.status !== 202) break
          accepted.push(answer.receipts[0]!.messageId)
          taken.push(answer.receipts[0]!.reference)
        }
      }
    }),
  )
  return {
    accepted,
    documents,
    more: (n: number) => {
      const from = accepted.length
      return until(`${n} more accepted`, () => accepted.length >= from + n, longMs)
    },
    async stop() {
      sending = false
      await Promise.all(senders)
    },
  }
}

/** Nothing lost, nothing filed twice, each document in its order, each approved. */
export async function expectAllOnce(
  work: Load,
  { server, url, agency }: { server: TestPostgres; url: string; agency: OwnAgency },
): Promise<void> {
  await until(
    'all with the agency, and each approved',
    async () => {
      const open = await server.ask(
        `select 1 from submission where state <> 'submitted' or status is distinct from 'approved' limit 1`,
        url,
      )
      return open.length === 0
    },
    longMs,
  )
  const there = (await server.ask<{ message_id: string }>('select message_id from message', url)).map(
    (m) => m.message_id,
  )
  expect(work.accepted.filter((id) => !there.includes(id))).toEqual([])
  const taken = await agency.taken()
  expect(taken.filter(({ times }) => times !== 1)).toEqual([])
  const [{ n }] = (await server.ask<{ n: number }>('select count(*)::integer as n from submission', url)) as [
    { n: number },
  ]
  expect(taken.length).toBe(n)
  const place = new Map(taken.map(({ reference }, i) => [reference, i]))
  const disordered = work.documents.filter((refs) =>
    refs.some((r, i) => i > 0 && place.get(r)! < place.get(refs[i - 1]!)!),
  )
  expect(disordered).toEqual([])
}
