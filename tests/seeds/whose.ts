// whose — each answer of an agency reaches the one message that was filed with it. Only one that names nothing but a
// number that several of a partner's messages share may reach another of them, and only by the rule of
// store/rules/whose-answer.ts, which is told here once more. Looked at when a receipt is written, by what was written
// before it.
import type { ReceiptStatus } from '../../messages/states.js'
import type { Agency, Taken } from './agency.js'
import type { Said } from './documents.js'
import type { Shelf } from './ledger.js'

interface Written {
  receipt: string
  submission_id: string
  partner_id: string
  agency: string
  /** It was the answer to this one's call. */
  direct: string | null
  received_at: number
  /** A person, or the end of what it waited for, has let it go. */
  let_go_at: number | null
}
interface Sharing {
  submission_id: string
  state: string
  /** Null: its answer was there before the hub knew that it was taken, and no further one was noted as awaited. */
  expect_step: number | null
  started_at: number | null
}

const writtenRow = `select r.receipt, r.submission_id, r.partner_id, p.agency, p.submission_id as direct, p.received_at,
  p.let_go_at
  from receipt r join reply p using (reply_id) where r.receipt_id = ? and r.submission_id is not null`
/** Oldest first. */
const sharingRows = `select s.submission_id, s.state, s.expect_step, s.started_at from correlation c
  join submission s on s.n = c.submission_n
  where c.agency = ? and c.name = ? and c.value = ? and s.partner_id = ? order by s.n`

const farOf = { processing: 1, approved: 2, released: 3, rejected: 3 } as Record<ReceiptStatus, number>

export function createWhoseJudge({
  shelf,
  agencies,
  breaks,
}: {
  shelf: Shelf
  agencies: ReadonlyMap<string, Agency>
  breaks: (promise: number, what: string) => void
}) {
  const seen = new Set<string>()
  /** What each submission has heard, in this order. */
  const heard = new Map<string, ReceiptStatus[]>()
  /** Numbers that agencies have given, each with all that were told it. */
  const given = new Map<string, Set<string>>()

  /** Whose it may be by what it says, and by what was known before it. */
  function byRule(row: Written, said: Said, filed: string): string[] {
    const { agency, partner_id } = row
    const told = said.given === undefined ? undefined : given.get(`${agency} ${said.given}`)
    if (told?.size === 1) return [...told]
    const [name, value] =
      said.reference === undefined ? ['document', said.document] : (['reference', said.reference] as const)
    const sharing = shelf.prepare(sharingRows).all(agency, name, value, partner_id) as Sharing[]
    const there = sharing
      .filter(({ state }) => state === 'submitted')
      .map(({ submission_id: id, expect_step }, place) => {
        const has = heard.get(id) ?? []
        const far = Math.max(0, ...has.map((status) => farOf[status]))
        const awaits = expect_step === null ? far < 2 : has.length === 0
        return { id, place, has, far, awaits }
      })
    const says = farOf[said.status]
    const newsTo = (one: (typeof there)[0]) => says > one.far || (says === one.far && !one.has.includes(said.status))
    const open = there.filter(({ far }) => far < 3)
    const approved = Math.max(-1, ...there.filter(isApproved).map(({ place }) => place))
    const current = open.filter(({ place }) => place >= approved)
    const next =
      current.find((one) => one.awaits && newsTo(one)) ??
      open.find((one) => newsTo(one) && (says === one.far || current.includes(one)))
    // News to none of them: it may speak of one that is in doubt, and waits until that is known.
    if (next === undefined && row.let_go_at === null && sharing.some((one) => mayHaveBeenMeant(one, row))) return []
    const first = next ?? there.find(({ has }) => !has.includes(said.status))
    // They have all heard it: then the agency may mean one whose try is still in doubt, and nothing tells them apart.
    return first === undefined ? [filed, ...there.map(({ id }) => id)] : [first.id]
  }

  function written(receiptId: string): void {
    if (seen.has(receiptId)) return
    seen.add(receiptId)
    const row = shelf.prepare(writtenRow).get(receiptId) as Written | undefined
    const content = row && (JSON.parse(row.receipt) as { body?: { content?: string } }).body?.content
    if (content === undefined) return
    const said = JSON.parse(content) as Said
    const to = row!.submission_id
    const filed = filedWith(row!.agency, said)
    if (filed && filed.submissionId !== to) {
      const meant = row!.direct ? [row!.direct] : byRule(row!, said, filed.submissionId)
      const others = meant.join(' or ') || 'nobody yet'
      if (!meant.includes(to)) breaks(2, `${nameOf(filed, said)} reached ${to} in place of ${others}`)
    }
    heard.set(to, [...(heard.get(to) ?? []), said.status])
    if (!said.teaches || said.given === undefined) return
    const number = `${row!.agency} ${said.given}`
    given.set(number, (given.get(number) ?? new Set()).add(to))
  }

  function filedWith(agency: string, { number }: Said): Taken | undefined {
    for (const taken of agencies.get(agency)!.has.values())
      if (taken.answers.some((one) => one.said.number === number)) return taken
    return undefined
  }

  return { written }
}

const mayHaveBeenMeant = ({ state, started_at }: Sharing, { received_at }: Written) =>
  (state === 'unclear' || state === 'submitting') && started_at !== null && started_at < received_at
const isApproved = ({ has }: { has: readonly ReceiptStatus[] }) =>
  !has.includes('rejected') && (has.includes('approved') || has.includes('released'))
const nameOf = ({ submissionId, filing }: Taken, { status, agency }: Said) =>
  `${status} of ${filing.reference} v${filing.version} from ${agency}, filed as ${submissionId},`
