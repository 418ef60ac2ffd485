// promises — the ten promises of docs/invariants.md, held against one history: what partners heard, what agencies have,
// and what is on disk. Cheap ones are looked at when somebody hears something, all of them in the end.
import type { Agency } from './agency.js'
import type { Shelf } from './ledger.js'
import type { PartnerSystem, Told } from './partner.js'
import type { Redis } from './redis.js'
import { createWhoseJudge } from './whose.js'
import type { World } from './world.js'

interface SubmissionRow {
  n: number
  submission_id: string
  message_id: string
  partner_id: string
  agency: string
  state: string
  status: string | null
  reference: string
  bytes: Buffer
}
interface ReceiptRow {
  receipt_id: string
  message_id: string
  partner_id: string
  stage: string
  reply_id: string | null
  submission_id: string | null
  return_state: string
  channel: string
  receipt: string
}

const submissions = `select s.n, s.submission_id, s.message_id, s.partner_id, s.agency, s.state, s.status,
  m.reference, p.bytes from submission s join message m using (message_id) join payload p using (message_id)
  order by s.n`
const receipts = `select receipt_id, message_id, partner_id, stage, reply_id, submission_id, return_state, channel,
  receipt from receipt`

export function createJudge({
  shelf,
  world,
  agencies,
  redis,
}: {
  shelf: Shelf
  world: World
  agencies: ReadonlyMap<string, Agency>
  redis: Redis
}) {
  const broken: string[] = []
  /** What each partner was told of the same bytes under the same reference, the first time. */
  const firstAnswers = new Map<string, { messageId: string; receiptId: string }>()
  const accepted = new Map<string, Told>()
  const moved = new Set<string>()

  function breaks(promise: number, what: string): void {
    world.note(() => `PROMISE ${promise} IS BROKEN: ${what}`)
    broken.push(`promise ${promise}: ${what}`)
  }

  const whose = createWhoseJudge({ shelf, agencies, breaks })
  const rows = () => shelf.prepare(submissions).all() as SubmissionRow[]
  const receiptRows = () => shelf.prepare(receipts).all() as ReceiptRow[]

  function told(one: Told): void {
    const { partnerId, bytes, filing, answer } = one
    const { outcome, messageId, receipt } = answer
    const row = shelf
      .prepare(
        'select m.partner_id, p.bytes from message m left join payload p using (message_id) where message_id = ?',
      )
      .get(messageId) as { partner_id: string; bytes: Buffer | null } | undefined
    const kept = shelf.prepare('select 1 from receipt where receipt_id = ?').get(receipt.receiptId)
    if (!row || !kept)
      return breaks(
        1,
        `${partnerId} hears "${outcome}" of ${messageId}, and ${row ? 'its receipt' : 'it'} is not on disk`,
      )
    if (row.bytes?.toString() !== bytes) breaks(5, `the bytes of ${messageId} are not those that came`)
    if (row.partner_id !== partnerId) breaks(9, `${partnerId} is answered with a message of ${row.partner_id}`)
    if (!filing) {
      if (outcome !== 'refused') breaks(10, `what is no message is ${outcome}`)
      return
    }
    if (outcome !== 'accepted' && outcome !== 'duplicate') return
    accepted.set(messageId, one)
    const key = `${partnerId} ${bytes}`
    const first = firstAnswers.get(key)
    if (!first) firstAnswers.set(key, { messageId, receiptId: receipt.receiptId })
    else if (first.messageId !== messageId || first.receiptId !== receipt.receiptId)
      breaks(8, `the same bytes of ${filing.reference} are answered as ${first.messageId} and as ${messageId}`)
  }

  /** Nothing is on its way any more, and everybody has what is owed to him. */
  function isQuiet(systems: ReadonlyMap<string, PartnerSystem>): boolean {
    return (
      [...systems.values()].every((one) => one.open() === 0) &&
      shelf.prepare(`select 1 from submission where state not in ('submitted', 'dropped') limit 1`).get() ===
        undefined &&
      shelf.prepare(`select 1 from reply where settled_at is null or orphan > 0 limit 1`).get() === undefined &&
      shelf.prepare(`select 1 from receipt where return_state = 'owed' limit 1`).get() === undefined &&
      [...agencies.values()].every(({ has }) =>
        [...has.values()].every(({ answers }) => answers.every((a) => a.heard || a.atOnce)),
      )
    )
  }

  /** Something stands where only a person can say what becomes of it. */
  function needsPeople(): boolean {
    return (
      shelf.prepare(`select 1 from submission where state in ('unclear', 'dead', 'held') limit 1`).get() !==
        undefined || shelf.prepare('select 1 from reply where orphan > 0 limit 1').get() !== undefined
    )
  }

  function verdict(systems: ReadonlyMap<string, PartnerSystem>): string[] {
    for (const { partnerId, open } of systems.values())
      if (open() > 0) breaks(1, `${partnerId} was never answered to ${open()} deliveries`)
    const all = rows()
    const byId = new Map(all.map((row) => [row.submission_id, row]))
    everyAcceptedArrives(all)
    nothingTwice(byId)
    inOrder(all)
    receiptsReturn(systems, byId)
    deadLettersAreTold()
    onlyIds()
    return [...new Set(broken)]
  }

  /** 2: at the agency, or a person has seen it end. */
  function everyAcceptedArrives(all: SubmissionRow[]): void {
    const known = new Set(all.map(({ message_id }) => message_id))
    // A correction bears the number of what it corrects, and so do the answers to it: they may be told of either.
    const corrected = (row: SubmissionRow) =>
      all.some((one) => {
        const same = one.partner_id === row.partner_id && one.agency === row.agency && one.reference === row.reference
        return same && one !== row && agencies.get(one.agency)!.has.has(one.submission_id)
      })
    for (const [messageId, { filing }] of accepted)
      if (!known.has(messageId)) breaks(2, `${messageId} (${filing!.reference}) was accepted and is owed to nobody`)
    for (const row of all) {
      const { submission_id: id, agency, state, reference } = row
      const there = agencies.get(agency)!.has.has(id)
      if (state === 'submitted' && !there && !corrected(row))
        breaks(2, `${reference} is "submitted", and ${agency} does not have it`)
      else if (state === 'dropped' && there) breaks(2, `${reference} is a dead letter, and ${agency} has it`)
      else if (state !== 'submitted' && state !== 'dropped')
        breaks(2, `${reference} for ${agency} is still "${state}" when all trouble is over`)
    }
  }

  /** 3: nothing is filed twice, whether under one id or under two. 5: and it is what came. */
  function nothingTwice(byId: ReadonlyMap<string, SubmissionRow>): void {
    for (const { code, has } of agencies.values()) {
      const byReference = new Map<string, { place: number; verdict: string; version: number }>()
      for (const { submissionId, times, bytes, filing, place, verdict } of has.values()) {
        const row = byId.get(submissionId)
        if (!row) breaks(1, `${code} has ${filing.reference}, and the ledger knows nothing of it`)
        else if (row.bytes.toString() !== bytes) breaks(5, `${code} has other bytes of ${filing.reference} than came`)
        if (times > 1) breaks(3, `${code} has ${filing.reference} ${times} times`)
        const key = `${filing.company} ${filing.reference}`
        const before = byReference.get(key)
        if (before && before.verdict !== 'rejected')
          breaks(3, `${code} has ${filing.reference} as v${before.version} and as v${filing.version}`)
        byReference.set(key, { place, verdict, version: filing.version })
      }
    }
  }

  /** Messages about one document reach an agency in the order they were taken. */
  function inOrder(all: SubmissionRow[]): void {
    const last = new Map<string, { place: number; reference: string }>()
    for (const { submission_id: id, partner_id: partner, agency, reference } of all) {
      const taken = agencies.get(agency)!.has.get(id)
      // A corrected original goes before the changes that waited for it.
      if (!taken || moved.has(id) || taken.filing.version > 1) continue
      const key = `${partner} ${agency} ${taken.filing.document}`
      const before = last.get(key)
      if (before && before.place > taken.place) breaks(3, `${agency} has ${reference} before ${before.reference}`)
      last.set(key, { place: taken.place, reference })
    }
  }

  /** 4, 7 and 9: each answer is one receipt, of whom it speaks of, and it got there. */
  function receiptsReturn(systems: ReadonlyMap<string, PartnerSystem>, byId: ReadonlyMap<string, SubmissionRow>): void {
    const rows = receiptRows()
    const said = new Map<string, ReceiptRow[]>()
    for (const row of rows) {
      if (row.stage === 'technical') continue
      if (row.return_state === 'owed' || row.return_state === 'abandoned')
        breaks(4, `${row.receipt_id} is still ${row.return_state} to ${row.partner_id}`)
      if (!systems.get(row.partner_id)?.got.has(row.receipt_id))
        breaks(4, `${row.partner_id} never got ${row.receipt_id} (${row.return_state})`)
      const of = row.submission_id === null ? undefined : byId.get(row.submission_id)
      if (of && of.partner_id !== row.partner_id) breaks(9, `${row.partner_id} is given a receipt of ${of.partner_id}`)
      const { body } = JSON.parse(row.receipt) as { body?: { content?: string } }
      if (body?.content === undefined) continue
      said.set(body.content, [...(said.get(body.content) ?? []), row])
    }
    for (const { partnerId, got } of systems.values())
      for (const { receipt } of got.values())
        if (!rows.some((row) => row.receipt_id === receipt.receiptId && row.partner_id === partnerId))
          breaks(9, `${partnerId} has a receipt that is not his`)
    for (const { code, has } of agencies.values())
      for (const { submissionId, answers, filing } of has.values())
        for (const { bytes, heard } of answers) {
          const told = said.get(bytes.toString()) ?? []
          const { status } = JSON.parse(bytes.toString()) as { status: string }
          if (told.length > 1) breaks(7, `${status} of ${filing.reference} from ${code} is ${told.length} receipts`)
          if (told.length === 0 && heard) breaks(2, `${status} of ${filing.reference} from ${code} came and is lost`)
          for (const { partner_id: partner } of told)
            if (partner !== byId.get(submissionId)?.partner_id)
              breaks(9, `${status} of ${filing.reference} (${filing.company}) from ${code} went to ${partner}`)
        }
  }

  /** 2: of what was given up its partner has heard, whatever happened in that moment. */
  function deadLettersAreTold(): void {
    const untold = shelf
      .prepare(
        `select t.submission_id as id, t.code from attempt t where t.outcome = 'dead'
        and not exists (select 1 from receipt r where r.receipt_id = 'rcp_' || substr(t.fence, 5))`,
      )
      .all() as { id: string; code: string }[]
    for (const { id, code } of untold) breaks(2, `${id} was given up (${code}), and its partner never heard of it`)
  }

  /** 6: a job holds ids only. */
  function onlyIds(): void {
    for (const { data } of redis.jobs())
      if (JSON.stringify(data).length > 60) breaks(6, `a job holds ${JSON.stringify(data)}`)
  }

  return {
    told,
    /** A receipt has just been written, or given back: nobody has written anything since. */
    written: whose.written,
    isQuiet,
    needsPeople,
    verdict,
    /** A person has sent it out of its turn. */
    movedByHand: (submissionId: string) => void moved.add(submissionId),
  }
}
export type Judge = ReturnType<typeof createJudge>
