// status — what waits where: counts of the ledger by agency, and the jobs in Redis.
import { Type, type Static } from 'typebox'
import { described } from '../described.js'
import { Bilingual } from '../text.js'
import * as field from './fields.js'

export const AgencyCounts = Type.Object(
  {
    agency: field.AgencyCode,
    queued: field.Count('Owed to it'),
    held: field.Count('Changes whose originals were refused'),
    submitting: field.Count('Under way'),
    submitted: field.Count('Taken by it', 12),
    unclear: field.Count('Sent, no answer seen'),
    dead: field.Count('Given up'),
    dropped: field.Count('Dead letters that a person has closed'),
    oldestQueuedAt: Type.Optional(field.Moment('Since when the oldest waits')),
  },
  { title: 'AgencyCounts', description: 'Submissions of one agency, by how they stand' },
)
export type AgencyCounts = Static<typeof AgencyCounts>

const counts = {
  messages: field.Count('Messages in the ledger', 12),
  refused: field.Count('Of them refused'),
  receiptsOwed: field.Count('Receipts still to be returned'),
  orphans: field.Count('Answers that speak of no submission'),
  overdue: field.Count('Answers that are late'),
  heldAnswers: field.Count('Answers that wait until it is known whether they are of ours'),
  oldestHeldAnswerAt: Type.Optional(field.Moment('Since when the oldest of them waits')),
  sharedKeys: field.Count('Numbers two partners have under way at one agency'),
  agencies: Type.Array(AgencyCounts),
}

export const LedgerCounts = Type.Object(counts, { title: 'LedgerCounts', description: 'Counts of the ledger' })
export type LedgerCounts = Static<typeof LedgerCounts>

/** One of the hubs that share a ledger. */
export const HubLine = Type.Object(
  {
    process: field.Text('Host, process number, and a part by chance', 'hub-1:4711:a1b2c3'),
    version: field.Text('Of the hub', '0.1.0'),
    roles: Type.Array(Type.String(), { description: 'What it does', examples: [['doors', 'workers']] }),
    startedAt: field.Moment('When it began'),
    seenAt: field.Moment('When it said last that it lives'),
  },
  { title: 'HubLine', description: 'A hub that lives' },
)
export const LeaseLine = Type.Object(
  {
    name: field.Text('What one hub alone does', 'sweep'),
    holder: Type.Optional(field.Text('Which hub does it; absent: none', 'hub-1:4711:a1b2c3')),
    token: Type.Integer({ description: 'Grows each time it passes to another', examples: [3] }),
    takenAt: field.Moment('Since when'),
    until: field.Moment('Until when, if it is not prolonged'),
  },
  { title: 'LeaseLine', description: 'What one hub alone does' },
)
export const HubsView = Type.Object(
  {
    self: field.Text('The hub that answers', 'hub-1:4711:a1b2c3'),
    shared: field.Flag('Other hubs can work by the same ledger'),
    hubs: Type.Array(HubLine),
    leases: Type.Array(LeaseLine, { description: 'None where the ledger is one hub’s own' }),
  },
  { title: 'HubsView', description: 'The hubs that share the ledger, and who alone does what' },
)
export type HubsView = Static<typeof HubsView>

export const Status = Type.Object(
  {
    ...counts,
    fleet: HubsView,
    refusal: Type.Optional(described(Bilingual, 'Why new work is turned away, while it is')),
  },
  { title: 'Status', description: 'What waits where 运行状态' },
)
export type Status = Static<typeof Status>

/** How full one queue is. */
export const QueueCounts = Type.Object(
  {
    queue: field.Text('An agency code, `questions` or `returns`', 'gacc'),
    waiting: field.Count('Jobs that wait, held ones too'),
    active: field.Count('Jobs under way'),
    delayed: field.Count('Jobs that are due later'),
    paused: field.Flag('It is held'),
  },
  { title: 'QueueCounts', description: 'Jobs of one queue' },
)
export type QueueCounts = Static<typeof QueueCounts>

export const QueuesView = Type.Object(
  {
    reachable: field.Flag('Redis answers; the ledger has everything all the same', true),
    queues: Type.Array(QueueCounts),
  },
  { title: 'Queues', description: 'Jobs in the queues 队列, as Redis has them' },
)
export type QueuesView = Static<typeof QueuesView>
