// parts — what the HTTP door is given. It knows nothing else of the hub: every verb and every look-up comes in by name.
// Each group of them has a file in the folder beside this one.
import type { MemoryBudget } from '../../../messages/memory-budget.js'
import type { Rates } from '../../../messages/rates.js'
import type { SignBytes } from '../../../messages/sign-bytes.js'
import type * as view from '../../../messages/views/index.js'
import type { ConnectionLimits } from './connections.js'
import type { Authorities } from './credentials.js'
import type { AgencyOpsParts, AgencyParts } from './parts/agencies.js'
import type { AnswerOpsParts } from './parts/answers.js'
import type { CallerParts } from './parts/callers.js'
import type { CatalogueParts } from './parts/catalogue.js'
import type { AgentGrantParts, FilingGrantParts } from './parts/grants.js'
import type { KeepingParts } from './parts/keeping.js'
import type { MessageOpsParts, MessageParts } from './parts/messages.js'
import type { OperatorsParts } from './parts/operators.js'
import type { OverviewParts } from './parts/overview.js'
import type { PartnersParts } from './parts/partners.js'
import type { QueriesParts } from './parts/queries.js'
import type { ReceiptParts } from './parts/receipts.js'
import type { SignInParts } from './parts/sign-in.js'
import type { SigningParts } from './parts/signing.js'
import type { SubmissionOpsParts } from './parts/submissions.js'
import type { SubscriptionParts } from './parts/subscriptions.js'
import type { PersonsParts } from './persons-door.js'
import type { TlsSetting } from './tls-server.js'

/** @see [buildHttpDoor](../../../hub/boot/http.ts) */
export interface HttpDoorParts
  extends
    CallerParts,
    MessageParts,
    MessageOpsParts,
    ReceiptParts,
    QueriesParts,
    SubscriptionParts,
    FilingGrantParts,
    AgentGrantParts,
    CatalogueParts,
    AgencyParts,
    AgencyOpsParts,
    PartnersParts,
    SubmissionOpsParts,
    AnswerOpsParts,
    KeepingParts,
    OverviewParts,
    OperatorsParts,
    SigningParts,
    PersonsParts {
  signIn: SignInParts
  /** Signs receipts as the hub; absent: it does not. */
  receiptSigner?: { jws: SignBytes; keys(): view.ReceiptKey[] } | undefined
  health: () => view.AliveView
  /** @see [createReadiness](../../../monitoring/health.ts) */
  readiness: () => Promise<view.Readiness>
  /** @see [createMetrics](../../../monitoring/metrics.ts) */
  metrics: () => Promise<{ contentType: string; text: string }>
  log: { error(ids: object, event: string): void; warn(ids: object, event: string): void }
  /** Where room in memory comes from for what partners send, and for what agencies post back. */
  memory: { partners: MemoryBudget; agencies: MemoryBudget }
  /** How much a partner may ask and send in a second. */
  rates: Pick<Rates, 'call' | 'left'>
  limits: { maxBytes: number; requestSeconds?: number; connections: ConnectionLimits }
  /** Absent: plain HTTP. `hstsSeconds`: how long a browser is told to come back by TLS only; 0: it is not told. */
  tls?: (TlsSetting & { hstsSeconds: number }) | undefined
  /** A load balancer in front speaks TLS: browsers keep secure cookies. */
  behindTls?: boolean | undefined
  /** Addresses and ranges of the proxies whose X-Forwarded-For is believed. None: the caller is who connects. */
  trustedProxies?: readonly string[] | undefined
  /** Whose clients may be known by their certificate's subject. */
  clientAuthorities?: Authorities | undefined
  version: string
}
