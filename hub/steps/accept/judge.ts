// judge — the verdict on one message: identify, authorise, check, in that order of precedence, whatever the order of
// work. Nothing is recorded here, and a wrong message throws nothing.
import { edifactSettings } from '../../../messages/edifact/settings.js'
import { errorText, type ErrorCode } from '../../../messages/errors.js'
import { isWarning, type Fault } from '../../../messages/fault.js'
import type { GrantScope } from '../../../messages/filing-grant.js'
import { variantFault } from '../../../messages/identify.js'
import type { Inspect, Inspection, OpenQuestion } from '../../../messages/inspection.js'
import { mayUse, type Partner } from '../../../messages/partner.js'
import { subscriptionWish, type SubscriptionWish } from '../../../messages/subscription.js'
import type { CatalogueEntry, Routing } from '../../../routing/operation.js'
import { resolve } from '../../../routing/resolve.js'
import type { NewSubmission } from '../../../store/ledger.js'
import type { MessagePart } from './split.js'
import { createOutgoingEdifact, type OutgoingEdifactParts } from '../outgoing-edifact.js'
import type { Subscribing } from '../subscribing.js'
import type { Verify } from '../verify.js'
import { companyFault, createCompaniesNamed, type PrincipalsOf } from './companies-named.js'
import { faultsAround, inPlace, oddities } from './interchange-around.js'
import { unanswered } from './unanswered.js'

/** @see [createAccept](../accept.ts) */
export interface JudgeParts {
  /** @see [startChecking](../../boot/checking.ts) */
  inspect: Inspect
  routing: Routing
  /** Has this partner had the number before, by what the ledger knows? Default: yes. */
  hadNumber?: (partnerId: string, asked: NonNullable<OpenQuestion['filed']>) => Promise<boolean>
  /** Default: no company lets another file for it. */
  principalsOf?: PrincipalsOf
  /** Does the hub sign what comes unsigned, on its way to this agency? Default: it does not. */
  signedLater?: (agency: string) => boolean
  /**
   * Does the partner's signature hold? Default: nobody looks.
   * @see [createVerify](../verify.ts)
   */
  verify?: Verify
  /**
   * How an agency takes EDIFACT instead of a document. Default: none does.
   * @see [createAgencies](../../agencies/agencies.ts)
   */
  edifactOf?: OutgoingEdifactParts['edifactOf']
  /** @see [createAgencies](../../agencies/agencies.ts) */
  takesXml?: OutgoingEdifactParts['takesXml']
  /** The agencies a query or print goes to; undefined: it is a filing. Default: everything is a filing. */
  questions?: (operation: CatalogueEntry, documentType: string) => NewSubmission[] | undefined
  /** Messages that subscribe to notices. */
  subscribing: Pick<Subscribing, 'full'>
}

/** What one message came to before it is recorded. */
export interface MessageVerdict {
  part: MessagePart
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

export type Judge = ReturnType<typeof createJudge>

/** A message whose document is known. */
interface KnownMessage {
  part: MessagePart
  owner: Partner
  inspection: Inspection
  document: NonNullable<Inspection['document']>
  first: boolean
}

/**
 * Reads, checks and authorises one message. A message that is wrong is a verdict with its faults and the code of its
 * receipt; only trouble of the hub itself rejects.
 */
export function createJudge({
  inspect,
  routing,
  hadNumber = async () => true,
  principalsOf = async () => [],
  signedLater = () => false,
  verify = async () => undefined,
  edifactOf = () => undefined,
  takesXml = () => false,
  questions = () => undefined,
  subscribing,
}: JudgeParts) {
  const sentForm = createOutgoingEdifact({ inspect, edifactOf, takesXml })
  const companiesNamed = createCompaniesNamed(principalsOf)

  /**
   * @param named the operation the sender named, if any
   * @param first of its interchange: its receipt says what is odd about the envelope
   */
  return async function judge(
    part: MessagePart,
    owner: Partner,
    named?: string,
    first = true,
  ): Promise<MessageVerdict> {
    if (part.refused) return { part, faults: [part.refused], code: part.refused.code as ErrorCode }
    const around = part.edifact ? faultsAround(part.edifact) : []
    if (around.length > 0) return { part, faults: around, code: 'HUB_EDI_REFUSED' }
    const inspection = inPlace(
      part,
      await inspect(part.bytes, {
        owner: owner.partnerId,
        ...(owner.settings.edifact ? { edifact: edifactSettings(owner.settings.edifact) } : {}),
      }),
    )
    const { document, faults } = inspection
    const refuse = (code: ErrorCode, values: Record<string, string> = {}): MessageVerdict => ({
      part,
      inspection,
      faults: [{ code, text: errorText(code, values) }],
      code,
    })
    // An operation that is not open, or that nobody knows, explains more than faults of the bytes: no file fits it.
    if (named !== undefined) {
      const entry = routing.operations.get(named)
      if (!entry) return refuse('HUB_OPERATION_UNKNOWN', { operation: named.slice(0, 64) })
      if (entry.documents.length === 0) return refuse('HUB_OPERATION_PLANNED', { operation: named })
    }
    if (!document) return { part, inspection, faults, code: (faults[0]?.code ?? 'HUB_SYNTAX_UNKNOWN') as ErrorCode }

    const resolution = resolve(routing, document, { named, preferred: owner.settings.defaults[document.type] })
    switch (resolution.outcome) {
      case 'unknown':
        return refuse('HUB_OPERATION_UNKNOWN', { operation: resolution.operation })
      case 'planned':
        return refuse('HUB_OPERATION_PLANNED', { operation: resolution.operation })
      case 'mismatch':
        return refuse('HUB_OPERATION_MISMATCH', {
          operation: resolution.operation,
          ...listed(resolution.candidates),
        })
      case 'ambiguous':
        return refuse('HUB_OPERATION_AMBIGUOUS', listed(resolution.candidates))
      case 'notice':
        return refuse('HUB_OPERATION_NOTICE', listed(resolution.candidates))
      case 'none':
        // A content fault (a code outside its list) is the better answer when there is one: it says what to mend.
        return faults.length > 0
          ? { part, inspection, faults, code: 'HUB_SCHEMA_VIOLATION' }
          : {
              part,
              inspection,
              faults: [await noVariant(part, owner, document)],
              code: 'HUB_DOCUMENT_VARIANT',
            }
      case 'resolved': {
        const { operation } = resolution
        // Said before the faults: who may not use an operation learns nothing about its format.
        return mayUse(owner.settings, operation.code)
          ? judgeFor(operation, { part, owner, inspection, document, first })
          : refuse('HUB_OPERATION_FORBIDDEN', { operation: operation.code })
      }
      default:
        return resolution satisfies never
    }
  }

  /** Its facts fit no operation: which facts, and where they stand. */
  async function noVariant(part: MessagePart, owner: Partner, document: KnownMessage['document']): Promise<Fault> {
    const conditions = [...routing.operations.values()]
      .flatMap(({ documents }) => documents)
      .flatMap((one) => (one.type === document.type ? [one.when ?? {}] : []))
    const again = await inspect(part.bytes, { owner: owner.partnerId, places: true })
    const places = again.document?.places ?? {}
    const paths = Object.fromEntries(Object.entries(places).map(([name, { path }]) => [name, path]))
    const at = (path: string) => Object.values(places).find((one) => one.path === path)
    return variantFault({ root: document.type, paths, facts: document.facts }, conditions, at)
  }

  /** Its operation is known, and the partner may use it. */
  async function judgeFor(operation: CatalogueEntry, message: KnownMessage): Promise<MessageVerdict> {
    const { part, owner, inspection, document, first } = message
    const refused = (code: ErrorCode, faults: Fault[]): MessageVerdict => ({
      part,
      inspection,
      operation,
      faults,
      code,
    })
    const mode = owner.settings.companies?.mode ?? 'off'
    const { strangers, filedUnder } =
      mode === 'off'
        ? { strangers: [], filedUnder: [] }
        : await companiesNamed(document.companies ?? [], owner, operation.code)
    if (mode === 'require' && strangers.length > 0)
      return refused(
        'HUB_COMPANY_FOREIGN',
        strangers.map((one) => companyFault('HUB_COMPANY_FOREIGN', one)),
      )
    const faults = operation.agencies.every(signedLater)
      ? inspection.faults.filter(({ code }) => code !== 'HUB_SIGNATURE_MISSING')
      : inspection.faults
    if (faults.length > 0) {
      const ofForm = inspection.edi?.faults.some(({ severity }) => severity === 'error')
      return withoutKeys(refused(ofForm ? 'HUB_EDI_REFUSED' : 'HUB_SCHEMA_VIOLATION', faults))
    }
    const unproved = await verify(part.bytes, inspection, owner.settings)
    if (unproved && !isWarning(unproved)) return withoutKeys(refused(unproved.code as ErrorCode, [unproved]))
    if (part.edifact?.interchange.interchange?.test)
      return refused('HUB_EDI_TEST', [{ code: 'HUB_EDI_TEST', text: errorText('HUB_EDI_TEST') }])
    const asked = questions(operation, document.type)
    if (asked)
      return {
        ...{ part, inspection, operation, submissions: asked, faults: unproved ? [unproved] : [] },
        ...{ code: 'HUB_ACCEPTED', question: true },
      }
    const open = await unanswered(inspection, part, (number) => hadNumber(owner.partnerId, number))
    const unknown = open.filter((one) => !isWarning(one))
    if (unknown.length > 0) return refused('HUB_SCHEMA_VIOLATION', unknown)
    const wish = subscriptionWish(document, operation.code)
    const limit = wish && (await subscribing.full(owner.partnerId, wish))
    if (limit !== undefined) {
      const text = errorText('HUB_SUBSCRIPTIONS_FULL', { limit: String(limit) })
      return refused('HUB_SUBSCRIPTIONS_FULL', [{ code: 'HUB_SUBSCRIPTIONS_FULL', text }])
    }
    const formed = await sentForm({
      agencies: operation.agencies,
      document,
      bytes: inspection.derived?.bytes ?? part.bytes,
      place: placeOf(inspection),
      owner: owner.partnerId,
      ...(part.edifact && owner.settings.edifact ? { edifact: edifactSettings(owner.settings.edifact) } : {}),
    })
    if (formed.faults.length > 0) return refused('HUB_SCHEMA_VIOLATION', formed.faults)
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
}

/** What is refused holds nothing by which an answer would find it. */
function withoutKeys(verdict: MessageVerdict): MessageVerdict {
  const { inspection } = verdict
  if (!inspection?.document) return verdict
  return { ...verdict, inspection: { ...inspection, document: { ...inspection.document, keys: [] } } }
}

/**
 * The path on faults of what was made of a message, when its own path means nothing to the sender. Undefined: its
 * own path.
 */
function placeOf({ derived, edi }: Inspection): string | undefined {
  if (!derived || derived.mapping === 'json') return undefined
  return edi ? 'UNH(1)' : '00(1)'
}

const listed = (codes: readonly string[]) => ({ candidates: codes.join(', '), candidatesZh: codes.join('、') })
