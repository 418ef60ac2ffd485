// upkeep — the health of the hub, its copies, how long bytes are kept, and what a check of a machine finds.
import { Type, type Static } from 'typebox'
import { described } from '../described.js'
import * as field from './fields.js'

/** A copy of the ledger; the answer to `POST /ops/backup`. */
export const BackupMade = Type.Object(
  {
    file: field.Text('On the machine of the hub', '/var/lib/hub/backups/ledger-20261128T120752Z.db'),
    size: field.Bytes('Bytes', 1_048_576),
    seconds: field.Seconds('How long it took', 1.2),
  },
  { title: 'BackupMade', description: 'A copy of the ledger 备份' },
)
export type BackupMade = Static<typeof BackupMade>

const days = (description: string, zh: string) => Type.Number({ minimum: 1, maximum: 36_500, description, zh })

/** The setting `retention` of hub.yaml. */
export const RetentionSetting = Type.Object(
  {
    days: Type.Optional(
      days('Days the bytes of a message are kept after the newest news of it. Absent: for good', '报文保存天数'),
    ),
    refusedDays: Type.Optional(
      days('The same for messages the hub has refused. Absent: 14, or `days` where that is less', '退单报文保存天数'),
    ),
    queryDays: Type.Optional(
      days('The same for queries and their answers. Absent: 7, or `days` where that is less', '查询保存天数'),
    ),
    operationDays: Type.Optional(
      Type.Record(
        Type.String({ pattern: '^\\d+(\\.\\d+){0,4}$' }),
        days('Other days for one operation', '该业务的保存天数'),
        {
          description: 'Catalogue code, or the beginning of one → other days: `{ "10.1": 400 }`',
          zh: '业务代码 → 保存天数',
        },
      ),
    ),
    archive: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'Folder the bytes go to then; it must be there. Absent: they are deleted',
        zh: '归档目录',
      }),
    ),
  },
  { additionalProperties: false },
)
export type RetentionSetting = Static<typeof RetentionSetting>

/** The result of one run; the answer to `POST /ops/retention/walk`. */
export const RetentionWalk = Type.Object(
  {
    startedAt: field.Moment('When it began'),
    seconds: field.Seconds('How long it took', 0.4),
    letGo: field.Count('Messages whose bytes are gone from the ledger', 120),
    size: field.Bytes('Bytes of these messages as received', 744_000),
    open: field.Count('Expired messages that are still kept: dead, unclear, held, or with a receipt to return'),
    held: field.Count('Expired messages that a legal hold keeps', 0),
  },
  { title: 'RetentionWalk', description: 'The result of one run' },
)
export type RetentionWalk = Static<typeof RetentionWalk>

/** How long bytes are kept, and the result of the last run; the answer to `GET /ops/retention`. */
export const RetentionView = Type.Object(
  {
    rules: Type.Optional(described(RetentionSetting, 'How long bytes are kept; absent: for good')),
    running: field.Flag('A run is in progress'),
    last: Type.Optional(RetentionWalk),
    trouble: Type.Optional(field.Text('Why the last run stopped early', 'the archive cannot be written')),
  },
  { title: 'Retention', description: 'How long bytes are kept, and the result of the last run 保存期限' },
)
export type RetentionView = Static<typeof RetentionView>

/** A key the ledger’s bytes are encrypted with. */
export const DataKeyView = Type.Object(
  {
    id: field.Text('Of the data key; not the key itself', '9f2c0c1d6a5b4e3f'),
    cipher: field.Text('What bytes are encrypted with', 'aes-256-gcm'),
    master: field.Text('Fingerprint of the master key that encrypts it', '1b4f0e9851971998'),
    madeAt: field.Moment('When it was made'),
    current: field.Flag('New bytes are encrypted with it', true),
  },
  { title: 'DataKey', description: 'A key the ledger’s bytes are encrypted with 数据密钥' },
)
export type DataKeyView = Static<typeof DataKeyView>

/** Progress of encrypting old bytes with the newest key. */
export const Resealing = Type.Object(
  {
    running: field.Flag('Bytes are being encrypted again now'),
    looked: field.Count('Pieces that were checked', 5_210),
    resealed: field.Count('Pieces of them that were encrypted again', 4_800),
    startedAt: Type.Optional(field.Moment('Start of the latest run')),
    endedAt: Type.Optional(field.Moment('End of the latest run')),
    trouble: Type.Optional(field.Text('Why it stopped early', 'the ledger cannot be written')),
  },
  { title: 'Resealing', description: 'Progress of encrypting old bytes with the newest key 重新加密进度' },
)
export type Resealing = Static<typeof Resealing>

/** Encryption at rest; the answer to `GET /ops/keys`, `POST /ops/keys/rotate` and `POST /ops/keys/reseal`. */
export const KeysView = Type.Object(
  {
    encrypted: field.Flag('New bytes are encrypted with it', true),
    keys: Type.Array(DataKeyView),
    resealing: Resealing,
  },
  { title: 'Keys', description: 'Encryption at rest 静态加密' },
)
export type KeysView = Static<typeof KeysView>

/** What a new legal hold says: the body of `POST /ops/holds`. */
export const LegalHoldTerms = Type.Object(
  {
    kind: Type.Enum(['message', 'partner', 'company'], {
      description: '`company`: all messages that name it as their filer, and all of the partners it is registered for',
    }),
    value: Type.String({ minLength: 1, maxLength: 64, description: 'The id, or the company’s code' }),
    until: Type.Optional(Type.String({ format: 'date-time', description: 'When it ends by itself' })),
    why: Type.String({ minLength: 1, maxLength: 500, description: 'Kept in the audit' }),
  },
  { additionalProperties: false },
)

/** A legal hold: these bytes are kept in any case; the answer to `POST /ops/holds`. */
export const LegalHoldView = Type.Object(
  {
    n: field.Count('Its number', 3),
    kind: Type.Enum(['message', 'partner', 'company'], { description: 'What is held' }),
    value: field.Text('The id, or the company’s code', 'msg_01KB5'),
    until: Type.Optional(field.Moment('When it ends by itself')),
    why: field.Text('Why', '稽查案件'),
    who: field.Text('Who added it', 'anna'),
    at: field.Moment('When'),
    released: Type.Optional(
      Type.Object(
        {
          at: field.Moment('When it was released'),
          who: field.Text('By whom', 'anna'),
          why: field.Text('Why', '案件结束'),
        },
        { description: 'Absent while it is in force' },
      ),
    ),
  },
  { title: 'LegalHold', description: 'A legal hold: these bytes are kept in any case 法务保全' },
)
export type LegalHoldView = Static<typeof LegalHoldView>

/** A legal hold that has ended; the answer to `POST /ops/holds/:n/release`. */
export const LegalHoldReleased = Type.Object(
  { n: field.Count('Its number', 3), released: field.Flag('It has ended', true) },
  { title: 'HoldReleased' },
)
export type LegalHoldReleased = Static<typeof LegalHoldReleased>

/** Legal holds, also those that were released; the answer to `GET /ops/holds`. */
export const LegalHoldList = Type.Object({ holds: Type.Array(LegalHoldView) }, { title: 'LegalHolds' })
export type LegalHoldList = Static<typeof LegalHoldList>

/** One part, and whether it is well. */
export const ReadinessCheck = Type.Object(
  {
    name: field.Text('What was looked at', 'ledger'),
    ok: field.Flag('It is well', true),
    needed: field.Flag('Without it the hub is not ready', true),
    detail: Type.Optional(field.Text('What is wrong', 'no answer within 3000 ms')),
    ms: Type.Number({ description: 'How long the look took', examples: [0.8] }),
  },
  { title: 'Check', description: 'One part, and whether it is well' },
)
export type ReadinessCheck = Static<typeof ReadinessCheck>

/** Would a message sent now be taken? `/readyz`. */
export const Readiness = Type.Object(
  {
    ready: field.Flag('A message sent now would be taken', true),
    status: Type.Enum(['ready', 'degraded', 'unready'], { description: '`degraded`: messages are taken all the same' }),
    checks: Type.Array(ReadinessCheck),
  },
  { title: 'Readiness', description: 'Is it ready?' },
)
export type Readiness = Static<typeof Readiness>

/** The process runs: `/healthz`. */
export const AliveView = Type.Object({ alive: field.Flag('It runs', true) }, { title: 'Alive', description: 'It runs' })
export type AliveView = Static<typeof AliveView>

/** One finding of `hub doctor`. */
export const DoctorFinding = Type.Object(
  {
    what: field.Text('What was looked at', 'data folder'),
    ok: field.Flag('It is well', true),
    detail: field.Text('What happened', './data, 52000 MB free'),
    remedy: Type.Optional(field.Text('What to do', 'make it writable, with some room')),
  },
  { title: 'Finding', description: 'One finding of a look over the machine 自检' },
)
export type DoctorFinding = Static<typeof DoctorFinding>

/** An agency's answer that is stored. */
export const ReplyKept = Type.Object(
  { replyId: field.ReplyId },
  { title: 'ReplyKept', description: "An agency's answer that is stored" },
)
