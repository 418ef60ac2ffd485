// record — one interchange with its messages, bytes, receipts and submissions in one durable write; and whether each is
// new.
import type Database from 'better-sqlite3'
import { businessAnswer } from '../../messages/edifact/answers/business-answer.js'
import type { Key } from '../../messages/inspection.js'
import type { Receipt } from '../../messages/receipt.js'
import type { Ledger, NewInterchange, NewMessage, NewSubmission, ReceiptEvent, Recorded } from '../ledger.js'
import { finalStatuses, type StateAndStatus } from '../rules/business-status.js'
import { conflictReceipt, isWritten, keyInUse, recordedOf, type Conflict } from '../rules/conflict.js'
import { correctionBy } from '../rules/correction.js'
import { withoutBytes } from '../rules/refused-bytes.js'
import { answeredAgain, sameAgain } from '../rules/same-again.js'
import { rivalOf, type Rival } from '../rules/shared-keys.js'
import { keepsAgentFilings } from './filing-grants.js'
import { createAcknowledgements } from './acknowledgements.js'
import type { Digests } from './digests.js'
import type { GroupCommit } from './group-commit.js'
import { noticesSql } from './notices.js'
import { createMessageState } from './message-state.js'
import { createRefusedBytes } from './refused-bytes.js'
import { isApart, type Keeping } from '../payloads/payloads.js'
import { fromAttachment, fromInterchange, fromMessage, fromSubmission, fromTechnicalReceipt } from '../rows/recorded.js'
import { toUnderWay, type UnderWayRow } from '../rows/submission.js'
import { asItIs, bytesOf, isSmall, packed, slices, type Packed } from '../slices.js'
import { sumsOfLarge } from '../sums.js'

interface IdentityOwner {
  message_id: string
  sha256: string
}

/** @see [openSqliteLedger](./open.ts) */
interface RecordParts {
  keeping: Keeping
  digests: Digests
  db: Database.Database
  commit: GroupCommit
  tell: (event: ReceiptEvent) => void
}

/** Every statement by its name: a test asks SQLite how it would find what each looks for. */
export const recordSql = {
  interchangeRow: `insert into interchange (interchange_id, partner_id, channel, filename, content_type, received_at,
    size, sha256)
    values (@interchange_id, @partner_id, @channel, @filename, @content_type, @received_at, @size, @sha256)`,
  messageRow: `insert into message (message_id, interchange_id, partner_id, channel, reference, document_type,
    operation, schema_file, schema_version, state, size, sha256, received_at, order_key)
    values (@message_id, @interchange_id, @partner_id, @channel, @reference, @document_type, @operation, @schema_file,
    @schema_version, @state, @size, @sha256, @received_at, @order_key)`,
  payloadRow: 'insert into payload (message_id, bytes, packed) values (@messageId, @bytes, @packed)',
  objectRow: 'insert into payload_object (message_id, position, object) values (@messageId, @position, @object)',
  forwardedRow: 'insert into forwarded (message_id, bytes) values (@messageId, @bytes)',
  sentFormRow: 'insert into sent_form (submission_id, bytes) values (@submissionId, @bytes)',
  attachmentRow: `insert into attachment (message_id, position, name, media_type, bytes, packed, size)
    values (@message_id, @position, @name, @media_type, @bytes, @packed, @size)`,
  submissionRow: `insert into submission (submission_id, message_id, partner_id, agency, order_key, state, accepted_at,
    next_at, changes, original, senders, learning)
    values (@submission_id, @message_id, @partner_id, @agency, @order_key, @state, @accepted_at, @next_at, @changes,
    @original, @senders, @learning)`,
  originalBy: `select s.n from correlation c join submission s on s.n = c.submission_n join message m using (message_id)
    where c.agency = @agency and c.name = @name and c.value = @value and s.partner_id = @partnerId and s.changes = 0
    and m.document_type = @documentType order by c.submission_n desc limit 1`,
  moveChanges: `update submission set original = @original, state = 'queued' where state in ('queued', 'held')
    and original in (select o.n from submission o where o.message_id = @replaced and o.agency = @agency)`,
  changesOf: 'select distinct message_id from submission where original = ?',
  correlationRow: `insert into correlation (agency, name, value, submission_n) values (@agency, @name, @value, @n)
    on conflict do nothing`,
  alsoUnderWay: `select s.n, s.senders from correlation c join submission s on s.n = c.submission_n
    where c.agency = @agency and c.name = @name and c.value = @value and s.partner_id <> @partnerId
    and s.state in ('queued', 'submitting', 'unclear', 'submitted', 'held')
    and ifnull(s.status, '') not in (${finalStatuses.map((status) => `'${status}'`).join(', ')})
    order by c.submission_n limit 20`,
  sharedRow: `insert into shared_key (agency, name, value, first_n, second_n, at)
    values (@agency, @name, @value, @first, @second, @at) on conflict do nothing`,
  receiptRow: `insert into receipt (receipt_id, message_id, partner_id, channel, stage, receipt, return_state,
    return_next_at)
    values (@receipt_id, @message_id, @partner_id, @channel, @stage, @receipt, @return_state, @return_next_at)`,
  owner: `select i.message_id, m.sha256 from identity i join message m using (message_id)
    where i.partner_id = @partnerId and i.identity = @identity`,
  identityRow: `insert into identity (partner_id, identity, message_id) values (@partnerId, @identity, @messageId)
    on conflict do update set message_id = excluded.message_id`,
  supersededBy:
    'select message_id from superseded where partner_id = @partnerId and identity = @identity and sha256 = @sha256',
  supersededRow: `insert into superseded (partner_id, identity, sha256, message_id)
    values (@partnerId, @identity, @sha256, @messageId) on conflict do nothing`,
  submissionsOf: 'select state, status from submission where message_id = ?',
  firstReceipt: `select receipt from receipt where message_id = ? and stage = 'technical' order by n limit 1`,
  repeated: 'update message set repeats = repeats + 1 where message_id = ?',
  repeatRow: `insert into repeat (message_id, interchange_id, at) values (@messageId, @interchangeId, @at)
    on conflict do nothing`,
}
const sql = recordSql

/** This chapter of the ledger on SQLite; what it promises: [Taking](../ledger/taking.ts). */
export function createRecord({ db, commit, tell, digests, keeping }: RecordParts): Pick<Ledger, 'record'> {
  const refresh = createMessageState(db)
  const mayKeep = createRefusedBytes(db)
  const acknowledgements = createAcknowledgements(db, digests)
  const interchangeRow = db.prepare(sql.interchangeRow)
  const messageRow = db.prepare(sql.messageRow)
  const payloadRow = db.prepare(sql.payloadRow)
  const objectRow = db.prepare(sql.objectRow)
  const forwardedRow = db.prepare(sql.forwardedRow)
  const sentFormRow = db.prepare(sql.sentFormRow)
  const attachmentRow = db.prepare(sql.attachmentRow)
  const submissionRow = db.prepare(sql.submissionRow)
  // The newest original of this partner, of the same document type, that the agency knows, or will know, by one of
  // these keys.
  const originalBy = db.prepare<[Key & { agency: string; partnerId: string; documentType: string }], { n: number }>(
    sql.originalBy,
  )
  // What a corrected original replaces: its changes wait for the new one.
  const moveChanges = db.prepare(sql.moveChanges)
  const changesOf = db.prepare<[number], { message_id: string }>(sql.changesOf)
  const correlationRow = db.prepare(sql.correlationRow)
  // What another partner has under way there under the same key.
  const alsoUnderWay = db.prepare<[Key & { agency: string; partnerId: string }], UnderWayRow>(sql.alsoUnderWay)
  const sharedRow = db.prepare(sql.sharedRow)
  const receiptRow = db.prepare(sql.receiptRow)
  const owner = db.prepare<[{ partnerId: string; identity: string }], IdentityOwner>(sql.owner)
  const identityRow = db.prepare(sql.identityRow)
  const supersededBy = db.prepare<[{ partnerId: string; identity: string; sha256: string }], { message_id: string }>(
    sql.supersededBy,
  )
  const supersededRow = db.prepare(sql.supersededRow)
  const submissionsOf = db.prepare<[string], StateAndStatus>(sql.submissionsOf)
  const firstReceipt = db.prepare<[string], { receipt: string }>(sql.firstReceipt)
  const repeated = db.prepare(sql.repeated)
  const repeatRow = db.prepare(sql.repeatRow)
  const subscriptionRow = db.prepare(noticesSql.put)
  const unsubscribe = db.prepare(noticesSql.remove)
  const keepFiledUnder = keepsAgentFilings(db)

  /** The same message again, as it is answered; or what it is in conflict with. */
  function earlier(
    interchange: NewInterchange,
    message: NewMessage,
    first: IdentityOwner | undefined,
  ): Extract<Recorded, { outcome: 'duplicate' }> | Conflict | undefined {
    const { partnerId, interchangeId, receivedAt } = interchange
    const decision = sameAgain({
      sha256: message.sha256,
      refused: message.receipt.status === 'refused',
      first: first && { messageId: first.message_id, sha256: first.sha256 },
      replaced: () => supersededBy.get({ partnerId, identity: message.identity, sha256: message.sha256 })?.message_id,
      submissions: () => submissionsOf.all(first!.message_id),
    })
    if (decision.outcome === 'new') return undefined
    if (decision.outcome === 'conflict') return decision
    const { messageId } = decision
    repeated.run(messageId)
    repeatRow.run({ messageId, interchangeId, at: receivedAt.getTime() })
    return answeredAgain(decision, firstReceipt.get(messageId)!)
  }

  function originalOf(partnerId: string, agency: string, { keys, documentType = '' }: NewMessage): number | null {
    return keys.reduce<number | null>(
      (newest, { name, value }) =>
        Math.max(newest ?? 0, originalBy.get({ agency, name, value, partnerId, documentType })?.n ?? 0) || null,
      null,
    )
  }

  /** Receipts could not be told apart: the same key, and nothing in the sender's codes that differs. */
  function rivalsOf(partnerId: string, agency: string, { keys, firstKeys, senders = [] }: NewMessage): Rival[] {
    return keys
      .filter(({ name }) => firstKeys?.has(name))
      .flatMap((key) => {
        const underWay = alsoUnderWay.all({ agency, name: key.name, value: key.value, partnerId })
        const n = rivalOf(senders, underWay.map(toUnderWay))
        return n === undefined ? [] : [{ key, n }]
      })
  }

  function one(interchange: NewInterchange, packed: Packed): Recorded {
    const { message } = packed
    const { partnerId } = interchange
    const first = owner.get({ partnerId, identity: message.identity })
    const known = earlier(interchange, message, first)
    if (known?.outcome === 'duplicate') return known
    if (known) return inConflict(interchange, packed, known)
    const rivals = message.submissions.map(({ agency }) => rivalsOf(partnerId, agency, message))
    const inUse = keyInUse(message.submissions, rivals)
    if (inUse) return inConflict(interchange, packed, inUse)
    const receipt = write(interchange, packed)
    recordIdentity(interchange, message, first)
    for (const [i, submission] of message.submissions.entries())
      submit(interchange, message, { submission, rivals: rivals[i]!, first })
    if (message.subscription) subscribe(interchange, message.subscription)
    if (message.filedUnder)
      keepFiledUnder(
        { messageId: message.messageId, partner: partnerId, at: interchange.receivedAt.getTime() },
        message.filedUnder,
      )
    return recordedOf(message, receipt, rivals)
  }

  function subscribe(
    { partnerId, receivedAt }: NewInterchange,
    { operation, reference = '', channel, granted, ends }: NonNullable<NewMessage['subscription']>,
  ): void {
    if (ends) unsubscribe.run({ partnerId, operation, reference })
    else
      subscriptionRow.run({
        ...{ partnerId, operation, reference, channel },
        now: receivedAt.getTime(),
        granted: granted ? 1 : 0,
      })
  }

  /**
   * A refusal like any other: recorded with its bytes and its receipt, and answered in the sender's form where that has
   * one for it.
   */
  function inConflict(interchange: NewInterchange, packed: Packed, conflict: Conflict): Recorded {
    const { message } = packed
    const found: Recorded = conflict
    if (!interchange.refusesConflicts) return found
    const refused = { ...message, submissions: [], receipt: conflictReceipt(message.receipt, conflict) }
    const receipt = write(interchange, { ...packed, message: refused })
    const said = message.edifact && businessAnswer(refused.receipt, message.bytes, message.edifact.charset)
    if (said) acknowledgements.append(interchange.interchangeId, said)
    return { ...found, receipt, ...(said ? { answer: Buffer.from(said) } : {}) }
  }

  /** The message with its bytes and its technical receipt, as that is written. */
  function write(interchange: NewInterchange, { message, kept, attached, sums }: Packed): Receipt {
    const { partnerId } = interchange
    const at = interchange.receivedAt.getTime()
    const { messageId } = message
    const refused = message.receipt.status === 'refused'
    messageRow.run(fromMessage(interchange, message))
    const onDisk = [...attached, kept].reduce((sum, { bytes, size = bytes.length }) => sum + size, 0)
    const quota = interchange.refusedQuota ?? Infinity
    const keeps = !refused || mayKeep({ messageId, partnerId, at, quota }, onDisk)
    const receipt = keeps ? message.receipt : withoutBytes(message.receipt)
    if (keeps) {
      payloadRow.run({ messageId, bytes: kept.bytes, packed: kept.packed })
      for (const [position, form] of [kept, ...attached].entries())
        if (isApart(form)) objectRow.run({ messageId, position, object: form.bytes.toString('latin1') })
      digests.note(message, sums)
      if (message.forwarded) forwardedRow.run({ messageId, bytes: message.forwarded })
      for (const [position, one] of message.attachments.entries())
        attachmentRow.run(fromAttachment(messageId, position, one, attached[position]!))
    }
    receiptRow.run(fromTechnicalReceipt(interchange, message, receipt))
    return receipt
  }

  function recordIdentity({ partnerId }: NewInterchange, message: NewMessage, first: IdentityOwner | undefined): void {
    const { identity, messageId } = message
    const { claims, supersedes } = correctionBy(message, first)
    if (supersedes !== undefined)
      supersededRow.run({ partnerId, identity, sha256: first!.sha256, messageId: supersedes })
    if (claims) identityRow.run({ partnerId, identity, messageId })
  }

  function submit(
    interchange: NewInterchange,
    message: NewMessage,
    { submission, rivals, first }: { submission: NewSubmission; rivals: Rival[]; first: IdentityOwner | undefined },
  ): void {
    const { submissionId, agency, sent } = submission
    const original = message.changes ? originalOf(interchange.partnerId, agency, message) : null
    const row = fromSubmission(interchange, message, submission, original)
    const n = Number(submissionRow.run(row).lastInsertRowid)
    for (const { key, n: rival } of rivals)
      sharedRow.run({ agency, name: key.name, value: key.value, first: rival, second: n, at: row.accepted_at })
    const replaced = correctionBy(message, first).takesChangesOf
    if (replaced !== undefined && moveChanges.run({ original: n, replaced, agency }).changes > 0)
      for (const { message_id } of changesOf.all(n)) refresh(message_id)
    if (sent) sentFormRow.run({ submissionId, bytes: sent.bytes })
    for (const { name, value } of [...message.keys, ...(sent?.keys ?? [])])
      correlationRow.run({ agency, name, value, n })
  }

  return {
    async record(interchange) {
      const { interchangeId, partnerId, channel, messages, acknowledgement, continues = false } = interchange
      const recorded: Recorded[] = []
      // Thousands of messages go in several transactions, in their order. Should the last of them not be made, the
      // sender hears of nothing and sends again: what is there already is answered as the same (promise 8).
      // What is small is asked for in the turn of the call: calls of one turn take effect in their order.
      const here = !keeping.apart && messages.every(isSmall)
      const forms = here ? messages.map(asItIs) : await packed(messages, { sumsOf: sumsOfLarge, keeping })
      for (const slice of slices(forms, bytesOf)) {
        const opens = recorded.length === 0 && !continues
        recorded.push(
          ...(await commit(() => {
            if (opens) {
              interchangeRow.run(fromInterchange(interchange))
              if (acknowledgement) acknowledgements.put(interchangeId, acknowledgement)
            }
            return slice.messages.map((message) => one(interchange, message))
          }, slice.bytes)),
        )
      }
      messages.forEach(({ receipt, receiptReturn, receiptChannel = channel }, i) => {
        if (isWritten(recorded[i]!) && receiptReturn === 'owed')
          tell({ partnerId, receiptId: receipt.receiptId, channel: receiptChannel, returnState: receiptReturn })
      })
      return recorded
    },
  }
}
