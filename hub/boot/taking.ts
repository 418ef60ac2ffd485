// taking — what lies between the doors and the ledger: who a partner is, how much may come in, and the step `accept`.
import type { Inbound } from '../../messages/inbound.js'
import { createRates } from '../../messages/rates.js'
import type { Queues } from '../../queues/queues.js'
import { createLargeWork } from '../steps/accept/large-work.js'
import type { Agencies } from '../agencies/agencies.js'
import { createMailbox } from '../doors/mailbox.js'
import { mailboxesOf } from '../config/folders.js'
import { watchOverload } from '../doors/overload.js'
import { createSenderSyntax } from '../doors/sender-syntax.js'
import { split } from '../steps/accept/split.js'
import { createPartnerBook } from '../operate/partner-book.js'
import { questionsTo } from '../queries/questions-to.js'
import { hubAgency } from '../agencies/query-mode.js'
import { createAccept } from '../steps/accept.js'
import { createPrincipalsOf } from '../steps/accept/principals.js'
import { createVerify } from '../steps/verify.js'
import { createSubscribing } from '../steps/subscribing.js'
import { acknowledge, flatAcknowledgement, rejected } from '../steps/acknowledge.js'
import type { Checking } from './checking.js'
import type { Data } from './data.js'
import type { Signing } from './signing.js'
import type { Start } from './start.js'
import type { Storage } from './storage.js'
import type { Watching } from './watching.js'

/** @see [startParts](../hub.ts) */
interface TakingStart extends Start {
  data: Data
  storage: Storage
  checking: Checking
  watching: Watching
  signing: Pick<Signing, 'verifying'>
  queues: Pick<Queues, 'offerSubmission'>
  agencies: () => Pick<Agencies, 'policy' | 'edifactOf' | 'takesXml' | 'answersQueries'>
  /** Asks what the hub itself answers, at once. */
  ask: (submissionId: string) => void
}

export type TakingPart = ReturnType<typeof startTaking>

/** The step `accept`, for every door. */
export function startTaking({
  config,
  log,
  life,
  data,
  storage,
  checking,
  watching,
  signing,
  queues,
  agencies,
  ask,
}: TakingStart) {
  const { ledger, content } = storage
  const { observe } = watching
  const partners = createPartnerBook(ledger)
  const families = data.routing.documents
  const rates = createRates({ callsPerSecond: config.ratePerSecond, bytesPerSecond: config.rateBytesPerSecond })
  const takes = config.roles.includes('doors')
  const { dataDir } = config
  const overload = life.started(
    watchOverload({ dataDir, mailboxesDir: mailboxesOf(dataDir), ledger, limits: config, takes, log }),
    (p) => p.stop(),
  )
  const accept = createAccept({
    spend: rates.bytes,
    largeWork: createLargeWork(),
    learnable: data.taught,
    subscribing: createSubscribing({ ledger, most: config.mostSubscriptions }),
    sendersOf: data.sendersOf,
    refusesShared: (agency) => agencies().policy(agency).sharedKeys === 'refuse',
    shared: observe.shared,
    split: (inbound, settings) =>
      split(inbound, { maxBytes: config.maxBytes, maxMessages: config.maxMessages }, settings),
    inspect: checking.checker.inspect,
    routing: data.routing,
    ledger,
    principalsOf: createPrincipalsOf(ledger),
    hadNumber: (partnerId, asked) => ledger.hadNumber(partnerId, asked, data.agencyCodes),
    acknowledge,
    rejected,
    flatAcknowledgement,
    edifactOf: (agency, documentType) => agencies().edifactOf(agency, documentType),
    takesXml: (agency, documentType) => agencies().takesXml(agency, documentType),
    signedLater: (agency) => agencies().policy(agency).signs !== undefined,
    verify: createVerify({
      signatures: signing.verifying,
      envelopes: families.flatMap((family) => family.envelopes ?? []),
      signedFamilies: new Set(families.filter(({ signed }) => signed).map(({ family }) => family)),
    }),
    partner: partners.byId,
    refuseIfFull: overload.check,
    refusedQuota: config.refusedMegabytesPerDay * 1024 * 1024,
    observe: observe.accepted,
    questions: (operation, documentType) =>
      data.queries.isQuery(documentType)
        ? questionsTo(operation.agencies, (agency) => agencies().answersQueries(agency, operation.code, documentType))
        : undefined,
    offer(submission, operation) {
      if (submission.agency === hubAgency) return ask(submission.submissionId)
      observe.offered(submission.agency)
      void queues.offerSubmission({ ...submission, ...(operation === undefined ? {} : { operation }) })
    },
  })
  let filingsUnderWay = 0
  let allTaken = () => {}
  async function counted(inbound: Inbound) {
    filingsUnderWay++
    return accept(inbound).finally(() => {
      if (--filingsUnderWay === 0) allTaken()
    })
  }
  return {
    partners,
    rates,
    overload,
    accept: Object.assign(counted, { validate: accept.validate }),
    /** Deliveries that are being taken, by any door. */
    filingsUnderWay: () => filingsUnderWay,
    /** Calls `listener` whenever the last of them has been taken. There is one listener. */
    onFilingsTaken(listener: () => void) {
      allTaken = listener
    },
    mailbox: life.started(createMailbox(ledger), (m) => m.close()),
    sendersForm: createSenderSyntax({ partner: partners.byId, content, list: checking.listings.list }),
  }
}
