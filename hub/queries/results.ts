// results — answers to questions as they are given back: the hub's own, and an agency's joined with what the hub knows
// of the same filings.
import type { AgencyAnswer } from '../../messages/agency-answer.js'
import { newId } from '../../messages/ids.js'
import { chinaTime } from '../../messages/china-time.js'
import { readQuestion, type Question } from '../../messages/queries/question.js'
import type { Row } from '../../messages/queries/filing.js'
import { readResult, writeResult, type Result } from '../../messages/queries/result.js'
import { joinRows } from '../../messages/queries/rows.js'
import { largestPageSize, type QueryShape } from '../../messages/queries/shape.js'
import { readXml } from '../../messages/xml-reading.js'
import type { Ledger } from '../../store/ledger.js'
import { useEntry } from '../operate/filing-grants.js'
import type { Partner } from '../../messages/partner.js'
import type { QueryBook } from './book.js'
import type { createForeignRows } from './foreign-rows.js'
import type { createFromLedger, PageStart } from './from-ledger.js'

/** The hub's rows that an agency's are joined with. */
const mostJoined = 500
/** Looks at what others share that are remembered, so that each is recorded once. */
const mostLooks = 1000

/** Whose question it is, and what it asks about. */
export interface AskedAbout {
  partnerId: string
  messageId: string
  documentType: string
  operation: string
}

export type Results = ReturnType<typeof createResults>

/** @see [startAnswering](../boot/answering.ts) */
export function createResults({
  ledger,
  book,
  fromLedger,
  partner,
  foreignRows,
  log,
  now = () => new Date(),
}: {
  ledger: Pick<Ledger, 'filedContent' | 'audit'>
  book: Pick<QueryBook, 'shapeOf'>
  fromLedger: ReturnType<typeof createFromLedger>
  partner: (partnerId: string) => Promise<Pick<Partner, 'settings'> | undefined>
  foreignRows: ReturnType<typeof createForeignRows>
  /** Told of rows that are left out of an answer. */
  log: { warn(ids: object, event: string): void }
  now?: () => Date
}) {
  /** The question as it was asked; undefined when its bytes are not here any more. */
  async function asked({
    partnerId,
    messageId,
    documentType,
  }: AskedAbout): Promise<{ shape: QueryShape; question: Question } | undefined> {
    const shape = book.shapeOf(documentType)
    const [content] = shape ? await ledger.filedContent(partnerId, [messageId]) : []
    if (!shape || !content?.bytes) return undefined
    return { shape, question: readQuestion(shape, readXml(content.bytes).tree) }
  }

  const looks = new Map<string, Promise<void>>()

  /** What others share is not given before it is on record that it was. */
  async function recordUse({ partnerId, messageId, operation }: AskedAbout, rows: readonly Row[]): Promise<void> {
    const shared = rows.flatMap(({ sharedBy }) => sharedBy ?? [])
    for (const owner of new Set(shared)) {
      const given = shared.filter((one) => one === owner).length
      // One question to several agencies is one look.
      const look = `${messageId} ${owner} ${given}`
      const recorded =
        looks.get(look) ??
        ledger.audit(useEntry({ at: now(), owner, partner: partnerId, operation, messageId, rows: given }))
      if (looks.size >= mostLooks) looks.delete(looks.keys().next().value!)
      looks.set(look, recorded)
      recorded.catch(() => looks.delete(look))
      await recorded
    }
  }

  /** What the hub alone knows. @param note said with it */
  async function known(
    about: AskedAbout,
    shape: QueryShape,
    { start, ...question }: Pick<Question, 'criteria' | 'page' | 'size'> & { start?: PageStart | undefined },
    note?: string,
  ): Promise<Result> {
    const { page, size } = question
    const asked = { most: page * size, start }
    const { rows, total, more, next } = await fromLedger(shape, question, about.partnerId, asked)
    const given = rows.slice((page - 1) * size)
    await recordUse(about, given)
    return {
      asOf: chinaTime(now()),
      ...(note === undefined ? {} : { note }),
      page,
      size,
      total,
      more,
      ...(next ? { next: writtenStart(next) } : {}),
      rows: given,
    }
  }

  return {
    known,

    /** May rows of other companies have to be left out of what this partner is answered? */
    async screens({ partnerId, documentType }: Pick<AskedAbout, 'partnerId' | 'documentType'>): Promise<boolean> {
      const shape = book.shapeOf(documentType)
      return shape !== undefined && foreignRows(shape, (await partner(partnerId))?.settings.companies) !== undefined
    },

    /** The same as a document. */
    async fromHub(about: AskedAbout, note?: string): Promise<AgencyAnswer | undefined> {
      const read = await asked(about)
      if (!read) return undefined
      const { shape, question } = read
      const result = await known(about, shape, question, note)
      return {
        mediaType: 'application/xml',
        bytes: writeResult(shape, question, result, { messageId: newId('rep') }),
      }
    },

    /**
     * An agency's result with the hub's rows in it, and without those of other companies; undefined when it is none
     * that could be joined, or stays as it is: then it is given as it came.
     * @param how `fillIn`: the hub's own rows are put in; else rows are only left out
     */
    async joined(about: AskedAbout, bytes: Buffer, { fillIn }: { fillIn: boolean }): Promise<Buffer | undefined> {
      const read = await asked(about)
      if (!read) return undefined
      const { shape, question } = read
      let result
      try {
        const { root, tree } = readXml(bytes)
        result = readResult(shape, root, tree)
      } catch {
        return undefined
      }
      if (!result) return undefined
      const { partnerId, messageId, operation } = about
      const agency = result.rows.map(({ sharedBy: _, ...row }) => ({ ...row, source: 'agency' as const }))
      const isForeign = foreignRows(shape, (await partner(partnerId))?.settings.companies)
      if (!fillIn && !(isForeign && agency.some((row) => isForeign(row)))) return undefined
      const hub = fillIn
        ? await fromLedger(shape, question, partnerId, { most: mostJoined })
        : { rows: [], more: false }
      // What the agency does not have is known for sure only where it gave all it has; else the hub's rows only fill
      // in.
      const whole = question.page === 1 && agency.length >= result.total && !result.more
      const may = (agencys: Row, hubs: Row) => !isForeign?.(agencys, hubs)
      const all = joinRows(shape, { agency, hub: hub.rows }, { all: whole, may })
      // What was filed through this hub, or is shared, is the asker's to see whatever company it names now.
      const rows = all.filter((row) => row.hubMessage !== undefined || row.sharedBy !== undefined || !isForeign?.(row))
      const leftOut = all.length - rows.length
      if (leftOut > 0)
        log.warn(
          { messageId, partnerId, operation, rows: leftOut },
          'rows of other companies are left out of an answer',
        )
      const added = rows.length - agency.length
      const page = { page: question.page, size: question.size, total: Math.max(result.total, agency.length) + added }
      // Cut to the size, the hub's would stand on no page: on the next one nobody knows which of them were given.
      const given = rows.slice(0, Math.max(question.size, largestPageSize))
      const more = result.more || (whole && hub.more) || given.length < rows.length
      await recordUse(about, given)
      const note = [leftOut > 0 ? leftOutNote(leftOut) : [], result.note ?? []].flat().join(' ').slice(0, mostNote)
      const answer = { ...result, ...page, ...(note === '' ? {} : { note }), more, rows: given }
      return writeResult(shape, question, answer, { messageId: newId('rep') })
    },
  }
}

/** Characters, as the result as a document has it. */
const mostNote = 500

const leftOutNote = (rows: number): string =>
  `另有 ${rows} 行属于其他企业，未提供。Rows of other companies, not shown: ${rows}.`

/** As it stands in an address. */
export const writtenStart = ({ messageId, rows }: PageStart): string =>
  rows === 0 ? messageId : `${messageId}.${rows}`

/** Undefined: nothing that ever stood in an answer. */
export function readStart(text: string): PageStart | undefined {
  const [, messageId, rows = '0'] = /^(msg_[0-9A-Z]{26})(?:\.([1-9]\d{0,5}))?$/.exec(text) ?? []
  return messageId === undefined ? undefined : { messageId, rows: Number(rows) }
}
