// operating — what people may do, and what they see: operators' verbs, partners' subscriptions and secrets, the
// monitor's overview.
import { webhookReach } from '../../adapters/channels/webhook/settings.js'
import { createTimeStampAuthority } from '../../adapters/trust/time-stamp/authority.js'
import { createOverview } from '../../monitoring/overview.js'
import { standstillOf } from '../../queues/health.js'
import type { Queues } from '../../queues/queues.js'
import type { Agencies } from '../agencies/agencies.js'
import type { Traffic } from '../agencies/traffic.js'
import { folders } from '../config/folders.js'
import { createSignIns } from '../doors/sign-ins.js'
import { createWebhooks, webhookKey } from '../doors/webhooks.js'
import { createEvidence } from '../operate/evidence/evidence.js'
import { evidenceKey } from '../operate/evidence-key.js'
import { createOperator } from '../operate/operator.js'
import { createAgentGrants } from '../operate/agent-grants.js'
import { createFilingGrants } from '../operate/filing-grants.js'
import { startProofHeads } from '../operate/proof-heads.js'
import { startReceiptKeyChanges } from '../operate/receipt-key-changes.js'
import { createPartnerSecrets } from '../operate/partner-secrets.js'
import { createSubscriptions } from '../operate/subscriptions.js'
import { createTellPartner } from '../steps/submit/tell-partner.js'
import { listCertificates, watchCertificates } from './certificates.js'
import type { Data } from './data.js'
import type { Start } from './start.js'
import type { Signing } from './signing.js'
import type { Storage } from './storage.js'
import type { TakingPart } from './taking.js'
import { certificateBinding, type DoorTls } from './tls.js'
import type { Watching } from './watching.js'

/** @see [startParts](../hub.ts) */
interface OperatingStart extends Start {
  data: Data
  storage: Storage
  watching: Watching
  taking: TakingPart
  queues: Pick<Queues, 'offerSubmission' | 'redis'>
  traffic: Traffic
  /** How each agency is reached, now. */
  agencies: Pick<Agencies, 'certificates'>
  tls: DoorTls | undefined
  signing: Pick<Signing, 'signers' | 'receipts'>
  /** Brings the file doors in line with the partners as they are now. */
  refreshDoors: () => Promise<void>
  /**
   * A sweep now rather than at its time.
   * @see [startWorking](./working.ts)
   */
  sweepSoon: () => void
}

export type Operating = ReturnType<typeof startOperating>

/** What `/ops` and the monitor ask. */
export function startOperating(start: OperatingStart) {
  const { config, env, log, version, data, storage, watching, taking, queues, traffic } = start
  const { ledger } = storage
  const { partners } = taking
  // In the demo the partner sits at this machine.
  const reach = webhookReach(config.webhooks, config.demo)
  const key = webhookKey(config.dataDir, env)
  const webhooks = createWebhooks({
    ...{ ledger, key, reach, log },
    signer: start.signing.receipts,
    changed: partners.forget,
  })
  const subscriptions = createSubscriptions({ ledger, routing: data.routing, most: config.mostSubscriptions })
  const filingGrants = createFilingGrants({ ledger, routing: data.routing, log })
  const agentGrants = createAgentGrants({ ledger, routing: data.routing, log })
  const partnerSecrets = createPartnerSecrets({
    setting: config.partnerSecrets,
    dataDir: config.dataDir,
    others: config,
    env,
  })
  const operator = createOperator({
    secretFaults: partnerSecrets.faults,
    certificateBinding: (pem, by) => certificateBinding(pem, by, start.tls?.clientAuthorities() ?? []),
    ledger,
    partner: partners.byId,
    subscriptions,
    webhooks,
    expects: data.expects,
    offer: queues.offerSubmission,
    givenUp: createTellPartner({ partner: partners.byId, now: () => new Date() }).givenUp,
    log,
    async partnersChanged() {
      partners.forget()
      await start.refreshDoors()
    },
    settleSoon: start.sweepSoon,
  })
  const agencyNamed = (code: string) => data.routing.agencies.get(code)
  const certificates = listCertificates({ ...start, ledger, signers: start.signing.signers })
  start.life.started(watchCertificates({ list: certificates, log }), (watch) => watch.stop())
  const overview = createOverview({
    version,
    series: watching.series,
    counts: ledger.counts,
    partners: ledger.partnerFacts,
    agencies: data.agencyCodes.map((code) => agencyNamed(code)!),
    title: (code) => agencyNamed(code)?.title,
    gate: traffic.gateOf,
    failingAt: traffic.failingAt,
    standstill: () => standstillOf(queues.redis),
    refusal: () => taking.overload.refusal()?.text,
    certificates,
    signers: start.signing.signers.views,
    fleet: storage.leases.view,
  })
  const signIns = createSignIns({ audit: ledger.audit, counted: watching.metrics.signInFailed, log })
  const { proof, leases } = storage
  leases.want('heads')
  const heads = start.life.started(
    startProofHeads({
      proof,
      key: evidenceKey(config.dataDir),
      authority: config.proof && createTimeStampAuthority(config.proof.timeStamp),
      alone: (look) => leases.under('heads', look),
      log,
    }),
    (h) => h.stop(),
  )
  const { receipts } = start.signing
  if (receipts) start.life.started(startReceiptKeyChanges({ keys: receipts.keys, ledger, log }), (one) => one.stop())
  const evidence = createEvidence({ ledger, proof, content: storage.content, heads, root: folders.root, version })
  return {
    evidence,
    webhooks,
    subscriptions,
    filingGrants,
    agentGrants,
    partnerSecrets,
    operator,
    overview,
    certificates,
    signIns,
  }
}
