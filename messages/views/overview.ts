// overview — is everything flowing? One look at all agencies, partners and open matters, and the events that pass: what
// the monitor draws.
import { Type, type Static } from 'typebox'
import { described } from '../described.js'
import { Bilingual } from '../text.js'
import { SignerView } from '../signer-view.js'
import { HubsView } from './status.js'
import * as field from './fields.js'

/** What went through in the last six hours, in counts of five minutes. */
export const TrafficCurve = Type.Object(
  {
    points: Type.Array(Type.Integer(), {
      description: 'Counts of five minutes each, the oldest first; the last one is still growing',
      examples: [[0, 3, 12]],
    }),
    perMinute: Type.Number({ description: 'In the last sixty seconds', examples: [2.4] }),
    total: field.Count('In all of the six hours', 15),
  },
  { title: 'Curve', description: 'What went through in the last six hours' },
)
export type TrafficCurve = Static<typeof TrafficCurve>

/** One agency in one line. */
export const AgencyLine = Type.Object(
  {
    agency: field.AgencyCode,
    title: Bilingual,
    queued: field.Count('Waiting to be sent'),
    held: field.Count('Changes whose originals were refused'),
    submitting: field.Count('Under way'),
    unclear: field.Count('Sent, no answer received'),
    dead: field.Count('Given up'),
    oldestSeconds: field.Seconds('Age of the oldest that waits'),
    gate: Type.Enum(['open', 'paused', 'window', 'broken', 'busy', 'unready', 'probing', 'unworked', 'unserved'], {
      description:
        '`open`: work goes out. Anything else says why not; `unready`: our own side cannot reach it (no ' +
        'connector, a missing folder); ' +
        '`unworked`: no process has the role to send; `unserved`: the catalogue names it no more, ' +
        'and what is left of its work goes nowhere',
    }),
    stuck: field.Flag('Work waits and does not move: for too long, or because our own side cannot reach the agency'),
    gateWhy: Type.Optional(field.Text('Why nothing goes out, in the words of whoever holds it', 'maintenance')),
    gateUntil: Type.Optional(field.Moment('Until when, where that is known')),
    failing: Type.Optional(
      Type.Object(
        {
          tries: field.Count('How many'),
          since: field.Moment('The first of them'),
          code: Type.Optional(
            field.Text('The last error; absent for tries of another process', 'HUB_AGENCY_UNAVAILABLE'),
          ),
          detail: Type.Optional(field.Text('The last error in words', 'HTTP 503')),
        },
        { title: 'FailingTries', description: 'The tries of one process that failed since its last good one' },
      ),
    ),
    in: TrafficCurve,
    out: TrafficCurve,
    failed: TrafficCurve,
  },
  { title: 'AgencyLine', description: 'One agency in one line' },
)
export type AgencyLine = Static<typeof AgencyLine>

/** One partner in one line. */
export const PartnerLine = Type.Object(
  {
    partnerId: field.PartnerId,
    name: field.Text('Name of the company', '测试货运代理有限公司'),
    disabled: field.Flag('It is disabled and cannot connect'),
    lastSeen: Type.Optional(field.Moment('When it called last')),
    undelivered: field.Count('Receipts it has not got'),
    accepted: field.Count('Messages taken in the last six hours', 15),
    refused: field.Count('Messages refused in the last six hours'),
  },
  { title: 'PartnerLine', description: 'One partner in one line' },
)
export type PartnerLine = Static<typeof PartnerLine>

/** Is everything flowing? What the monitor draws first. */
export const Overview = Type.Object(
  {
    at: field.Moment('When this was so'),
    startedAt: field.Moment('When the process began'),
    version: field.Text('Of the hub', '0.1.0'),
    health: Type.Enum(['flowing', 'attention', 'stuck'], { description: 'The worst of everything, in one word' }),
    refusal: Type.Optional(described(Bilingual, 'Why the hub accepts no new work, while that is so')),
    standstill: Type.Optional(described(Bilingual, 'Why nothing is sent to any agency, while that is so')),
    certificates: Type.Array(
      Type.Object(
        {
          of: field.Text('`http`: the HTTP door; `signer`, `agency` or `partner` with its name', 'http'),
          subject: field.Text('Whose it is', 'CN=hub.example'),
          validTo: field.Moment('When it ends'),
          daysLeft: Type.Integer({ description: 'Days until then; below zero it has ended', examples: [20] }),
          trouble: Type.Optional(field.Text('Why its new files cannot be used', 'key and certificate do not match')),
        },
        {
          title: 'OwnCertificate',
          description:
            'A certificate of the hub (of its door, of a signer, or one it shows to an agency), or one that a ' +
            'partner signs with',
        },
      ),
      { description: 'Those that end soon, or have ended, or whose new files cannot be used' },
    ),
    signers: Type.Array(SignerView, {
      description: 'The keys that sign for customs: whether each is there, and how long its certificate lasts',
    }),
    attention: Type.Object(
      {
        dead: field.Count('Dead letters'),
        unclear: field.Count('Unclear submissions'),
        held: field.Count('Held changes'),
        overdue: field.Count('Late answers'),
        orphans: field.Count('Answers that belong to no submission'),
        heldAnswers: field.Count('Answers whose submission is not known yet'),
        sharedKeys: field.Count('Numbers that two partners have under way at one agency'),
        undelivered: field.Count('Receipts partners have not got'),
      },
      { description: 'What needs a person' },
    ),
    flow: Type.Object(
      { in: TrafficCurve, refused: TrafficCurve, out: TrafficCurve, receipts: TrafficCurve },
      { description: 'What went through' },
    ),
    agencies: Type.Array(AgencyLine),
    partners: Type.Array(PartnerLine),
    fleet: HubsView,
  },
  { title: 'Overview', description: 'Does everything work? 运行总览' },
)
export type Overview = Static<typeof Overview>

/** One event as it passes. */
export const TailEvent = Type.Object(
  {
    at: field.Moment('When'),
    event: Type.Enum(
      [
        'accepted',
        'refused',
        'duplicate',
        'conflict',
        'submitted',
        'retry',
        'unclear',
        'dead',
        'held',
        'settled',
        'notice',
        'orphan',
        'returned',
        'overdue',
      ],
      { description: 'What happened' },
    ),
    messageId: Type.Optional(described(field.MessageId, 'The message; of a notice the notice, of an orphan the reply')),
    partnerId: Type.Optional(field.PartnerId),
    agency: Type.Optional(field.AgencyCode),
    operation: Type.Optional(field.OperationCode),
    reference: Type.Optional(field.Reference),
    code: Type.Optional(field.ErrorCodeText),
    detail: Type.Optional(field.Text('What happened', 'HTTP 503')),
  },
  { title: 'TailEvent', description: 'One event as it passes' },
)
export type TailEvent = Static<typeof TailEvent>

/** In a flood: how many events were left out. */
export const SkippedEvents = Type.Object(
  { skipped: field.Count('Events that are not shown', 12) },
  { title: 'SkippedEvents', description: 'What a flood left out' },
)
export type SkippedEvents = Static<typeof SkippedEvents>

/** What operations and agencies are called. */
export const NamesView = Type.Object(
  {
    operations: Type.Record(Type.String(), Bilingual, { description: 'By catalogue code' }),
    agencies: Type.Record(Type.String(), Bilingual, { description: 'By code' }),
  },
  { title: 'Names', description: 'What operations and agencies are called' },
)
export type NamesView = Static<typeof NamesView>
