// audit — what people did, as it is read.
import { Type, type Static } from 'typebox'
import * as field from './fields.js'

/** Who did what, and why. */
export const AuditView = Type.Object(
  {
    n: Type.Integer({ description: 'Its place in the audit', examples: [17] }),
    at: field.Moment('When'),
    who: field.Text('The operator, or `hub`', 'ops'),
    action: field.Text('What was done', 'agency.pause'),
    target: field.Text('To which submission, reply, receipt, partner or agency', 'gacc'),
    why: field.Text('The reason that was given', 'maintenance at the agency'),
    detail: Type.Record(Type.String(), field.PlainFact, {
      description: 'Further facts of the act; they depend on `action`',
      examples: [{ decision: 'taken' }],
    }),
  },
  { title: 'AuditEntry', description: 'Who did what, and why 操作记录' },
)
export type AuditView = Static<typeof AuditView>
/** Further facts of an act; what is undefined is not kept. */
export type AuditDetail = Record<string, AuditView['detail'][string] | undefined>

/** What people did, the newest first; the answer to `GET /ops/audit`. */
export const AuditPage = Type.Object(
  { audit: Type.Array(AuditView) },
  { title: 'AuditPage', description: 'What people did, the newest first' },
)
export type AuditPage = Static<typeof AuditPage>
