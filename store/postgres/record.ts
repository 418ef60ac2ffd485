// record — one interchange with its messages, bytes, receipts and submissions in one durable write; and whether each is
// new. What is asked of the ledger for that is asked for all messages of a transaction together (write.ts).
import { businessAnswer } from '../../messages/edifact/answers/business-answer.js'
import type { Receipt } from '../../messages/receipt.js'
import type { Ledger, NewInterchange, NewMessage, NewSubmission, Recorded } from '../ledger.js'
import { finalStatuses, type StateAndStatus } from '../rules/business-status.js'
import { conflictReceipt, isWritten, keyInUse, recordedOf, type Conflict } from '../rules/conflict.js'
import { correctionBy } from '../rules/correction.js'
import { withoutBytes } from '../rules/refused-bytes.js'
import { answeredAgain, sameAgain } from '../rules/same-again.js'
import { rivalOf, type Rival } from '../rules/shared-keys.js'
import { noticesSql } from './notices.js'
import { agentUsesSql } from './filing-grants.js'
import { createAcknowledgements } from './acknowledgements.js'
import type { Digests } from './digests.js'
import { mayKeep } from './refused-bytes.js'
import type { GroupCommit } from './write.js'
import type { IdentityOwner } from './write/known-rows.js'
import type { Needs } from './write/needs.js'
import type { Write } from './write/transaction.js'
import { isApart, type Keeping } from '../payloads/payloads.js'
import { fromAttachment, fromInterchange, fromMessage, fromSubmission, fromTechnicalReceipt } from '../rows/recorded.js'
import { toUnderWay, type UnderWayRow } from '../rows/submission.js'
import { asItIs, bytesOf, isSmall, packed, slices, type Packed } from '../slices.js'
import { sumsOfLarge } from '../sums.js'

/** Every statement by its name. */
export const recordSql = {
  originalBy: `select s.n from correlation c join submission s on s.n = c.submission_n
    join message m on m.message_id = s.message_id
    where c.agency = @agency and c.name = @name and c.value = @value and s.partner_id = @partnerId and s.changes = 0
    and m.document_type = @documentType order by c.submission_n desc limit 1`,
  moveChanges: `update submission set original = @original, state = 'queued' where state in ('queued', 'held')
    and original in (select o.n from submission o where o.message_id = @replaced and o.agency = @agency)`,
  changesOf: 'select distinct message_id from submission where original = @original',
  alsoUnderWay: `select s.n, s.senders from correlation c join submission s on s.n = c.submission_n
    where c.agency = @agency and c.name = @name and c.value = @value and s.partner_id <> @partnerId
    and s.state in ('queued', 'submitting', 'unclear', 'submitted', 'held')
    and coalesce(s.status, '') <> all(@finals::text[]) order by c.submission_n limit 20`,
  identity: `insert into identity (partner_id, identity, message_id) values (@partnerId, @identity, @messageId)
    on conflict (partner_id, identity) do update set message_id = excluded.message_id`,
  supersededBy:
    'select message_id from superseded where partner_id = @partnerId and identity = @identity and sha256 = @sha256',
  submissionsOf: 'select state, status from submission where message_id = @messageId',
  firstReceipt: `select receipt from receipt where message_id = @messageId and stage = 'technical' order by n limit 1`,
  repeated: 'update message set repeats = repeats + 1 where message_id = @messageId',
}
const sql = recordSql

/** This chapter of the ledger on PostgreSQL; what it promises: [Taking](../ledger/taking.ts). */
export function createRecord({
  commit,
  digests,
  keeping,
}: {
  commit: GroupCommit
  digests: Digests
  keeping: Keeping
}): Pick<Ledger, 'record'> {
  const acknowledgements = createAcknowledgements(digests)

  /** The same message again, as it is answered; or what it is in conflict with. */
  async function earlier(
    tx: Write,
    { partnerId, interchangeId, receivedAt }: NewInterchange,
    { message, first }: { message: NewMessage; first: IdentityOwner | undefined },
  ): Promise<Extract<Recorded, { outcome: 'duplicate' }> | Conflict | undefined> {
    const { identity, sha256 } = message
    const refused = message.receipt.status === 'refused'
    const same = first?.sha256 === sha256
    const replaced =
      first && !same
        ? (await tx.get<{ message_id: string }>(sql.supersededBy, { partnerId, identity, sha256 }))?.message_id
        : undefined
    const submissions =
      first && !same && !refused && replaced === undefined
        ? await tx.all<StateAndStatus>(sql.submissionsOf, { messageId: first.message_id })
        : []
    const decision = sameAgain({
      sha256,
      refused,
      first: first && { messageId: first.message_id, sha256: first.sha256 },
      replaced: () => replaced,
      submissions: () => submissions,
    })
    if (decision.outcome === 'new') return undefined
    if (decision.outcome === 'conflict') return decision
    const { messageId } = decision
    await tx.run(sql.repeated, { messageId })
    await tx.add('repeat', { message_id: messageId, interchange_id: interchangeId, at: receivedAt.getTime() })
    return answeredAgain(decision, (await tx.get<{ receipt: string }>(sql.firstReceipt, { messageId }))!)
  }

  /**
   * The newest original of this partner, of the same document type, that the agency knows, or will know, by one of
   * these keys.
   */
  async function originalOf(
    tx: Write,
    { partnerId, agency }: { partnerId: string; agency: string },
    { keys, documentType = '' }: NewMessage,
  ): Promise<number | null> {
    let newest = 0
    for (const { name, value } of keys) {
      const found = await tx.get<{ n: number }>(sql.originalBy, { agency, name, value, partnerId, documentType })
      newest = Math.max(newest, found?.n ?? 0)
    }
    return newest || null
  }

  /** Receipts could not be told apart: the same key, and nothing in the sender's codes that differs. */
  async function rivalsOf(
    tx: Write,
    { partnerId, agency }: { partnerId: string; agency: string },
    { keys, firstKeys, senders = [] }: NewMessage,
  ): Promise<Rival[]> {
    const rivals: Rival[] = []
    for (const key of keys) {
      const { name, value } = key
      if (!tx.mayBeShared({ partnerId, agency, name, value }) || !firstKeys?.has(name)) continue
      const underWay = await tx.all<UnderWayRow>(sql.alsoUnderWay, {
        agency,
        name,
        value,
        partnerId,
        finals: finalStatuses,
      })
      const n = rivalOf(senders, underWay.map(toUnderWay))
      if (n !== undefined) rivals.push({ key, n })
    }
    return rivals
  }

  async function one(tx: Write, interchange: NewInterchange, packed: Packed): Promise<Recorded> {
    const { message } = packed
    const { partnerId } = interchange
    const first = await tx.owner(partnerId, message.identity)
    const known = await earlier(tx, interchange, { message, first })
    if (known?.outcome === 'duplicate') return known
    if (known) return inConflict(tx, interchange, { packed, conflict: known })
    const rivals: Rival[][] = []
    for (const { agency } of message.submissions) rivals.push(await rivalsOf(tx, { partnerId, agency }, message))
    const inUse = keyInUse(message.submissions, rivals)
    if (inUse) return inConflict(tx, interchange, { packed, conflict: inUse })
    const receipt = await write(tx, interchange, packed)
    await recordIdentity(tx, interchange, { message, first })
    for (const [i, submission] of message.submissions.entries())
      await submit(tx, interchange, { message, submission, rivals: rivals[i]!, first })
    if (message.subscription) await subscribe(tx, interchange, message.subscription)
    for (const { owner, operation, company } of message.filedUnder ?? []) {
      await tx.add('agent_filing', { message_id: message.messageId, owner, operation, company })
      tx.gather(agentUsesSql.used, {
        ...{ owner, partner: partnerId, operation, company },
        at: interchange.receivedAt.getTime(),
      })
    }
    return recordedOf(message, receipt, rivals)
  }

  async function subscribe(
    tx: Write,
    { partnerId, receivedAt }: NewInterchange,
    { operation, reference = '', channel, granted, ends }: NonNullable<NewMessage['subscription']>,
  ): Promise<void> {
    const which = { operation, reference, partnerId }
    const now = receivedAt.getTime()
    if (ends) await tx.run(noticesSql.remove, which)
    else await tx.run(noticesSql.put, { ...which, channel, now, granted: granted ? 1 : 0 })
  }

  /**
   * A refusal like any other: recorded with its bytes and its receipt, and answered in the sender's form where that has
   * one for it.
   */
  async function inConflict(
    tx: Write,
    interchange: NewInterchange,
    { packed, conflict }: { packed: Packed; conflict: Conflict },
  ): Promise<Recorded> {
    const { message } = packed
    const found: Recorded = conflict
    if (!interchange.refusesConflicts) return found
    const refused = { ...message, submissions: [], receipt: conflictReceipt(message.receipt, conflict) }
    const receipt = await write(tx, interchange, { ...packed, message: refused })
    const said = message.edifact && businessAnswer(refused.receipt, message.bytes, message.edifact.charset)
    if (said) await acknowledgements.append(tx, interchange.interchangeId, said)
    return { ...found, receipt, ...(said ? { answer: Buffer.from(said) } : {}) }
  }

  /** The message with its bytes and its technical receipt, as that is written. */
  async function write(
    tx: Write,
    interchange: NewInterchange,
    { message, kept, attached, sums }: Packed,
  ): Promise<Receipt> {
    const { partnerId } = interchange
    const at = interchange.receivedAt.getTime()
    const { messageId } = message
    const refused = message.receipt.status === 'refused'
    const onDisk = [...attached, kept].reduce((sum, { bytes, size = bytes.length }) => sum + size, 0)
    const quota = interchange.refusedQuota ?? Infinity
    const keeps = !refused || (await mayKeep(tx, { messageId, partnerId, at, quota }, onDisk))
    const receipt = keeps ? message.receipt : withoutBytes(message.receipt)
    await tx.add('message', fromMessage(interchange, message))
    if (keeps) {
      await digests.note(tx, message, sums)
      if (message.forwarded) await tx.add('forwarded', { message_id: messageId, bytes: message.forwarded })
      for (const [position, one] of message.attachments.entries())
        await tx.add('attachment', fromAttachment(messageId, position, one, attached[position]!))
      await tx.add('payload', { message_id: messageId, bytes: kept.bytes, packed: kept.packed })
      for (const [position, form] of [kept, ...attached].entries())
        if (isApart(form))
          await tx.add('payload_object', { message_id: messageId, position, object: form.bytes.toString('latin1') })
    }
    await tx.add('receipt', fromTechnicalReceipt(interchange, message, receipt))
    return receipt
  }

  async function recordIdentity(
    tx: Write,
    { partnerId }: NewInterchange,
    { message, first }: { message: NewMessage; first: IdentityOwner | undefined },
  ): Promise<void> {
    const { identity, messageId, sha256 } = message
    const { claims, supersedes } = correctionBy(message, first)
    if (supersedes !== undefined)
      await tx.add('superseded', { partner_id: partnerId, identity, sha256: first!.sha256, message_id: supersedes })
    if (!claims) return
    // A new one is inserted with the others; should another hub's have come in between, which the lock forbids, its
    // insert would fail.
    if (first) await tx.run(sql.identity, { partnerId, identity, messageId })
    else await tx.add('identity', { partner_id: partnerId, identity, message_id: messageId })
    tx.nowOwns(partnerId, identity, { message_id: messageId, sha256 })
  }

  async function submit(
    tx: Write,
    interchange: NewInterchange,
    {
      message,
      submission,
      rivals,
      first,
    }: { message: NewMessage; submission: NewSubmission; rivals: Rival[]; first: IdentityOwner | undefined },
  ): Promise<void> {
    const { partnerId } = interchange
    const { submissionId, agency, sent } = submission
    const original = message.changes ? await originalOf(tx, { partnerId, agency }, message) : null
    const n = await tx.number()
    const row = fromSubmission(interchange, message, submission, original)
    await tx.add('submission', { n, ...row })
    for (const rival of rivals)
      await tx.add('shared_key', {
        agency,
        name: rival.key.name,
        value: rival.key.value,
        first_n: rival.n,
        second_n: n,
        at: row.accepted_at,
      })
    const replaced = correctionBy(message, first).takesChangesOf
    if (replaced !== undefined && (await tx.run(sql.moveChanges, { original: n, replaced, agency })) > 0) {
      tx.changes()
      for (const { message_id } of await tx.all<{ message_id: string }>(sql.changesOf, { original: n }))
        tx.refresh(message_id)
    }
    if (sent) await tx.add('sent_form', { submission_id: submissionId, bytes: sent.bytes })
    for (const key of sent?.keys ?? []) tx.mayBeShared({ partnerId, agency, ...key })
    for (const { name, value } of [...message.keys, ...(sent?.keys ?? [])])
      await tx.add('correlation', { agency, name, value, submission_n: n })
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
        const needs = needsOf(partnerId, slice)
        recorded.push(
          ...(await commit(async (tx) => {
            if (opens) {
              await tx.add('interchange', fromInterchange(interchange))
              if (acknowledgement) await acknowledgements.put(tx, interchangeId, acknowledgement)
            }
            const found: Recorded[] = []
            for (const form of slice.messages) {
              const made = await one(tx, interchange, form)
              found.push(made)
              const { receipt, receiptReturn, receiptChannel = channel } = form.message
              if (isWritten(made) && receiptReturn === 'owed')
                tx.tell({
                  partnerId,
                  receiptId: receipt.receiptId,
                  channel: receiptChannel,
                  returnState: receiptReturn,
                })
            }
            return found
          }, needs)),
        )
      }
      return recorded
    },
  }
}

function needsOf(partnerId: string, { messages, bytes }: { messages: Packed[]; bytes: number }): Needs {
  const all = messages.map(({ message }) => message)
  return {
    bytes,
    identities: all.map(({ identity }) => ({ partnerId, identity })),
    keys: all.flatMap(({ keys, firstKeys, submissions }) =>
      submissions.flatMap(({ agency }) =>
        keys.filter(({ name }) => firstKeys?.has(name)).map(({ name, value }) => ({ partnerId, agency, name, value })),
      ),
    ),
    numbers: all.reduce((sum, { submissions }) => sum + submissions.length, 0),
  }
}
