// agency — the state of an agency: open or on hold and why, its breaker, its connector, its maintenance windows; and
// how the hub reads an answer of it.
import { Type, type Static } from 'typebox'
import { days } from '../agency-hold.js'
import * as field from './fields.js'

/** So many failed tries one after the other, while work waits, need a person's eye; one or two may be chance. */
export const failingTries = 3

const BreakerState = Type.Enum(['closed', 'open', 'half-open'], { description: '`open`: nothing is sent' })

const AgencyHoldView = Type.Object(
  {
    reason: Type.Enum(['paused', 'window', 'breaker', 'busy', 'unready'], {
      description: '`busy`: the agency asked the hub to wait. `unready`: the connector cannot reach it',
    }),
    since: field.Moment('Since when'),
    until: Type.Optional(field.Moment('Until when; absent: until somebody ends it')),
    why: field.Text('Why', 'maintenance at the agency'),
  },
  { title: 'Hold', description: 'Why nothing is sent to an agency' },
)

const ProcessView = Type.Object(
  {
    process: field.Text('Host and number of the process', 'hub-1:4711'),
    open: field.Flag('It sends', true),
    holds: Type.Array(AgencyHoldView),
    breaker: Type.Object(
      {
        state: BreakerState,
        since: field.Moment('Since when'),
        until: Type.Optional(field.Moment('When the next probe is due')),
        why: Type.Optional(field.Text('Why it opened', '5 of 5 failed')),
        tries: field.Count('Attempts in its time window'),
        failures: field.Count('Failed attempts among them'),
        openings: field.Count('How often it opened in a row'),
      },
      { description: 'Its breaker' },
    ),
    failing: Type.Optional(
      Type.Object(
        {
          tries: field.Count('How many'),
          since: field.Moment('The first of them'),
          why: field.Text('What went wrong last', 'HTTP 503'),
        },
        { description: 'The attempts of this process that failed since its last good one' },
      ),
    ),
  },
  { title: 'AgencyInProcess', description: 'State of an agency in one hub process' },
)

const AnnouncedWindow = Type.Object(
  {
    days: Type.Optional(Type.Array(Type.Enum(days), { description: 'On these days; absent: every day' })),
    from: Type.Optional(field.Text('HH:MM', '22:00')),
    to: Type.Optional(field.Text('HH:MM', '06:00')),
    start: Type.Optional(field.Text('YYYY-MM-DDTHH:MM', '2026-10-01T20:00')),
    end: Type.Optional(field.Text('YYYY-MM-DDTHH:MM', '2026-10-02T04:00')),
    timeZone: Type.Optional(field.Text('IANA name; absent: Asia/Shanghai', 'Asia/Shanghai')),
    why: Type.Optional(field.Text('Why', 'maintenance at the agency')),
  },
  { title: 'AnnouncedWindow', description: 'A maintenance window that an operator has announced 维护窗口' },
)

/** How one agency stands. */
export const AgencyView = Type.Object(
  {
    agency: field.AgencyCode,
    connector: field.Text('Its connector: http, sftp, folder; none: no connector is configured', 'http'),
    open: field.Flag('False: nothing is sent to it', true),
    paused: Type.Optional(
      Type.Object(
        {
          since: field.Moment('Since when'),
          who: field.Text('Who paused it', 'ops'),
          why: field.Text('Why', 'maintenance at the agency'),
        },
        { description: 'An operator has paused it' },
      ),
    ),
    announced: Type.Array(AnnouncedWindow),
    nextClosing: Type.Optional(
      Type.Object(
        {
          since: field.Moment('When it closes'),
          opensAt: field.Moment('When it opens'),
          why: field.Text('Why', 'maintenance at the agency'),
        },
        { description: 'The current maintenance window, or the next one' },
      ),
    ),
    breaker: BreakerState,
    processes: Type.Array(ProcessView),
    health: Type.Optional(
      Type.Object(
        {
          ok: field.Flag('It is well', true),
          detail: Type.Optional(field.Text('What is wrong', 'the folder is missing')),
          files: Type.Optional(field.Count('Files that the other side has not fetched yet')),
          oldestSeconds: Type.Optional(field.Seconds('Age of the oldest of them')),
          limitSeconds: Type.Optional(
            field.Seconds('From this age on the hub reports that the other side does not fetch', 600),
          ),
        },
        { description: 'State of its connector' },
      ),
    ),
  },
  { title: 'Agency', description: 'State of one agency 主管部门' },
)
export type AgencyView = Static<typeof AgencyView>

/** Every agency; the answer to `GET /ops/agencies`. */
export const AgencyList = Type.Object(
  { agencies: Type.Array(AgencyView) },
  { title: 'AgencyList', description: 'Every agency' },
)
export type AgencyList = Static<typeof AgencyList>

/** How an HTTP answer of an agency would be read. */
export const AnswerReadView = Type.Object(
  {
    agency: field.AgencyCode,
    verdict: field.Text("taken, duplicate, busy, refused …; other: the answer is not the agency's", 'taken'),
    rule: Type.Optional(
      Type.Record(Type.String(), field.PlainFact, {
        description: 'The matching rule, as in hub.yaml',
        examples: [{ status: [202] }],
      }),
    ),
    from: Type.Optional(Type.Enum(['settings', 'default'], { description: 'Whose rule it is' })),
    receipt: field.Flag('The body is a receipt that the hub can read'),
    learn: Type.Array(field.KeyView, { description: 'Numbers found in it' }),
    outcome: Type.Enum(['taken', 'duplicate', 'transient', 'ambiguous', 'permanent'], { description: 'What it means' }),
    code: Type.Optional(field.ErrorCodeText),
    follows: field.Text('What the hub would do', 'submitted: its receipts are awaited'),
  },
  { title: 'AnswerRead', description: 'How the hub reads an answer 应答判读' },
)
export type AnswerReadView = Static<typeof AnswerReadView>

/** The configuration was read again; the answer to `POST /ops/config/reload`. */
export const Reloaded = Type.Object(
  { reloaded: field.Mark('The new hub.yaml is in force') },
  { title: 'Reloaded', description: 'The configuration was read again' },
)
