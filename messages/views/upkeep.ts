// upkeep — is the hub well, its copies, how long bytes are kept, and what a look over a machine finds.
import { Type, type Static } from 'typebox'
import { described } from '../described.js'
import * as field from './fields.js'

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

export const Retention = Type.Object(
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
export type Retention = Static<typeof Retention>

export const Walked = Type.Object(
  {
    startedAt: field.Moment('When it began'),
    seconds: field.Seconds('How long it took', 0.4),
    letGo: field.Count('Messages whose bytes are gone from the ledger', 120),
    size: field.Bytes('Bytes of these messages as received', 744_000),
    open: field.Count(
      'Messages beyond their days that are kept all the same: dead, unclear, held, or a receipt is owed',
    ),
  },
  { title: 'RetentionWalk', description: 'What one walk let go of' },
)
export type Walked = Static<typeof Walked>

export const RetentionView = Type.Object(
  {
    rules: Type.Optional(described(Retention, 'How long bytes are kept; absent: for good')),
    running: field.Flag('A walk is under way'),
    last: Type.Optional(Walked),
    trouble: Type.Optional(field.Text('Why the last walk was cut short', 'the archive cannot be written')),
  },
  { title: 'Retention', description: 'How long bytes are kept, and what the last walk did 保存期限' },
)
export type RetentionView = Static<typeof RetentionView>

export const Check = Type.Object(
  {
    name: field.Text('What was looked at', 'ledger'),
    ok: field.Flag('It is well', true),
    needed: field.Flag('Without it the hub is not ready', true),
    detail: Type.Optional(field.Text('What is wrong', 'no answer within 3000 ms')),
    ms: Type.Number({ description: 'How long the look took', examples: [0.8] }),
  },
  { title: 'Check', description: 'One part, and whether it is well' },
)
export type Check = Static<typeof Check>

export const Readiness = Type.Object(
  {
    ready: field.Flag('A message sent now would be taken', true),
    status: Type.Enum(['ready', 'degraded', 'unready'], { description: '`degraded`: messages are taken all the same' }),
    checks: Type.Array(Check),
  },
  { title: 'Readiness', description: 'Is it ready?' },
)
export type Readiness = Static<typeof Readiness>

export const Alive = Type.Object({ alive: field.Flag('It runs', true) }, { title: 'Alive', description: 'It runs' })
export type Alive = Static<typeof Alive>

/** One finding of `hub doctor`. */
export const Finding = Type.Object(
  {
    what: field.Text('What was looked at', 'data folder'),
    ok: field.Flag('It is well', true),
    detail: field.Text('What was seen', './data, 52000 MB free'),
    remedy: Type.Optional(field.Text('What to do', 'make it writable, with some room')),
  },
  { title: 'Finding', description: 'One finding of a look over the machine 自检' },
)
export type Finding = Static<typeof Finding>

export const FindingList = Type.Object(
  { findings: Type.Array(Finding) },
  { title: 'FindingList', description: 'What `hub doctor` found' },
)
export type FindingList = Static<typeof FindingList>

export const ReplyKept = Type.Object(
  { replyId: field.ReplyId },
  { title: 'ReplyKept', description: 'An answer of an agency that is on disk' },
)
