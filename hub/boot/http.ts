// http — the HTTP door with all it can be asked: partners' calls, agencies' answers, operators' verbs, the monitor. It
// does not listen yet.
import { join } from 'node:path'
import { createHttpDoor } from '../../adapters/channels/http/door.js'
import { boardPage, ownPage } from '../../adapters/channels/http/security-headers.js'
import { createAccessTokens } from '../../adapters/trust/access-tokens.js'
import type { AuditView } from '../../messages/views/index.js'
import { longestWaitMs, lookEveryMs, rememberMs } from '../../adapters/channels/http/guesses.js'
import { mountBoard } from '../../monitoring/board.js'
import { createReadiness } from '../../monitoring/health.js'
import { mountPage } from '../../monitoring/page.js'
import { checkRedis, standstillOf } from '../../queues/health.js'
import { createWrongKeys } from '../../queues/wrong-keys.js'
import { storedPersonFields } from '../../xsd/form-store/persons.js'
import type { Queues } from '../../queues/queues.js'
import type { startAgencies } from './agencies.js'
import { createAgencyVerbs } from '../operate/agency-verbs.js'
import { mostQuestionsAtOnce, questionPatienceMs, questionsAtOnce } from '../queries/answer-here.js'
import { packageVersion } from '../config/build.js'
import { folders } from '../config/folders.js'
import { createAuthenticate } from '../doors/authenticate.js'
import { createAskQuery } from '../doors/ask-query.js'
import { createCatalogueView } from '../doors/catalogue-view.js'
import { createSampleOrder } from '../doors/sample-order.js'
import { split } from '../steps/accept/split.js'
import { createFindByNumber } from '../doors/find-by-number.js'
import { createFindMessages } from '../doors/find-messages.js'
import { createKeeping } from '../operate/keeping.js'
import { createPersonsHidden } from '../operate/persons-hidden.js'
import { createBackup } from '../operate/backup.js'
import { namesOf } from '../operate/names.js'
import { createAgenciesOf } from '../operate/agencies-of.js'
import { startPeople } from './people.js'
import type { Answering } from './answering.js'
import type { Checking } from './checking.js'
import type { Data } from './data.js'
import type { DescriptorShares } from '../base/descriptors.js'
import { sharedLook } from '../base/shared-look.js'
import type { Operating } from './operating.js'
import type { Signing } from './signing.js'
import type { Start } from './start.js'
import type { DoorTls } from './tls.js'
import type { Storage } from './storage.js'
import type { TakingPart } from './taking.js'
import type { Watching } from './watching.js'

/** `/readyz` and `/metrics` are open to everybody, and each looks at much: so often at most, for all who ask. */
const readyEveryMs = 100
const metricsEveryMs = 250

/** @see [startParts](../hub.ts) */
interface HttpStart extends Start {
  data: Data
  storage: Storage
  checking: Checking
  watching: Watching
  taking: TakingPart
  answering: Answering
  operating: Operating
  signing: Signing
  queues: Queues
  agencies: Awaited<ReturnType<typeof startAgencies>>
  shares: DescriptorShares
  /** Absent: plain HTTP. */
  tls: DoorTls | undefined
  /** The operators' key of the demo, where this is one. */
  demoKey: string | undefined
  /** True once everything runs. */
  begun: () => boolean
}

/** The server; `hub.ts` makes it listen. */
export async function buildHttpDoor(start: HttpStart) {
  const { config, log, life, data, storage, checking, watching, taking, answering, operating } = start
  const { queues, agencies: ways, shares, tls, begun } = start
  const { ledger } = storage
  const { partners, overload, mailbox, rates } = taking
  const { agencies, traffic, reload } = ways
  const { routing } = data
  const authenticate = createAuthenticate({
    partners,
    tokens: createAccessTokens({
      keyFile: config.tokens.keyFile ?? join(config.dataDir, 'token-keys.json'),
      seconds: Math.round(config.tokens.minutes * 60),
    }),
  })
  const people = await startPeople(start)
  const atOnce = mostQuestionsAtOnce[config.databaseUrl === undefined ? 'sqlite' : 'postgres']
  const persons = config.operators.maskPersons
    ? createPersonsHidden({ ledger, fields: () => storedPersonFields(config.familiesDir) })
    : undefined

  async function takeOut(partnerId: string, receiptIds: readonly string[]): Promise<string[]> {
    const done = await ledger.acknowledgeAll(partnerId, receiptIds, new Date())
    for (const receiptId of watching.tracing ? done : []) {
      const known = await ledger.getReceipt(receiptId)
      if (known) watching.observe.acknowledged({ receiptId, partnerId, messageId: known.receipt.messageId })
    }
    return done
  }

  const door = await createHttpDoor(
    {
      accept: taking.accept,
      validate: taking.accept.validate,
      ...taking.sendersForm,
      authenticate: authenticate.partner,
      tokenFor: authenticate.token,
      partnersChanged: partners.onChange,
      message: ledger.getMessage,
      messages: createFindMessages({ ledger, routing }),
      content: storage.content,
      forwarded: storage.forwarded,
      acknowledgement: ledger.getAcknowledgement,
      waitForReceipts: mailbox.wait,
      receiptsAfter: ledger.receiptsAfter,
      lastReceipt: ledger.lastReceipt,
      nextReceipt: mailbox.nextReceipt,
      undelivered: ledger.undelivered,
      receipt: ledger.getReceipt,
      receiptBody: ledger.receiptBody,
      receiptAttachment: ledger.receiptAttachment,
      acknowledge: takeOut,
      ...createCatalogueView(
        routing,
        createSampleOrder({
          split: (sample) => split(sample, { maxBytes: config.maxBytes }),
          inspect: checking.checker.inspect,
          routing,
        }),
      ),
      ...createAskQuery({
        accept: taking.accept,
        validate: taking.accept.validate,
        book: data.queries,
        routing,
        ledger,
        acknowledge: async (partnerId, receiptId) => (await takeOut(partnerId, [receiptId])).length > 0,
        nextReceipt: mailbox.nextReceipt,
        mode: agencies.answersQueries,
        answerHere: answering.answerHere,
        answeredHere: answering.answeredHere,
        refuseIfFull: overload.check,
      }),
      questionsInTurn: {
        atOnce: (waitedMs) => questionsAtOnce(taking.filingsUnderWay(), waitedMs, atOnce),
        patienceMs: questionPatienceMs,
        onChange: taking.onFilingsTaken,
      },
      ...operating.subscriptions,
      ...operating.filingGrants,
      ...operating.agentGrants,
      agencyMaySpeak: (agency, headers) => routing.agencies.has(agency) && agencies.maySpeak(agency, headers),
      takeReply: answering.takeReply,
      ...people,
      persons,
      actingAs: storage.actingAs,
      agenciesOf: createAgenciesOf(ledger),
      partners: ledger.listPartners,
      status: async () => {
        const refusal = overload.refusal()?.text
        const [counts, standstill] = await Promise.all([ledger.counts(), standstillOf(queues.redis)])
        return {
          ...counts,
          fleet: storage.leases.view(),
          ...(refusal ? { refusal } : {}),
          ...(standstill ? { standstill } : {}),
        }
      },
      queues: queues.counts,
      notices: ledger.notices,
      needsAttention: ledger.needsAttention,
      orphans: ledger.orphans,
      heldAnswers: ledger.heldAnswers,
      sharedKeys: ledger.sharedKeys,
      audits: async (...asked) =>
        (await ledger.audits(...asked)).map(({ n = 0, at, detail = {}, ...rest }) => ({
          ...rest,
          n,
          at: at.toISOString(),
          detail: detail as AuditView['detail'],
        })),
      questionsAsked: async (which) =>
        (await ledger.questionsAsked(which)).map(({ documentType, askedAt, answer: _, criteria, ...question }) => ({
          ...question,
          query: documentType,
          at: askedAt.toISOString(),
          criteria: { ...criteria },
        })),
      mailboxes: ledger.mailboxFacts,
      findByNumber: createFindByNumber({ ledger, documents: routing.documents, agencies: data.agencyCodes }),
      evidence: operating.evidence,
      ...operating.operator,
      ...createAgencyVerbs({ ledger, traffic, connector: agencies.connector, reload, log }),
      backup: createBackup({ ledger, dataDir: config.dataDir, minFreeMegabytes: config.minFreeMegabytes, log }),
      retention: storage.retention,
      keeping: createKeeping({ ledger, resealing: storage.resealing }),
      signers: start.signing.signers.views,
      signAgent: start.signing.signers.agent,
      receiptSigner: start.signing.receipts,
      signInFailed: operating.signIns.failed,
      callRefused: operating.signIns.refused,
      wrongKeys: createWrongKeys({
        redis: queues.redis,
        prefix: queues.prefix,
        rememberMs,
        lookEveryMs,
        longestWaitMs,
      }),
      health: () => ({ alive: true }),
      readiness: sharedLook(
        createReadiness({
          begun,
          ledger: ledger.ping,
          checker: async () => void (await checking.checker.inspect(Buffer.from('<ready/>'))),
          async redis() {
            const { ok, detail } = await checkRedis(queues.redis)
            if (!ok) throw new Error(detail)
          },
          disks: overload.disks,
          intake: overload.refusal,
        }),
        readyEveryMs,
      ),
      metrics: sharedLook(watching.metrics.read, metricsEveryMs),
      log,
      memory: checking.memory,
      rates,
      limits: {
        maxBytes: config.maxBytes,
        connections: { most: shares.http, strangersPerAddress: shares.httpStrangersPerAddress },
      },
      tls: tls && {
        certificate: tls.current(),
        asksCertificate: config.tls?.clientCertificates === 'ask',
        clientAuthorities: tls.clientCa(),
        hstsSeconds: config.tls?.hstsSeconds ?? 0,
        failed: watching.metrics.handshakeFailed,
      },
      behindTls: config.http.plain,
      trustedProxies: config.http.trustedProxies,
      clientAuthorities: tls?.clientAuthorities,
      version: packageVersion,
    },
    async (app, guard, stillIn) => {
      const { overview } = operating
      await mountBoard(app, queues.bullQueues(), guard, boardPage)
      await mountPage(app, {
        dir: folders.page,
        overview,
        names: namesOf(routing),
        tail: watching.tail,
        shown: async (event) => persons?.answer(event) ?? event,
        guard,
        stillIn,
        policy: ownPage,
      })
    },
  )
  tls?.onRenewed(door.renewCertificate)
  // Closed late: agencies answer, and receipts are fetched, while work under way ends.
  return life.started(door, (d) => d.close())
}
