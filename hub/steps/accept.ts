// accept — takes responsibility for an interchange. Once this returns, the partner may forget it.
//   split → identify + check (worker thread) → authorise → form each agency takes → record (one durable write) → answer
// A crash before `record` resolves leaves nothing, and the partner has heard nothing; after it, the ledger knows
// everything.
import { createHash } from 'node:crypto'
import { strangersAmong, type NamedCompany } from '../../messages/companies.js'
import { errorCodes, errorText, fault, HubError, type ErrorCode } from '../../messages/errors.js'
import { isWarning, type Fault } from '../../messages/fault.js'
import { edifactSettings, type EdifactSettings } from '../../messages/edifact/settings.js'
import type { CutInterchange } from '../../messages/edifact/parts.js'
import type { EdifactFault } from '../../messages/edifact/fault.js'
import { hubFault } from '../../messages/edifact/hub-fault.js'
import type { GrantScope } from '../../messages/filing-grant.js'
import { variantFault } from '../../messages/identify.js'
import { newId } from '../../messages/ids.js'
import type { Facts } from '../../messages/condition.js'
import type { Learnable } from '../../messages/learnable.js'
import type { Accept, Acknowledgement, Answer, Inbound } from '../../messages/inbound.js'
import type { Inspect, Inspection, Key, Question } from '../../messages/inspection.js'
import { mayUse, returnChannel, type Partner } from '../../messages/partner.js'
import type { Receipt } from '../../messages/receipt.js'
import type { Room } from '../../messages/memory-budget.js'
import { sharedFrom } from '../../messages/shared-bytes.js'
import { createTurn, mapInTurns } from '../../messages/turns.js'
import type { CatalogueEntry, Routing } from '../../routing/operation.js'
import { subscriptionWish, type SubscriptionWish } from '../../messages/subscription.js'
import type { Subscribing } from './subscribing.js'
import type { Verify } from './verify.js'
import { resolve } from '../../routing/resolve.js'
import type { Ledger, NewMessage, NewSubmission, Recorded } from '../../store/ledger.js'
import { hashed, sha256 } from './sha256.js'
import type { Principal } from '../operate/agent-grants.js'
import type { LargeWork } from '../doors/large-work.js'
import type { Part, Split } from '../doors/split.js'
import { createOutgoingEdifact, type OutgoingEdifactParts } from './outgoing-edifact.js'

/** @see [startTaking](../boot/taking.ts) */
export interface AcceptParts {
  /** @see [split](../doors/split.ts) */
  split: (inbound: Inbound, settings: EdifactSettings) => Promise<Split>
  /** @see [startChecking](../boot/checking.ts) */
  inspect: Inspect
  routing: Routing
  /** @see [createPartnerBook](../operate/partner-book.ts) */
  partner: (partnerId: string) => Promise<Partner | undefined>
  ledger: Pick<Ledger, 'record'>
  /** Has this partner had the number before, by what the ledger knows? Default: nobody asks. */
  hadNumber?: (partnerId: string, asked: NonNullable<Question['filed']>) => Promise<boolean>
  /**
   * The companies that let a partner file in their name, under an operation, each with the grant that says so.
   * @see [createPrincipalsOf](../operate/agent-grants.ts)
   */
  principalsOf?: (partnerId: string, operation: string, now: Date) => Promise<Principal[]>
  /**
   * The answer to the interchanges of a delivery as a whole, in their own form.
   * @see [acknowledge](./acknowledge.ts)
   */
  acknowledge: (
    interchanges: readonly CutInterchange[],
    verdicts: readonly MessageVerdict[],
    receipts: readonly Receipt[],
    at: Date,
    interchangeId: string,
  ) => Promise<Acknowledgement | undefined>
  /**
   * The answer to a delivery that is refused as a whole, in its own form.
   * @see [rejected](./acknowledge.ts)
   */
  rejected: (interchange: CutInterchange, why: Fault, at: Date, interchangeId: string) => Acknowledgement | undefined
  /**
   * What the senders of flat files are told, once it is known what became of each.
   * @see [flatAcknowledgement](./acknowledge.ts)
   */
  flatAcknowledgement?: (
    verdicts: readonly MessageVerdict[],
    receipts: readonly Receipt[],
  ) => Promise<Acknowledgement | undefined>
  /** Does somebody sign what comes unsigned, on its way to this agency? Default: nobody does. */
  signedLater?: (agency: string) => boolean
  /**
   * Does the partner's signature hold? Default: nobody looks.
   * @see [createVerify](./verify.ts)
   */
  verify?: Verify
  /**
   * How an agency takes EDIFACT instead of a document. Default: none does.
   * @see [createAgencies](../agencies/agencies.ts)
   */
  edifactOf?: OutgoingEdifactParts['edifactOf']
  /** @see [createAgencies](../agencies/agencies.ts) */
  takesXml?: OutgoingEdifactParts['takesXml']
  /**
   * Codes of the company that files, by the description of its document.
   * @see [readData](../boot/data.ts)
   */
  sendersOf?: (documentType: string, facts: Facts) => string[]
  /** Whom a question goes to; undefined for what is none: then it is a filing. Default: nothing is one. */
  questions?: (operation: CatalogueEntry, documentType: string) => NewSubmission[] | undefined
  /** Messages that subscribe to notices. */
  subscribing: Subscribing
  learnable: Learnable
  /** Does this agency take no second message under a key that another partner has under way there? */
  refusesShared?: (agency: string) => boolean
  /**
   * Told where two partners have the same key under way at one agency.
   * @see [createObserve](../operate/observe.ts)
   */
  shared?: (event: { messageId: string; partnerId: string; agency: string; key: Key }) => void
  /** Best effort: a crash here, or Redis away, leaves a row with no job, and the sweeper finds it. */
  offer: (submission: { submissionId: string; agency: string }, operation: string | undefined) => void
  /** Throws while nothing more may be taken. */
  pressure?: () => void
  /** What is large is worked on few at a time. */
  largeWork: LargeWork
  /**
   * Told what a delivery came to in bytes, after inflation, before it is checked. Default: nobody counts.
   * @see [createRates](../../messages/rates.ts)
   */
  spend?: (partner: Partner, bytes: number) => void
  /** Bytes of a partner's refused messages that are kept a day. Default: all. */
  refusedQuota?: number
  /**
   * Told of every answer, after it is on disk.
   * @see [createObserve](../operate/observe.ts)
   */
  observe?: (event: AcceptEvent) => void
  now?: () => Date
}

export interface AcceptEvent {
  partnerId: string
  channel: Inbound['channel']
  interchangeId: string
  answer: Answer
  seconds: number
  traceparent?: string | undefined
}

/** What one message came to before it is recorded. */
export interface MessageVerdict {
  part: Part
  inspection?: Inspection
  operation?: CatalogueEntry
  /** Of what is accepted: one for each agency, in the form it takes. */
  submissions?: NewSubmission[]
  /** It asks something: asked again it is another question. */
  question?: true
  /** It subscribes to notices, or ends that. */
  wish?: SubscriptionWish
  /** Grants of other partners without which it would not be this partner's to file. */
  filedUnder?: readonly GrantScope[]
  faults: Fault[]
  /** The code of the receipt: HUB_ACCEPTED, or the one thing that explains the refusal. */
  code: ErrorCode
}

interface Judged {
  owner: Partner
  interchanges: CutInterchange[]
  verdicts: MessageVerdict[]
  /** Of EDIFACT refused as a whole: the interchange that is answered for it, and why. */
  refused?: [CutInterchange, Fault]
}

/** Most faults that all messages of a delivery list together: a person mends the first ones, and sends again. */
const mostFaultsOfDelivery = 20_000
/** What a message lists when its delivery has reached that. */
const fewFaults = 3

const bytesIn = (pieces: readonly { bytes: Uint8Array }[]) => pieces.reduce((sum, { bytes }) => sum + bytes.length, 0)

export function createAccept({
  split,
  inspect,
  routing,
  partner,
  ledger,
  hadNumber = async () => true,
  principalsOf = async () => [],
  acknowledge,
  rejected,
  flatAcknowledgement = async () => undefined,
  signedLater = () => false,
  verify = async () => undefined,
  edifactOf = () => undefined,
  takesXml = () => false,
  sendersOf = () => [],
  questions = () => undefined,
  subscribing,
  learnable,
  refusesShared = () => false,
  shared,
  offer,
  pressure,
  largeWork,
  spend = () => {},
  refusedQuota = Infinity,
  observe,
  now = () => new Date(),
}: AcceptParts): Accept & { validate: (inbound: Inbound) => Promise<Answer[]> } {
  const judge = createJudge({
    inspect,
    routing,
    signedLater,
    verify,
    questions,
    hadNumber,
    principalsOf,
    subscribing,
    sentForm: createOutgoingEdifact({ inspect, edifactOf, takesXml }),
  })

  /**
   * Tells what is known of a delivery's size; where that is large, it goes on when it is its turn, which lasts until
   * the work is done.
   */
  async function inItsTurn<T>(
    { partnerId }: Inbound,
    work: (weigh: (bytes: number) => Promise<void>) => Promise<T>,
  ): Promise<T> {
    let done: (() => void) | undefined
    try {
      return await work(async (bytes) => {
        if (bytes >= sharedFrom) done ??= await largeWork.turn(partnerId, bytes)
      })
    } finally {
      done?.()
    }
  }

  async function judgeAll(inbound: Inbound, weigh: (bytes: number) => Promise<void>): Promise<Judged> {
    const owner = await partner(inbound.partnerId)
    if (!owner || owner.disabled) throw new HubError('HUB_FORBIDDEN')
    const came = bytesIn([inbound, ...(inbound.more ?? []), ...(inbound.attachments ?? [])])
    spend(owner, came)
    await weigh(came)
    const found = await split(
      {
        ...inbound,
        // Its turn comes before more room: who has the turn must never wait for the room of somebody who waits for the
        // turn.
        ...(inbound.room ? { room: weighedRoom(inbound.room, (more) => weigh(came + more)) } : {}),
      },
      edifactSettings(owner.settings.edifact),
    )
    if ('refused' in found) {
      const { refused, edifact } = found
      const pieces = [inbound, ...(inbound.more ?? [])].map(({ bytes }) => bytes)
      const part = { bytes: pieces.length > 1 ? Buffer.concat(pieces) : inbound.bytes, attachments: [] }
      const verdict: MessageVerdict = { part, faults: [refused], code: refused.code as ErrorCode }
      return { owner, interchanges: [], verdicts: [verdict], ...(edifact ? { refused: [edifact, refused] } : {}) }
    }
    const unpacked = bytesIn(found.parts.flatMap((part) => [part, ...part.attachments]))
    if (unpacked > came) spend(owner, unpacked - came)
    await weigh(unpacked)
    const limited = createFaultLimit(mostFaultsOfDelivery)
    const first = new Set(firstOfEach(found.parts))
    const verdicts = await mapInTurns(found.parts, (part) => {
      const verdict = judge(part, owner, inbound.operation, first.has(part)).then(limited)
      // Awaited below, with the others; until then nobody listens.
      verdict.catch(() => {})
      return verdict
    })
    return { owner, interchanges: found.edifact ?? [], verdicts: await Promise.all(verdicts) }
  }

  const accept = (inbound: Inbound) => inItsTurn(inbound, (weigh) => take(inbound, weigh))

  async function take(inbound: Inbound, weigh: (bytes: number) => Promise<void>) {
    const started = performance.now()
    pressure?.()
    const { owner, interchanges, verdicts, refused: whole } = await judgeAll(inbound, weigh)
    const receivedAt = now()
    const turn = createTurn()
    const firstSha256 = await sumOfBody(inbound.bytes, verdicts)
    const interchange = {
      interchangeId: newId('int'),
      partnerId: inbound.partnerId,
      channel: inbound.channel,
      ...(inbound.filename === undefined ? {} : { filename: inbound.filename }),
      ...(inbound.contentType === undefined ? {} : { contentType: inbound.contentType }),
      receivedAt,
      size: [inbound, ...(inbound.more ?? [])].reduce((size, { bytes }) => size + bytes.length, 0),
      sha256: inbound.more ? await sha256(...[inbound, ...inbound.more].map(({ bytes }) => bytes)) : firstSha256,
    }
    const messages: NewMessage[] = []
    for (const verdict of verdicts) {
      const digest = await digestOf(verdict, inbound.bytes, firstSha256)
      const message = { ...withOwner(toMessage(verdict, receivedAt, digest), verdict), ...alsoOwed(owner, inbound) }
      messages.push(await withWish(message, verdict, owner, inbound))
      await turn()
    }
    const given = whole
      ? rejected(...whole, receivedAt, interchange.interchangeId)
      : await acknowledge(
          interchanges,
          verdicts,
          messages.map(({ receipt }) => receipt),
          receivedAt,
          interchange.interchangeId,
        )
    const recorded = await ledger.record({
      ...interchange,
      refusedQuota,
      refusesConflicts: true,
      messages,
      ...(given ? { acknowledgement: given } : {}),
    })
    const answers = messages.map((message, i) => toAnswer(message, recorded[i]!))
    let acknowledgement = withConflicts(given, recorded)
    acknowledgement ??= await flatAcknowledgement(
      verdicts,
      answers.map(({ receipt }) => receipt),
    )
    for (const [i, message] of messages.entries()) {
      const became = recorded[i]!
      if (became.outcome !== 'recorded') continue
      for (const submission of message.submissions) {
        offer(submission, message.operation)
        await turn()
      }
      for (const one of became.shared ?? [])
        shared?.({ messageId: message.messageId, partnerId: inbound.partnerId, ...one })
    }
    const seconds = (performance.now() - started) / 1000
    for (const answer of answers) {
      observe?.({
        partnerId: inbound.partnerId,
        channel: inbound.channel,
        interchangeId: interchange.interchangeId,
        answer,
        seconds,
        traceparent: inbound.traceparent,
      })
      await turn()
    }
    return {
      interchangeId: interchange.interchangeId,
      answers,
      ...(acknowledgement ? { acknowledgement } : {}),
    }
  }

  /** By what its receipts will find it, and whom they will name. */
  function withOwner(message: NewMessage, { inspection, question }: MessageVerdict): NewMessage {
    const document = inspection?.document
    if (!document || question || message.submissions.length === 0) return message
    return {
      ...message,
      senders: sendersOf(document.type, document.facts),
      firstKeys: learnable.first,
      ...(learnable.names(document.type).size > 0 ? { learns: true } : {}),
      submissions: message.submissions.map((one) => (refusesShared(one.agency) ? { ...one, refuseShared: true } : one)),
    }
  }

  async function withWish(message: NewMessage, { wish, code }: MessageVerdict, owner: Partner, { channel }: Inbound) {
    return wish && code === 'HUB_ACCEPTED' ? subscribing.subscribing(message, wish, owner, channel) : message
  }

  /** The same checks, nothing recorded: ids are given out, but no one will know them. */
  async function validate(inbound: Inbound): Promise<Answer[]> {
    const { owner, verdicts } = await inItsTurn(inbound, (weigh) => judgeAll(inbound, weigh))
    const at = now()
    const answers: Answer[] = []
    const turn = createTurn()
    const whole = await sumOfBody(inbound.bytes, verdicts)
    for (const verdict of verdicts) {
      const digest = await digestOf(verdict, inbound.bytes, whole)
      const message = await withWish(toMessage(verdict, at, digest), verdict, owner, inbound)
      answers.push(toAnswer(message, { outcome: 'recorded' }))
      await turn()
    }
    return answers
  }

  return Object.assign(accept, { validate })
}

const weighedRoom = (room: Pick<Room, 'take'>, weigh: (more: number) => Promise<void>): Pick<Room, 'take'> => ({
  async take(bytes) {
    await weigh(bytes)
    await room.take(bytes)
  },
})

/** One message's verdict: identify, authorise, check, in that order of precedence, whatever the order of work. */
function createJudge({
  inspect,
  routing,
  signedLater,
  verify,
  questions,
  hadNumber,
  principalsOf,
  subscribing,
  sentForm,
}: {
  inspect: Inspect
  routing: Routing
  signedLater: (agency: string) => boolean
  verify: Verify
  questions: NonNullable<AcceptParts['questions']>
  hadNumber: NonNullable<AcceptParts['hadNumber']>
  principalsOf: NonNullable<AcceptParts['principalsOf']>
  subscribing: Subscribing
  sentForm: ReturnType<typeof createOutgoingEdifact>
}) {
  /**
   * Companies that are neither this partner's nor let it file for them, and the grants of those that do. Grants are
   * looked up only where there is somebody to file for.
   */
  async function companiesOf(
    named: readonly NamedCompany[],
    owner: Partner,
    operation: string,
  ): Promise<{ strangers: NamedCompany[]; filedUnder: GrantScope[] }> {
    const { codes = [], principals = [] } = owner.settings.companies ?? {}
    let strangers = strangersAmong(named, { codes, principals })
    const filedUnder: GrantScope[] = []
    if (strangers.some(({ as }) => as === 'principal'))
      for (const { grant, codes: granted } of await principalsOf(owner.partnerId, operation, new Date())) {
        const left = strangersAmong(strangers, { codes: [], principals: granted })
        if (left.length < strangers.length) filedUnder.push(grant)
        strangers = left
      }
    return { strangers: strangers.slice(0, mostStrangers), filedUnder }
  }

  /** @param first of its interchange: its receipt tells what is odd about the envelope */
  return async function judge(part: Part, owner: Partner, named?: string, first = true): Promise<MessageVerdict> {
    if (part.refused) return { part, faults: [part.refused], code: part.refused.code as ErrorCode }
    const torn = part.edifact && tornFrom(part.edifact)
    if (torn && torn.length > 0) return { part, faults: torn, code: 'HUB_EDI_REFUSED' }
    const inspection = inPlace(
      part,
      await inspect(part.bytes, {
        owner: owner.partnerId,
        ...(owner.settings.edifact ? { edifact: edifactSettings(owner.settings.edifact) } : {}),
      }),
    )
    const { document, faults: found } = inspection
    const refuse = (code: ErrorCode, values: Record<string, string> = {}): MessageVerdict => ({
      part,
      inspection,
      faults: [{ code, text: errorText(code, values) }],
      code,
    })
    // What the sender named tells more than what is wrong with the bytes: no file fits an operation that is not open,
    // or that nobody knows.
    if (named !== undefined) {
      const entry = routing.operations.get(named)
      if (!entry) return refuse('HUB_OPERATION_UNKNOWN', { operation: named.slice(0, 64) })
      if (entry.documents.length === 0) return refuse('HUB_OPERATION_PLANNED', { operation: named })
    }
    if (!document)
      return { part, inspection, faults: found, code: (found[0]?.code ?? 'HUB_SYNTAX_UNKNOWN') as ErrorCode }

    const resolution = resolve(routing, document.type, document.facts, named, owner.settings.defaults[document.type])
    switch (resolution.outcome) {
      case 'unknown':
        return refuse('HUB_OPERATION_UNKNOWN', { operation: resolution.operation })
      case 'planned':
        return refuse('HUB_OPERATION_PLANNED', { operation: resolution.operation })
      case 'mismatch':
        return refuse('HUB_OPERATION_MISMATCH', {
          operation: resolution.operation,
          candidates: resolution.candidates.join(', '),
        })
      case 'ambiguous':
        return refuse('HUB_OPERATION_AMBIGUOUS', { candidates: resolution.candidates.join(', ') })
      case 'notice':
        return refuse('HUB_OPERATION_NOTICE', { candidates: resolution.candidates.join(', ') })
      case 'none': {
        // A content fault (a code outside its list) is the better answer when there is one: it says what to mend.
        if (found.length > 0) return { part, inspection, faults: found, code: 'HUB_SCHEMA_VIOLATION' }
        const conditions = [...routing.operations.values()]
          .flatMap(({ documents }) => documents)
          .flatMap((one) => (one.type === document.type ? [one.when ?? {}] : []))
        const code = 'HUB_DOCUMENT_VARIANT'
        const again = await inspect(part.bytes, { owner: owner.partnerId, places: true })
        const places = again.document?.places ?? {}
        const facts = Object.fromEntries(Object.entries(places).map(([name, { path }]) => [name, path]))
        const at = (path: string) => Object.values(places).find((one) => one.path === path)
        return { ...refuse(code), faults: [variantFault(document.type, { facts }, conditions, document.facts, at)] }
      }
      case 'resolved': {
        const { operation } = resolution
        // Said before the faults: who may not use an operation learns nothing about its format.
        if (!mayUse(owner.settings, operation.code))
          return refuse('HUB_OPERATION_FORBIDDEN', { operation: operation.code })
        const faults = operation.agencies.every(signedLater)
          ? found.filter(({ code }) => code !== 'HUB_SIGNATURE_MISSING')
          : found
        const mode = owner.settings.companies?.mode ?? 'off'
        const { strangers, filedUnder } =
          mode === 'off'
            ? { strangers: [], filedUnder: [] }
            : await companiesOf(document.companies ?? [], owner, operation.code)
        if (mode === 'require' && strangers.length > 0) {
          const foreign = strangers.map((one) => companyFault('HUB_COMPANY_FOREIGN', one))
          return { part, inspection, operation, faults: foreign, code: 'HUB_COMPANY_FOREIGN' }
        }
        if (faults.length > 0)
          return {
            part,
            inspection: withoutKeys(inspection),
            operation,
            faults,
            code: inspection.edi?.faults.some(({ severity }) => severity === 'error')
              ? 'HUB_EDI_REFUSED'
              : 'HUB_SCHEMA_VIOLATION',
          }
        const unproved = await verify(part.bytes, inspection, owner.settings)
        if (unproved && !isWarning(unproved))
          return {
            part,
            inspection: withoutKeys(inspection),
            operation,
            faults: [unproved],
            code: unproved.code as ErrorCode,
          }
        if (part.edifact?.interchange.interchange?.test) return { ...refuse('HUB_EDI_TEST'), operation }
        const asks = questions(operation, document.type)
        if (asks)
          return {
            ...{ part, inspection, operation, submissions: asks, faults: unproved ? [unproved] : [] },
            ...{ code: 'HUB_ACCEPTED', question: true },
          }
        const open = await unanswered(inspection, part, (asked) => hadNumber(owner.partnerId, asked))
        const unknown = open.filter((one) => !isWarning(one))
        if (unknown.length > 0) return { part, inspection, operation, faults: unknown, code: 'HUB_SCHEMA_VIOLATION' }
        const wish = subscriptionWish(document, operation.code)
        const limit = wish && (await subscribing.full(owner.partnerId, wish))
        if (limit !== undefined) return { ...refuse('HUB_SUBSCRIPTIONS_FULL', { limit: String(limit) }), operation }
        const formed = await sentForm({
          agencies: operation.agencies,
          document,
          bytes: inspection.derived?.bytes ?? part.bytes,
          place: placeOf(inspection),
          owner: owner.partnerId,
          ...(part.edifact && owner.settings.edifact ? { edifact: edifactSettings(owner.settings.edifact) } : {}),
        })
        if (formed.faults.length > 0)
          return { part, inspection, operation, faults: formed.faults, code: 'HUB_SCHEMA_VIOLATION' }
        const warnings = [
          ...(first && part.edifact ? oddities(part.edifact) : []),
          ...(inspection.warnings ?? []),
          ...open.filter(isWarning),
          ...(unproved ? [unproved] : []),
          ...strangers.map((one): Fault => ({ ...companyFault('HUB_COMPANY_WARNING', one), level: 'warn' })),
        ]
        const { submissions } = formed
        const also = { ...(wish ? { wish } : {}), ...(filedUnder.length > 0 ? { filedUnder } : {}) }
        return { part, inspection, operation, submissions, ...also, faults: warnings, code: 'HUB_ACCEPTED' }
      }
      default:
        return resolution satisfies never
    }
  }
}

/** One receipt names so many companies at most; the first is what the sender must mend anyhow. */
const mostStrangers = 20

function companyFault(code: 'HUB_COMPANY_FOREIGN' | 'HUB_COMPANY_WARNING', { path, value, as }: NamedCompany): Fault {
  return { ...fault(code, { path, value }), path, value, rule: `companies.${as}` }
}

/** What is refused holds nothing by which an answer would find it. */
const withoutKeys = (inspection: Inspection): Inspection =>
  inspection.document ? { ...inspection, document: { ...inspection.document, keys: [] } } : inspection

/** Where faults of what was made of a message are told, when their path in it means nothing to the sender. */
function placeOf({ derived, edi }: Inspection): string | undefined {
  if (!derived || derived.mapping === 'json') return undefined
  return edi ? 'UNH(1)' : '00(1)'
}

/**
 * What is wrong with all that a message stands in: its interchange as a whole, or its group. Then it is not looked at
 * by itself.
 */
function tornFrom({ interchange, message }: NonNullable<Part['edifact']>): Fault[] {
  return (message ? message.groupFaults : interchange.faults.filter(({ severity }) => severity === 'error')).map(
    hubFault,
  )
}

/** What a person should look at in the envelope, though the interchange is taken. */
function oddities({ interchange }: NonNullable<Part['edifact']>): Fault[] {
  return interchange.faults.filter(({ severity }) => severity === 'warning').map(hubFault)
}

/** The first message of each interchange. */
function firstOfEach(parts: readonly Part[]): Part[] {
  const seen = new Set<CutInterchange>()
  return parts.filter(({ edifact }) => edifact && !seen.has(edifact.interchange) && seen.add(edifact.interchange))
}

/**
 * Files the message names that did not come with it, whatever their case and folder; numbers that nobody here has seen.
 */
async function unanswered(
  { questions = [] }: Inspection,
  { attachments }: Part,
  had: (asked: NonNullable<Question['filed']>) => Promise<boolean>,
): Promise<Fault[]> {
  const plain = (name: string) => name.replace(/^.*[/\\]/s, '').toLowerCase()
  const came = new Set(attachments.map(({ name }) => plain(name)))
  const open: Fault[] = []
  for (const { file, filed, fault } of questions) {
    if (file !== undefined ? came.has(plain(file)) : filed !== undefined && (await had(filed))) continue
    open.push(fault)
  }
  return open
}

/**
 * Lines counted in what the partner sent, not in the part that was cut from it; and what only the whole shows of the
 * part.
 */
function inPlace(part: Part, inspection: Inspection): Inspection {
  const { linesBefore: before = 0, faults: own = [] } = part.edifact?.message ?? {}
  if (before === 0 && own.length === 0) return inspection
  const { edi, warnings } = inspection
  const shifted = (one: Fault): Fault => (one.line === undefined ? one : { ...one, line: one.line + before })
  return {
    ...inspection,
    ...(warnings ? { warnings: warnings.map(shifted) } : {}),
    faults: [...own.map(hubFault), ...inspection.faults.map(shifted)],
    ...(edi ? { edi: { ...edi, faults: [...own, ...edi.faults] } } : {}),
  }
}

/** What a message's bytes come to: alone, and with its attachments. */
interface Digest {
  bytes: string
  all: string
}

/** A body that is a message by itself is gone through once; a large one by the thread that checked it. */
const sumOfBody = (bytes: Buffer, verdicts: readonly MessageVerdict[]): string | Promise<string> =>
  verdicts.find(({ part }) => part.bytes === bytes)?.inspection?.sha256 ?? sha256(bytes)

async function digestOf(
  { part, inspection }: MessageVerdict,
  interchangeBytes: Buffer,
  interchangeSha256: string,
): Promise<Digest> {
  const bytes = part.bytes === interchangeBytes ? interchangeSha256 : (inspection?.sha256 ?? (await sha256(part.bytes)))
  return { bytes, all: part.attachments.length > 0 ? await sha256OfAll(part) : bytes }
}

function toMessage(verdict: MessageVerdict, at: Date, { bytes: digest, all }: Digest): NewMessage {
  const { part, operation, submissions = [], filedUnder, faults, code, inspection } = verdict
  const document = inspection?.document
  const messageId = newId('msg')
  const reference = document?.reference ?? `sha256:${digest.slice(0, 32)}`
  const accepted = code === 'HUB_ACCEPTED'
  const receipt: Receipt = {
    receiptId: newId('rcp'),
    messageId,
    reference,
    ...(operation ? { operation: operation.code } : {}),
    ...(document ? { documentType: document.type } : {}),
    stage: 'technical',
    status: accepted ? 'accepted' : 'refused',
    code,
    text:
      code === 'HUB_SCHEMA_VIOLATION' || code === 'HUB_EDI_REFUSED'
        ? errorText(code, { count: faults.length })
        : !accepted && (faults.length === 1 || code === 'HUB_COMPANY_FOREIGN')
          ? faults[0]!.text
          : errorText(code),
    time: at.toISOString(),
    // What was taken may still be something to look at.
    faults,
  }
  // The same question again is another one: it may have another answer by now.
  const name = verdict.question ? messageId : (document?.identity ?? document?.reference ?? digest)
  return {
    messageId,
    reference,
    identity: `${document?.type ?? ''}|${name}`,
    ...(document ? { documentType: document.type, schema: document.schema } : {}),
    ...(operation ? { operation: operation.code } : {}),
    bytes: part.bytes,
    bytesSha256: digest,
    // A damaged copy of what was taken before is refused for its damage, not answered as the same.
    sha256: part.attachments.length > 0 ? all : accepted ? (document?.digest ?? digest) : digest,
    ...(inspection?.derived ? { forwarded: Buffer.from(inspection.derived.bytes) } : {}),
    attachments: part.attachments,
    ...(document?.order === undefined ? {} : { order: `${document.family}|${document.order}` }),
    keys: document?.keys ?? [],
    ...(document?.changes ? { changes: true } : {}),
    submissions: accepted ? submissions : [],
    ...(accepted && filedUnder ? { filedUnder } : {}),
    receipt,
    ...(part.edifact?.message ? { edifact: { charset: part.edifact.interchange.interchange?.charset } } : {}),
    // Every channel answers at once: the HTTP reply, or the file beside the one dropped.
    receiptReturn: 'replied',
  }
}

/** The answer to a message as recorded. */
function toAnswer(message: NewMessage, recorded: Recorded): Answer {
  switch (recorded.outcome) {
    case 'recorded': {
      const { code, status } = message.receipt
      const outcome = status === 'accepted' ? 'accepted' : 'refused'
      return {
        outcome,
        messageId: message.messageId,
        receipt: recorded.receipt ?? message.receipt,
        httpStatus: errorCodes[code as ErrorCode].status,
      }
    }
    case 'duplicate':
      return { outcome: 'duplicate', messageId: recorded.messageId, receipt: recorded.receipt, httpStatus: 200 }
    case 'conflict':
    case 'key-in-use':
      return {
        outcome: 'conflict',
        messageId: message.messageId,
        receipt: recorded.receipt!,
        httpStatus: errorCodes[recorded.receipt!.code as ErrorCode].status,
      }
    default:
      return recorded satisfies never
  }
}

/** A partner may want technical receipts on a way of their own, beside the door's answer. */
function alsoOwed(
  { settings }: Partner,
  { channel }: Inbound,
): Pick<NewMessage, 'receiptReturn' | 'receiptChannel'> | object {
  const receiptChannel = returnChannel(settings, 'technical', channel)
  return receiptChannel === undefined ? {} : { receiptReturn: 'owed', receiptChannel }
}

/**
 * What was answered, and what is said of the messages that turned out to be in conflict with earlier ones when they
 * were recorded: as it is on disk.
 */
function withConflicts(given: Acknowledgement | undefined, recorded: readonly Recorded[]): Acknowledgement | undefined {
  const more = recorded.flatMap((one) => ('answer' in one && one.answer ? [one.answer] : []))
  if (more.length === 0) return given
  return {
    mediaType: given?.mediaType ?? 'application/edifact',
    bytes: Buffer.concat([...(given ? [given.bytes] : []), ...more]),
  }
}

/** Message and attachments together: the same declaration with another PDF is not the same message. */
async function sha256OfAll(part: Part): Promise<string> {
  const turn = createTurn()
  const hash = await hashed(createHash('sha256'), part.bytes, turn)
  for (const { name, bytes } of [...part.attachments].sort((a, b) => (a.name < b.name ? -1 : 1)))
    await hashed(hash.update(`\0${name}\0${bytes.length}\0`), bytes, turn)
  return hash.digest('hex')
}

/** Lets so many faults through, and of every message behind them the first few. */
function createFaultLimit(most: number): (verdict: MessageVerdict) => MessageVerdict {
  let left = most
  return (verdict) => {
    const { faults, inspection } = verdict
    const count = Math.max(faults.length, inspection?.edi?.faults.length ?? 0)
    left -= count
    if (left >= 0 || count <= fewFaults) return verdict
    const limited = fault('HUB_FAULT_LIMIT', { limit: fewFaults })
    const more: Fault = faults.every(isWarning) ? { ...limited, level: 'warn' } : limited
    return {
      ...verdict,
      faults: faults.length > fewFaults ? [...faults.slice(0, fewFaults), more] : faults,
      ...(inspection?.edi
        ? { inspection: { ...inspection, edi: { ...inspection.edi, faults: firstErrors(inspection.edi.faults) } } }
        : {}),
    }
  }
}

const firstErrors = (faults: readonly EdifactFault[]) =>
  faults.filter(({ severity }) => severity === 'error').slice(0, fewFaults)
