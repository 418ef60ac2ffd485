// from-ledger — what the hub itself knows: a partner's own filings and those others let it see, how they stand by their
// receipts, and counts of them. The newest first.
import { readSegmentTree } from '../../messages/edifact/segment-tree.js'
import { detectSyntax } from '../../messages/syntax.js'
import { chinaTime, startOfDay } from '../../messages/china-time.js'
import { meetsCommon, meeting, needsContent, rowsOf, type Filing, type Row } from '../../messages/queries/filing.js'
import type { Question } from '../../messages/queries/question.js'
import { leavesOfXml } from '../../messages/queries/reading-leaves.js'
import type { Leaves } from '../../messages/queries/leaves.js'
import { createGroups } from '../../messages/queries/rows.js'
import { leavesOfSegments } from '../../messages/queries/segment-leaves.js'
import { isOfOperation, type QueryShape } from '../../messages/queries/shape.js'
import { createTurn, nextTurn } from '../../messages/turns.js'
import type { CatalogueEntry, Routing } from '../../routing/operation.js'
import type { FiledContent, FiledMessage, FiledSearch, Ledger } from '../../store/ledger.js'
import { createKeysOf } from './keys-of.js'
import { seenBy, type Seen } from './seen-by.js'

/** Filings that are looked at for one question, where no number narrows it. */
const mostLookedAt = 2_000
/** For statistics, which look at documents only where a group or a sum needs them. */
const mostCounted = 20_000
/** Filings with one number. */
const mostOfNumber = 500
/** Read from the ledger together. */
const together = 50
/** Documents are read so long before others have their turn: a filing that is being taken waits behind it. */
const sliceMs = 2

/** What the ledger knows of a question: one page of rows, and how many there are in all. */
interface FromLedger {
  rows: Row[]
  /** Rows in all; a message that is not looked at counts as one. */
  total: number
  /** There are more filings than were looked at. */
  more: boolean
  /** Where the next page begins; absent where nothing follows, or nobody knows. */
  next?: PageStart
}

/**
 * Where a page begins: behind so many rows of this message, or with the message behind it. What comes in meanwhile, or
 * changes its state, moves no row to another page.
 */
export interface PageStart {
  messageId: string
  /** 0: all of them. */
  rows: number
}

/** The page begins with a message that is not here, or that the asker may not see: nothing says which rows follow. */
export class UnplacedPage extends Error {}

/** Looks at the newest filings first, at a few thousand at the most; where there are others `more` says so. */
export function createFromLedger({
  ledger,
  routing,
  now = () => new Date(),
}: {
  ledger: Pick<Ledger, 'filed' | 'filedContent' | 'filingGrantsTo'>
  routing: Pick<Routing, 'operations'> & { documents: Parameters<typeof createKeysOf>[0] }
  now?: () => Date
}) {
  const keysOf = createKeysOf(routing.documents)
  const operationsOf = createOperationsOf(routing)
  const companyPaths = new Map(
    routing.documents.flatMap(({ documents }) =>
      documents.map(({ id, companies = {} }) => [id, Object.values(companies).flat()] as const),
    ),
  )

  /**
   * @param bounds `most`: rows that are made; all are counted. `start`: where the page begins; absent: with the newest.
   *   `all`: every filing that is looked at leaves the ledger, whether it is shown or not
   * @throws UnplacedPage
   */
  return async function fromLedger(
    shape: QueryShape,
    question: Pick<Question, 'criteria'>,
    partnerId: string,
    { most, start, all = false }: { most: number; start?: PageStart | undefined; all?: boolean },
  ): Promise<FromLedger> {
    if (shape.reference || shape.of.length === 0) return { rows: [], total: 0, more: false }
    const from = { source: 'hub' as const, asOf: chinaTime(now()) }
    const search = searchOf(shape, question, partnerId)
    const grantsInForce = ledger.filingGrantsTo(partnerId, now())
    if (start) {
      const of = seenBy(partnerId, await grantsInForce).map(({ owner }) => owner)
      search.behind = { messageId: start.messageId, of, itself: start.rows > 0 }
    }
    const contents = shape.statistics ? 0 : Math.min(most, together)
    // What the ledger itself can sort out need not leave it.
    const sortedOut = (looks: boolean) =>
      all || looks || shape.statistics ? undefined : withinLedger(shape, question, search)
    const searchWith = (within: ReturnType<typeof sortedOut>) => ({
      ...search,
      ...within,
      ...(within && { most }),
      contents,
    })
    const looksItself = needsContent(shape, question.criteria)
    // Most partners see their own alone: that is looked for together with what others let them see.
    const [own, grants] = await Promise.all([
      filedOf(searchWith(sortedOut(looksItself)), seenBy(partnerId, [])[0]!, shape.only),
      grantsInForce,
    ])
    if (own.unplaced) throw new UnplacedPage()
    const looks = looksItself || grants.some(({ company }) => company !== '')
    const within = sortedOut(looks)
    const [, ...others] = seenBy(partnerId, grants)
    const asked = searchWith(within)
    const found = await Promise.all([
      looks === looksItself ? own : filedOf(asked, seenBy(partnerId, [])[0]!, shape.only),
      ...others.map((one) => filedOf(asked, one, shape.only)),
    ])
    const read = new Map(found.flatMap((one) => one.contents).map((one) => [one.messageId, one]))
    const theirs = found.flatMap((one) => one.candidates)
    const more = found.some((one) => one.more) || theirs.length > search.limit
    const lookedAt = theirs.sort(newestFirst).slice(0, search.limit)
    const candidates = lookedAt.filter(({ light }) => meetsCommon(shape, light, question.criteria))
    const beyond = within ? found.reduce((sum, one) => sum + one.fitting - one.candidates.length, 0) : 0
    if (shape.statistics) return statistics()
    const rows: Row[] = []
    /** Of each row where the page behind it begins. */
    const ends: PageStart[] = []
    let looked = 0
    for await (const filing of whole()) {
      const { messageId } = candidates[looked]!.message
      const given = start?.messageId === messageId ? start.rows : 0
      const found = rowsOf(shape, filing, question, from)
      for (const [i, row] of found.slice(given).entries()) {
        rows.push(row)
        ends.push({ messageId, rows: given + i + 1 < found.length ? given + i + 1 : 0 })
      }
      if (++looked % together !== 0 && looked < candidates.length) continue
      const left = candidates.length - looked
      if (rows.length >= most && !looks) return page(rows.length + left + beyond)
    }
    // Some of those shown are none that is asked for: others take their places. Who walks on past what was looked at
    // goes on behind the last of it, which the ledger then has to show.
    if (rows.length < most && (beyond > 0 || (within && start && more)))
      return fromLedger(shape, question, partnerId, { most, start, all: true })
    return page(rows.length)

    function page(total: number): FromLedger {
      const next = rows.length >= most && (total > most || more) ? ends[most - 1] : lastLooked()
      return { rows: rows.slice(0, most), total, more, ...(next ? { next } : {}) }
    }

    /** Of what the asker may see none of, not even an id is told. */
    function lastLooked(): PageStart | undefined {
      if (!more || within) return undefined
      const last = lookedAt.findLast(({ light }) => !light.companies)
      return last && { messageId: last.message.messageId, rows: 0 }
    }

    async function statistics(): Promise<FromLedger> {
      const { groupBy, measures } = shape.statistics!
      const reads =
        looks ||
        measures.some(({ count, sum }) => typeof count === 'string' || sum !== undefined) ||
        shape.columns.some(({ name, common }) => groupBy.includes(name) && common === undefined)
      const groups = createGroups(shape, from)
      if (!reads) for (const { light } of candidates) groups.add(light)
      else
        for await (const filing of whole()) {
          const documents = meeting(shape, filing, question.criteria)
          if (documents.length > 0) groups.add(filing, documents)
        }
      const counted = groups.rows()
      return { rows: counted.slice(0, most), total: counted.length, more }
    }

    /** One after the other with what it was and what was answered, so that only a few documents are here at a time. */
    async function* whole(): AsyncGenerator<Filing> {
      // The ledger answers several questions in one turn: they are not to be worked on in one too.
      if (candidates.length > 0) await nextTurn()
      const turn = createTurn(sliceMs)
      for (const [i, { light, message, owner }] of candidates.entries()) {
        const { messageId } = message
        if (!read.has(messageId)) {
          const some = candidates.slice(i, i + together).filter((one) => one.owner === owner)
          const missing = some.map((one) => one.message.messageId).filter((one) => !read.has(one))
          for (const one of await ledger.filedContent(owner, missing)) read.set(one.messageId, one)
        }
        yield wholeOf(light, read.get(messageId))
        read.delete(messageId)
        const waits = turn()
        if (waits) await waits
      }
    }
  }

  /** What one owner has filed of what is asked, as far as the asker sees it. */
  async function filedOf(
    search: FiledSearch,
    { owner, sharedBy, covers, companies }: Seen,
    only: QueryShape['only'],
  ): Promise<OwnersFilings> {
    const meant = (operation: string) => covers(operation) && isOfOperation(only, operation)
    const operations = search.operations.filter(meant)
    if (operations.length === 0) return { candidates: [], contents: [], fitting: 0, more: false, unplaced: false }
    const found = await ledger.filed({ ...search, partnerId: owner, operations })
    const { messages, contents = [], fitting, more, unplaced = false } = found
    const candidates = messages
      .filter(({ operation }) => meant(operation))
      .map((message) => {
        const codes = companies(message.operation)
        const paths = companyPaths.get(message.documentType) ?? []
        const light = {
          ...lightOf(message),
          ...(sharedBy === undefined ? {} : { sharedBy }),
          ...(codes ? { companies: { codes, paths } } : {}),
        }
        return { owner, message, light }
      })
    return { candidates, contents, fitting, more, unplaced }
  }

  function searchOf(shape: QueryShape, { criteria }: Pick<Question, 'criteria'>, partnerId: string): FiledSearch {
    const { operations, agencies } = operationsOf(shape)
    const day = (how: 'from' | 'to') => {
      const one = shape.criteria.find(({ common, how: as }) => common === 'SubmittedAt' && as === how)
      return one ? startOfDay(criteria[one.name]?.[0] ?? '') : undefined
    }
    const [since, until] = [day('from'), day('to')]
    const base = {
      partnerId,
      documentTypes: shape.of,
      operations,
      ...(since ? { since } : {}),
      ...(until ? { until: new Date(until.getTime() + 24 * 3_600_000) } : {}),
      limit: shape.statistics ? mostCounted : mostLookedAt,
    }
    const asked = shape.criteria.filter(({ name, how }) => how === 'is' && criteria[name]?.length === 1)
    const reference = asked.find(({ common }) => common === 'Reference')
    if (reference) return { ...base, reference: criteria[reference.name]![0]!, limit: mostOfNumber }
    for (const { name, paths = [] } of asked) {
      const names = keysOf(shape.of, paths)
      if (names) return { ...base, key: { agencies, names, value: criteria[name]![0]! }, limit: mostOfNumber }
    }
    return base
  }

  function wholeOf(light: Filing, content: FiledContent | undefined): Filing {
    if (!content) return light
    const [newest] = content.answers
    const decided = content.answers.find(({ status }) =>
      ['approved', 'released', 'rejected', 'failed'].includes(status),
    )
    const document = content.bytes && leavesIn(content.bytes)
    return {
      ...light,
      ...(newest ? { stateText: newest.text.zh } : {}),
      ...(newest && !Number.isNaN(Date.parse(newest.time)) ? { answeredAt: chinaTime(new Date(newest.time)) } : {}),
      ...(decided && !Number.isNaN(Date.parse(decided.time)) ? { decidedAt: chinaTime(new Date(decided.time)) } : {}),
      ...(document ? { content: document } : {}),
      answers: content.answers.flatMap(({ body }) => {
        const said = body && leavesIn(body)
        return said ? [said] : []
      }),
    }
  }
}

/**
 * What the ledger itself can sort out by: an operation's filings by their days and their state. Undefined where a
 * number, or what the ledger does not
 * look at, is asked.
 */
function withinLedger(
  shape: QueryShape,
  { criteria }: Pick<Question, 'criteria'>,
  { key, reference }: FiledSearch,
): { state?: string } | undefined {
  const asked = shape.criteria.filter(({ name }) => criteria[name] !== undefined)
  const days = ({ common, how }: (typeof asked)[number]) => common === 'SubmittedAt' && how !== 'is'
  const states = asked.filter(({ common, how }) => common === 'State' && how === 'is')
  if (key || reference !== undefined || states.length > 1) return undefined
  if (!asked.every((one) => days(one) || states.includes(one))) return undefined
  const [state] = states.flatMap(({ name }) => criteria[name]!)
  return state === undefined ? {} : { state }
}

interface OwnersFilings {
  candidates: Candidate[]
  /** Of the first of them. */
  contents: FiledContent[]
  fitting: number
  more: boolean
  unplaced: boolean
}

const newestFirst = (a: Candidate, b: Candidate): number =>
  b.message.receivedAt.getTime() - a.message.receivedAt.getTime() || b.message.place - a.message.place

interface Candidate {
  owner: string
  message: FiledMessage
  /** Without a look into it. */
  light: Filing
}

/** Port flat files say nothing under the names queries ask by; what every filing has is known of them too. */
function leavesIn(bytes: Buffer): Leaves | undefined {
  const syntax = detectSyntax(bytes)
  try {
    if (syntax === 'edifact') return leavesOfSegments(readSegmentTree(bytes).tree)
    return syntax === 'xml' ? leavesOfXml(bytes) : undefined
  } catch {
    return undefined
  }
}

function lightOf({ messageId, documentType, operation, reference, receivedAt, state }: FiledMessage): Filing {
  return {
    document: documentType,
    operation,
    reference,
    messageId,
    state,
    submittedAt: chinaTime(receivedAt),
    answers: [],
  }
}

/** The operations documents are filed under, and the agencies these go to. */
function createOperationsOf({ operations }: Pick<Routing, 'operations'>) {
  const byDocument = new Map<string, CatalogueEntry[]>()
  for (const operation of operations.values())
    for (const { type } of operation.documents) byDocument.set(type, [...(byDocument.get(type) ?? []), operation])
  return ({ of }: QueryShape) => {
    const theirs = [...new Set(of.flatMap((document) => byDocument.get(document) ?? []))]
    return {
      operations: theirs.map(({ code }) => code),
      agencies: [...new Set(theirs.flatMap(({ agencies }) => agencies))],
    }
  }
}
