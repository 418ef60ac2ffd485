// record — one interchange with its messages, bytes, receipts and submissions in one durable write; and whether each is new.
import type Database from 'better-sqlite3'
import type { Receipt } from '../../messages/receipt.js'
import type { Ledger, NewInterchange, NewMessage, ReceiptEvent, Recorded } from '../ledger.js'
import { pack, worthPacking, type KeptForm } from '../packing.js'
import type { GroupCommit } from './group-commit.js'
import type { Key } from '../../messages/inspection.js'
import { finalStatuses, learningOf } from './owners.js'
import type { Digests, Sums } from './digests.js'
import { createMessageState } from './message-state.js'
import { createRefusedBytes, withoutBytes } from './refused-bytes.js'

interface Owner {
  message_id: string
  sha256: string
}

interface RecordParts {
  digests: Digests
  db: Database.Database
  commit: GroupCommit
  tell: (event: ReceiptEvent) => void
}

export function createRecord({ db, commit, tell, digests }: RecordParts): Pick<Ledger, 'record'> {
  const refresh = createMessageState(db)
  const mayKeep = createRefusedBytes(db)
  const interchangeRow = db.prepare('insert into interchange values (?, ?, ?, ?, ?, ?, ?, ?)')
  const messageRow =
    db.prepare(`insert into message (message_id, interchange_id, partner_id, channel, reference, document_type, operation, schema_file, schema_version, state, size, sha256, received_at, order_key)
    values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  const payloadRow = db.prepare('insert into payload (message_id, bytes, packed) values (?, ?, ?)')
  const forwardedRow = db.prepare('insert into forwarded values (?, ?)')
  const sentFormRow = db.prepare('insert into sent_form values (?, ?)')
  const acknowledgementRow = db.prepare('insert into acknowledgement values (?, ?, ?)')
  const attachmentRow = db.prepare(
    'insert into attachment (message_id, position, name, media_type, bytes, packed, size) values (?, ?, ?, ?, ?, ?, ?)',
  )
  const submissionRow = db.prepare(
    `insert into submission (submission_id, message_id, partner_id, agency, order_key, state, accepted_at, next_at, changes, original, senders, learning) values (?, ?, ?, ?, ?, 'queued', ?, ?, ?, ?, ?, ?)`,
  )
  // The newest original of this partner, of the same document type, that the agency knows, or will know, by one of these keys.
  const originalBy = db.prepare<
    [string, string, string, string, string],
    { n: number }
  >(`select s.n from correlation c join submission s on s.n = c.submission_n join message m using (message_id)
    where c.agency = ? and c.name = ? and c.value = ? and s.partner_id = ? and s.changes = 0 and m.document_type = ? order by s.n desc limit 1`)
  // What a corrected original replaces: its changes wait for the new one.
  const moveChanges = db.prepare(
    `update submission set original = ?, state = 'queued' where state in ('queued', 'held') and original in (select o.n from submission o where o.message_id = ? and o.agency = ?)`,
  )
  const changesOf = db.prepare<[number], { message_id: string }>(
    'select distinct message_id from submission where original = ?',
  )
  const correlationRow = db.prepare(
    'insert into correlation (agency, name, value, submission_n) values (?, ?, ?, ?) on conflict do nothing',
  )
  // What another partner has under way there under the same key.
  const alsoUnderWay = db.prepare<[string, string, string, string], { n: number; senders: string | null }>(
    `select s.n, s.senders from correlation c join submission s on s.n = c.submission_n where c.agency = ? and c.name = ? and c.value = ? and s.partner_id <> ?
    and s.state in ('queued', 'submitting', 'unclear', 'submitted', 'held') and ifnull(s.status, '') not in (${finalStatuses.map((status) => `'${status}'`).join(', ')}) order by s.n limit 20`,
  )
  const sharedRow = db.prepare(
    'insert into shared_key (agency, name, value, first_n, second_n, at) values (?, ?, ?, ?, ?, ?) on conflict do nothing',
  )
  const receiptRow = db.prepare(
    `insert into receipt (receipt_id, message_id, partner_id, channel, stage, receipt, return_state, return_next_at) values (?, ?, ?, ?, 'technical', ?, ?, ?)`,
  )
  const owner = db.prepare<[string, string], Owner>(
    'select i.message_id, m.sha256 from identity i join message m using (message_id) where i.partner_id = ? and i.identity = ?',
  )
  const claim = db.prepare(
    'insert into identity values (?, ?, ?) on conflict do update set message_id = excluded.message_id',
  )
  const supersededBy = db.prepare<[string, string, string], { message_id: string }>(
    'select message_id from superseded where partner_id = ? and identity = ? and sha256 = ?',
  )
  const supersede = db.prepare(
    'insert into superseded select i.partner_id, i.identity, m.sha256, m.message_id from identity i join message m using (message_id) where i.partner_id = ? and i.identity = ? on conflict do nothing',
  )
  // A submission that may still come to something, or already has: its message keeps the reference.
  const alive = db.prepare<[string], 1>(
    `select 1 from submission where message_id = ? and not (state in ('dead', 'dropped') or (state = 'submitted' and ifnull(status, '') in ('rejected', 'failed', 'refused'))) limit 1`,
  )
  const firstReceipt = db.prepare<[string], { receipt: string }>(
    `select receipt from receipt where message_id = ? and stage = 'technical' order by n limit 1`,
  )
  const repeated = db.prepare('update message set repeats = repeats + 1 where message_id = ?')
  const repeatRow = db.prepare('insert into repeat values (?, ?, ?) on conflict do nothing')

  /** The decision table of docs/lifecycle.md, "The same message again". */
  function known(interchange: NewInterchange, message: NewMessage): Recorded | undefined {
    const first = owner.get(interchange.partnerId, message.identity)
    if (!first) return undefined
    // Bytes a correction has replaced since still get their own first answer: an old file sent once more is not filed once more.
    const same =
      first.sha256 === message.sha256
        ? first
        : supersededBy.get(interchange.partnerId, message.identity, message.sha256)
    if (same) {
      repeated.run(same.message_id)
      repeatRow.run(same.message_id, interchange.interchangeId, interchange.receivedAt.getTime())
      return {
        outcome: 'duplicate',
        messageId: same.message_id,
        receipt: JSON.parse(firstReceipt.get(same.message_id)!.receipt) as Receipt,
      }
    }
    // A refused message claims nothing, so it conflicts with nothing.
    if (message.receipt.status === 'refused' || !alive.get(first.message_id)) return undefined
    return { outcome: 'conflict', messageId: first.message_id }
  }

  function originalOf(partnerId: string, agency: string, { keys, documentType = '' }: NewMessage): number | null {
    return keys.reduce<number | null>(
      (newest, { name, value }) =>
        Math.max(newest ?? 0, originalBy.get(agency, name, value, partnerId, documentType)?.n ?? 0) || null,
      null,
    )
  }

  /** Receipts could not be told apart: the same key, and nothing in the sender's codes that differs. */
  function rivalsOf(partnerId: string, agency: string, message: NewMessage): { key: Key; n: number }[] {
    const own = message.senders ?? []
    return message.keys
      .filter(({ name }) => message.firstKeys?.has(name))
      .flatMap((key) =>
        alsoUnderWay
          .all(agency, key.name, key.value, partnerId)
          .filter(({ senders }) => {
            const theirs = senders === null ? [] : (JSON.parse(senders) as string[])
            return own.length === 0 || theirs.length === 0 || sameCodes(own, theirs)
          })
          .slice(0, 1)
          .map(({ n }) => ({ key, n })),
      )
  }

  function one(interchange: NewInterchange, { message, kept, attached, sums }: Packed): Recorded {
    const before = known(interchange, message)
    if (before) return before
    const rivals = message.submissions.map(({ agency }) => rivalsOf(interchange.partnerId, agency, message))
    for (const [i, { agency, refuseShared }] of message.submissions.entries()) {
      const [rival] = refuseShared ? rivals[i]! : []
      if (rival) return { outcome: 'key-in-use', agency, key: rival.key }
    }
    const { partnerId, channel, interchangeId } = interchange
    const at = interchange.receivedAt.getTime()
    const { messageId } = message
    const refused = message.receipt.status === 'refused'
    messageRow.run(
      messageId,
      interchangeId,
      partnerId,
      channel,
      message.reference,
      message.documentType ?? null,
      message.operation ?? null,
      message.schema?.file ?? null,
      message.schema?.version ?? null,
      refused ? 'refused' : 'accepted',
      message.bytes.length,
      message.sha256,
      at,
      message.order ?? null,
    )
    const onDisk = attached.reduce((sum, { bytes }) => sum + bytes.length, kept.bytes.length)
    const quota = interchange.refusedQuota ?? Infinity
    const keeps = !refused || mayKeep({ messageId, partnerId, at, quota }, onDisk)
    const receipt = keeps ? message.receipt : withoutBytes(message.receipt)
    if (keeps) {
      payloadRow.run(messageId, kept.bytes, kept.packed)
      digests.note(message, sums)
      if (message.forwarded) forwardedRow.run(messageId, message.forwarded)
      message.attachments.forEach(({ name, mediaType, bytes }, i) => {
        const form = attached[i]!
        attachmentRow.run(messageId, i, name, mediaType ?? null, form.bytes, form.packed, bytes.length)
      })
    }
    receiptRow.run(
      receipt.receiptId,
      messageId,
      partnerId,
      message.receiptChannel ?? channel,
      JSON.stringify(receipt),
      message.receiptReturn,
      at,
    )
    const replaced = refused ? undefined : owner.get(partnerId, message.identity)?.message_id
    if (!refused) {
      supersede.run(partnerId, message.identity)
      claim.run(partnerId, message.identity, messageId)
    }
    const names = new Set(message.keys.map(({ name }) => name))
    const learning = message.learns ? learningOf(message.documentType ?? '', names) : null
    for (const [i, { submissionId, agency, sent }] of message.submissions.entries()) {
      const { lastInsertRowid } = submissionRow.run(
        submissionId,
        messageId,
        partnerId,
        agency,
        message.order ?? null,
        at,
        at,
        message.changes ? 1 : 0,
        message.changes ? originalOf(partnerId, agency, message) : null,
        message.senders && message.senders.length > 0 ? JSON.stringify(message.senders) : null,
        learning,
      )
      for (const { key, n } of rivals[i]!) sharedRow.run(agency, key.name, key.value, n, lastInsertRowid, at)
      if (replaced && !message.changes && moveChanges.run(lastInsertRowid, replaced, agency).changes > 0)
        for (const { message_id } of changesOf.all(Number(lastInsertRowid))) refresh(message_id)
      if (sent) sentFormRow.run(submissionId, sent.bytes)
      for (const { name, value } of [...message.keys, ...(sent?.keys ?? [])])
        correlationRow.run(agency, name, value, lastInsertRowid)
    }
    const shared = message.submissions.flatMap(({ agency }, i) => rivals[i]!.map(({ key }) => ({ agency, key })))
    return { outcome: 'recorded', ...(keeps ? {} : { receipt }), ...(shared.length > 0 ? { shared } : {}) }
  }

  return {
    async record(interchange) {
      const {
        interchangeId,
        partnerId,
        channel,
        filename,
        contentType,
        receivedAt,
        size,
        sha256,
        messages,
        acknowledgement,
        continues = false,
      } = interchange
      const recorded: Recorded[] = []
      // Thousands of messages go in several transactions, in their order. Should the last of them not be made, the sender hears of nothing and sends
      // again: what is there already is answered as the same (promise 8).
      // What is small is asked for in the turn of the call: calls of one turn take effect in their order.
      const forms = messages.every(isSmall) ? messages.map(asItIs) : await packed(messages, digests.sumsOfLarge)
      for (const slice of slices(forms, bytesOf)) {
        const opens = recorded.length === 0 && !continues
        recorded.push(
          ...(await commit(() => {
            if (opens) {
              interchangeRow.run(
                interchangeId,
                partnerId,
                channel,
                filename ?? null,
                contentType ?? null,
                receivedAt.getTime(),
                size,
                sha256,
              )
              if (acknowledgement) {
                acknowledgementRow.run(interchangeId, acknowledgement.mediaType, acknowledgement.bytes)
                digests.noteAcknowledgement(interchangeId, acknowledgement.bytes)
              }
            }
            return slice.messages.map((message) => one(interchange, message))
          }, slice.bytes)),
        )
      }
      messages.forEach(({ receipt, receiptReturn, receiptChannel = channel }, i) => {
        if (recorded[i]!.outcome === 'recorded' && receiptReturn === 'owed')
          tell({ partnerId, receiptId: receipt.receiptId, channel: receiptChannel, returnState: receiptReturn })
      })
      return recorded
    },
  }
}

/** Every code of the shorter list stands in the other: nothing tells the two companies apart. */
function sameCodes(a: readonly string[], b: readonly string[]): boolean {
  const [few, many] = a.length <= b.length ? [a, b] : [b, a]
  return few.every((code) => many.includes(code))
}

/** What one transaction takes of a delivery: each keeps the event loop busy until it is made. */
const mostOfSlice = 100
const mostBytesOfSlice = 2 * 1024 * 1024

/** A message and the form in which its bytes are kept. */
interface Packed {
  message: NewMessage
  kept: KeptForm
  attached: KeptForm[]
  sums?: Sums
}

const isSmall = ({ bytes, attachments }: NewMessage): boolean =>
  !worthPacking(bytes) && !attachments.some((one) => worthPacking(one.bytes))

function asItIs(message: NewMessage): Packed {
  const form = (bytes: Buffer): KeptForm => ({ bytes, packed: 0 })
  return { message, kept: form(message.bytes), attached: message.attachments.map(({ bytes }) => form(bytes)) }
}

/** One after the other: compressing is done by few threads, which everybody shares. */
async function packed(
  messages: readonly NewMessage[],
  sumsOf: (message: NewMessage) => Promise<Sums>,
): Promise<Packed[]> {
  const found: Packed[] = []
  for (const message of messages) {
    if (isSmall(message)) found.push(asItIs(message))
    else {
      const attached: KeptForm[] = []
      for (const { bytes } of message.attachments) attached.push(await pack(bytes))
      found.push({ message, kept: await pack(message.bytes), attached, sums: await sumsOf(message) })
    }
  }
  return found
}

/** The messages in their order, so many at a time. At least one slice, which may be empty. */
export function slices<T>(messages: readonly T[], bytesOf: (message: T) => number): { messages: T[]; bytes: number }[] {
  const found = [{ messages: [] as T[], bytes: 0 }]
  for (const message of messages) {
    const bytes = bytesOf(message)
    let last = found.at(-1)!
    const full = last.messages.length === mostOfSlice || last.bytes + bytes > mostBytesOfSlice
    if (full && last.messages.length > 0) found.push((last = { messages: [], bytes: 0 }))
    last.messages.push(message)
    last.bytes += bytes
  }
  return found
}

function bytesOf({ message: { forwarded, submissions }, kept, attached }: Packed): number {
  return [...attached, ...submissions.flatMap(({ sent }) => sent ?? [])].reduce(
    (sum, one) => sum + one.bytes.length,
    kept.bytes.length + (forwarded?.length ?? 0),
  )
}
