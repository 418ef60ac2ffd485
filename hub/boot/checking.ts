// checking — what reads foreign bytes, each in threads of its own with its share of memory: the checker, the listings,
// the reply reader.
import { availableParallelism } from 'node:os'
import { createChecker } from '../../xsd/checker.js'
import { createReplyReader } from '../agencies/reply-reader.js'
import { createListings } from '../doors/listings.js'
import type { Data } from './data.js'
import { createBudgets, planMemory } from './memory.js'
import type { Start } from './start.js'

export type Checking = ReturnType<typeof startChecking>

/** Threads are started when there is work for them. */
export function startChecking({ config, log, life }: Start, { routing, rules, families, flatTables }: Data) {
  const threads = config.checkThreads ?? Math.max(1, availableParallelism() - 1)
  const plan = planMemory({ setting: config.memoryMegabytes, maxBytes: config.maxBytes, threads })
  const checker = createChecker({
    documents: routing.documents,
    mappings: routing.mappings,
    schemasDir: families,
    rules,
    flatTables,
    faultLimit: config.maxFaults,
    threads,
    largeThreads: plan.largeThreads,
    mostBytes: plan.partnersBytes * 2,
    disputed: (schema) => log.error({ schema }, 'held certainly valid, refused by libxml2: its verdict stands'),
  })
  const replies = createReplyReader({
    receiptTypes: routing.documents.flatMap((d) => d.receipts),
    envelopes: routing.documents.flatMap((d) => d.envelopes ?? []),
    memoryMb: plan.replyThreadMegabytes,
    log,
  })
  return {
    memory: createBudgets(plan),
    checker: life.started(checker, (c) => c.close()),
    listings: life.started(createListings({ flatTables, memoryMb: plan.replyThreadMegabytes, log }), (l) => l.close()),
    readReply: life.started(replies, (r) => r.close()).read,
  }
}
