// status — what waits where: counts of the ledger by agency, and the jobs in Redis.
import { Type, type Static } from 'typebox'
import { described } from '../described.js'
import { Bilingual } from '../text.js'
import * as field from './fields.js'

/** Submissions of one agency, by state. */
export const AgencyCounts = Type.Object(
  {
    agency: field.AgencyCode,
    queued: field.Count('Waiting to be sent'),
    held: field.Count('Changes whose originals were refused'),
    submitting: field.Count('Under way'),
    submitted: field.Count('Taken by it', 12),
    unclear: field.Count('Sent, no answer received'),
    dead: field.Count('Given up'),
    dropped: field.Count('Dead letters that a person has closed'),
    oldestQueuedAt: Type.Optional(field.Moment('When the oldest was accepted')),
  },
  { title: 'AgencyCounts', description: 'Submissions of one agency, by state' },
)
export type AgencyCounts = Static<typeof AgencyCounts>

const counts = {
  messages: field.Count('Messages in the ledger', 12),
  refused: field.Count('Of them refused'),
  receiptsOwed: field.Count('Receipts still to be returned'),
  orphans: field.Count('Answers that belong to no submission'),
  overdue: field.Count('Late answers'),
  heldAnswers: field.Count('Answers whose submission is not known yet'),
  oldestHeldAnswerAt: Type.Optional(field.Moment('When the oldest of them came')),
  sharedKeys: field.Count('Numbers that two partners use at one agency at the same time'),
  agencies: Type.Array(AgencyCounts),
}

/** Counts of the ledger. */
export const LedgerCounts = Type.Object(counts, { title: 'LedgerCounts', description: 'Counts of the ledger' })
export type LedgerCounts = Static<typeof LedgerCounts>

/** One of the hubs that share a ledger. */
const HubLine = Type.Object(
  {
    process: field.Text('Host, process number and a random part', 'hub-1:4711:a1b2c3'),
    version: field.Text('Of the hub', '0.1.0'),
    roles: Type.Array(Type.String(), { description: 'What it does', examples: [['doors', 'workers']] }),
    startedAt: field.Moment('When it began'),
    seenAt: field.Moment('Last sign of life'),
  },
  { title: 'HubLine', description: 'A running hub' },
)
/** A task that only one hub does. */
const LeaseLine = Type.Object(
  {
    name: field.Text('A task that only one hub does', 'sweep'),
    holder: Type.Optional(field.Text('The hub that does it; absent: none', 'hub-1:4711:a1b2c3')),
    token: Type.Integer({ description: 'Grows each time another hub takes it', examples: [3] }),
    takenAt: field.Moment('Since when'),
    until: field.Moment('When it expires, unless renewed'),
  },
  { title: 'LeaseLine', description: 'A task that only one hub does' },
)
/** The hubs that share the ledger, and the tasks that only one of them does. */
export const HubsView = Type.Object(
  {
    self: field.Text('The hub that answers', 'hub-1:4711:a1b2c3'),
    shared: field.Flag('Other hubs can share the ledger'),
    hubs: Type.Array(HubLine),
    leases: Type.Array(LeaseLine, { description: 'Empty where only one hub uses the ledger' }),
  },
  { title: 'HubsView', description: 'The hubs that share the ledger, and the tasks that only one of them does' },
)
export type HubsView = Static<typeof HubsView>

/** State of the hub; the answer to `GET /ops/status`. */
export const Status = Type.Object(
  {
    ...counts,
    fleet: HubsView,
    refusal: Type.Optional(described(Bilingual, 'Why the hub accepts no new work, while that is so')),
    standstill: Type.Optional(described(Bilingual, 'Why nothing is sent to any agency, while that is so')),
  },
  { title: 'Status', description: 'State of the hub 运行状态' },
)
export type Status = Static<typeof Status>

/** How full one queue is. */
export const QueueCounts = Type.Object(
  {
    queue: field.Text('An agency code, `questions` or `returns`', 'gacc'),
    waiting: field.Count('Jobs that wait, including held ones'),
    active: field.Count('Jobs under way'),
    delayed: field.Count('Jobs that are due later'),
    paused: field.Flag('It is held'),
  },
  { title: 'QueueCounts', description: 'Jobs of one queue' },
)
export type QueueCounts = Static<typeof QueueCounts>

/** Jobs in the queues, as Redis has them; the answer to `GET /ops/queues`. */
export const QueuesView = Type.Object(
  {
    reachable: field.Flag('Redis answers. The ledger has everything in any case', true),
    queues: Type.Array(QueueCounts),
  },
  { title: 'Queues', description: 'Jobs in the queues 队列, as Redis has them' },
)
export type QueuesView = Static<typeof QueuesView>
