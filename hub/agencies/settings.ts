// settings — what the operator writes about one agency (`agencies.<code>` in hub.yaml): how it is reached, and the rules for it. A word
// that is not known here is a fault, so that a slip of the pen is not a setting without effect.
import { Type, type Static } from 'typebox'
import { AnswerRules, ruleFaults, StatusRules } from '../../adapters/connectors/http/answer-rules.js'
import { EdifactTaking, unwritableAddress } from '../../messages/edifact/target.js'
import { meant, valueFaults, type ValueFault } from '../../messages/value-fault.js'
import { AgencyPolicy, windowFaults, type PolicySettings } from './policy.js'

const HostKey = Type.String({
  pattern: '^SHA256:[A-Za-z0-9+/]{43}=?$',
  description: 'SHA256:… as `ssh-keygen -lf` prints it',
})
/** Secrets are named by environment variable, never written into the file. */
const Variable = (of: string) => Type.String({ minLength: 1, description: `Environment variable with ${of}` })
const FileName = (of: string) => Type.String({ minLength: 1, description: `File with ${of}` })

/** What an agency shows when it posts receipts to the hub. It may do so also where messages go out as files. */
const Callback = {
  callbackTokenEnv: Type.Optional(
    Type.Union([
      Variable('the token the agency shows the hub'),
      Type.Array(Variable('one of its tokens'), { minItems: 1 }),
    ]),
  ),
  callbackHeader: Type.Optional(
    Type.String({
      pattern: '^[A-Za-z0-9-]+$',
      description: 'The token comes in this header; absent: Authorization: Bearer',
    }),
  ),
  callbackUser: Type.Optional(
    Type.String({ minLength: 1, description: 'The token is the password of this user (Authorization: Basic)' }),
  ),
}
export interface CallbackSettings {
  callbackTokenEnv?: string | string[]
  callbackHeader?: string
  callbackUser?: string
}

const Http = {
  connector: Type.Literal('http'),
  url: Type.String({
    pattern: '^https?://',
    description: 'Where the agency takes messages; `{agency}` is replaced by its code',
  }),
  messagesPath: Type.Optional(Type.String({ pattern: '^[^/]', description: 'Below url; default `messages`' })),
  statusPath: Type.Optional(
    Type.String({ pattern: '^[^/].*\\{id\\}', description: 'Below url; default `submissions/{id}`' }),
  ),
  headers: Type.Optional(Type.Record(Type.String(), Type.String())),
  headersEnv: Type.Optional(Type.Record(Type.String(), Variable('the value of a header'))),
  tokenEnv: Type.Optional(Variable('the bearer token the hub shows the agency')),
  user: Type.Optional(Type.String({ minLength: 1, description: 'Authorization: Basic' })),
  passwordEnv: Type.Optional(Variable("that user's password")),
  tls: Type.Optional(
    Type.Object(
      {
        caFile: Type.Optional(FileName('the authorities the agency is trusted by, PEM; absent: the public ones')),
        certFile: Type.Optional(FileName("the hub's own certificate, PEM")),
        keyFile: Type.Optional(FileName('its key, PEM')),
        passphraseEnv: Type.Optional(Variable("the key's passphrase")),
        serverName: Type.Optional(
          Type.String({ minLength: 1, description: 'The name in the agency’s certificate, where the url has another' }),
        ),
      },
      { additionalProperties: false },
    ),
  ),
  statusQuery: Type.Optional(Type.Boolean({ description: 'The agency answers GET {url}/{statusPath}' })),
  receiptsPath: Type.Optional(
    Type.String({
      pattern: '^[^/].*\\{id\\}',
      description: 'Below url: the agency gives there what it has answered to a submission. Absent: it does not',
    }),
  ),
  answerRules: Type.Optional(Type.Partial(AnswerRules, { additionalProperties: false })),
  statusRules: Type.Optional(Type.Partial(StatusRules, { additionalProperties: false })),
  answers: Type.Optional(
    Type.Enum(['sync', 'async'], {
      description: 'sync: the body of a 2xx answer is the first receipt. async: it is a confirmation only',
    }),
  ),
  ...Callback,
}

/** What both ways by files have in common. */
const Files = {
  prefix: Type.Optional(
    Type.String({ pattern: '^[A-Za-z0-9-]{0,40}_?$', description: 'Before the name of every file of ours' }),
  ),
  stuckMinutes: Type.Optional(
    Type.Number({ exclusiveMinimum: 0, description: 'Files not fetched for so long: the other side hangs' }),
  ),
  pollSeconds: Type.Optional(Type.Number({ minimum: 0.05, description: 'Wait between two looks for answers' })),
  settleSeconds: Type.Optional(Type.Number({ minimum: 0, description: 'A file unchanged for so long is whole' })),
  ...Callback,
}

const Folder = {
  connector: Type.Literal('folder'),
  root: Type.String({ minLength: 1, description: "The Single Window client's import root" }),
  folders: Type.Optional(
    Type.Record(Type.String(), Type.String({ pattern: '^[^/\\\\.][^/\\\\]*$' }), {
      description: 'Document type → import folder, where it differs from the published one',
    }),
  ),
  ...Files,
}

const directory = (of: string) => Type.String({ minLength: 1, description: of })
const Sftp = {
  connector: Type.Literal('sftp'),
  host: Type.String({ minLength: 1 }),
  port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65535 })),
  username: Type.String({ minLength: 1 }),
  keyFile: Type.Optional(FileName("the hub's private key")),
  passphraseEnv: Type.Optional(Variable("the key's passphrase")),
  passwordEnv: Type.Optional(Variable('the password')),
  hostKey: Type.Union([HostKey, Type.Array(HostKey, { minItems: 1 })], {
    description: 'As `ssh-keygen -lf` prints it; two while the server changes its key',
  }),
  drop: directory('Where messages are put; `{agency}` is replaced'),
  pickUp: directory('Where answers are found'),
  stage: Type.Optional(directory('Where a file lies until it is whole; absent: in `drop`, hidden')),
  sent: Type.Optional(directory('Where the agency puts what it has taken')),
  failed: Type.Optional(directory('Where it puts what it could not take')),
  ...Files,
}

/** What an entry of routing/agencies.yaml may say of the agency's HTTP answers; hub.yaml has the last word, verdict by verdict. */
export const UsualAnswers = Type.Object(
  { answerRules: Http.answerRules, statusRules: Http.statusRules },
  { additionalProperties: false },
)
export type UsualAnswers = Static<typeof UsualAnswers>

/** The rules an entry of routing/agencies.yaml may bring. */
export const UsualPolicy = Type.Partial(AgencyPolicy, { additionalProperties: false })
const policy = Type.Partial(AgencyPolicy).properties
/** The form it takes, where that is not the published XML. */
const form = { edifact: Type.Optional(EdifactTaking) }
const strict = { additionalProperties: false }
const schemas = {
  http: Type.Object({ ...Http, ...form, ...policy }, strict),
  folder: Type.Object({ ...Folder, ...form, ...policy }, strict),
  sftp: Type.Object({ ...Sftp, ...form, ...policy }, strict),
}
type Kind = keyof typeof schemas

type With<T> = Omit<T, keyof PolicySettings> & PolicySettings
export type HttpSettings = With<Static<typeof schemas.http>>
export type FolderSettings = With<Static<typeof schemas.folder>>
export type SftpSettings = With<Static<typeof schemas.sftp>>
export type AgencySettings = HttpSettings | FolderSettings | SftpSettings

/** The settings of every agency named, as the file has them; every fault goes to `faults` with its place. */
export function readAgencies(raw: unknown, faults: ValueFault[], at = '/agencies'): Record<string, AgencySettings> {
  if (raw === undefined || raw === null) return {}
  if (typeof raw !== 'object' || Array.isArray(raw)) {
    faults.push({ at, en: 'must be a table of agencies', zh: '必须按部门代码列出' })
    return {}
  }
  const read: Record<string, AgencySettings> = {}
  for (const [code, value] of Object.entries(raw)) {
    const one = readOne(value, `${at}/${code}`, faults)
    if (one) read[code] = one
  }
  return read
}

function readOne(value: unknown, at: string, faults: ValueFault[]): AgencySettings | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return void faults.push({ at, en: 'must be a table of settings', zh: '必须是一组设置' })
  const whole = { connector: 'http', ...value }
  const kind = whole.connector as Kind
  if (!Object.hasOwn(schemas, kind)) {
    const kinds = Object.keys(schemas)
    const near = meant(String(kind), kinds)
    return void faults.push({
      at: `${at}/connector`,
      en: `must be one of ${kinds.join(', ')}${near.en}`,
      zh: `只能是 ${kinds.join('、')}${near.zh}`,
      value: kind,
    })
  }
  // Whether something was said decides over the usual rules later.
  const found = valueFaults(schemas[kind], whole, at)
  if (found.length === 0)
    found.push(...contradictions(whole as AgencySettings).map((one) => ({ ...one, at: `${at}${one.at}` })))
  faults.push(...found)
  return found.length === 0 ? (whole as AgencySettings) : undefined
}

/** What is wrong with how an agency's answers are said to look. */
export function answerFaults({ answerRules = {}, statusRules = {} }: UsualAnswers): ValueFault[] {
  return [
    ...ruleFaults(answerRules).map((fault) => ({ ...fault, at: `/answerRules${fault.at}` })),
    ...ruleFaults(statusRules).map((fault) => ({ ...fault, at: `/statusRules${fault.at}` })),
  ]
}

/** What no single rule sees. */
function contradictions(settings: AgencySettings): ValueFault[] {
  const wrong: ValueFault[] = []
  const say = (at: string, en: string, zh: string, value?: unknown) =>
    wrong.push({ at, en, zh, ...(value === undefined ? {} : { value }) })
  switch (settings.connector) {
    case 'http':
      if (!URL.canParse(settings.url.replaceAll('{agency}', 'x')))
        say('/url', 'is no address', '不是有效地址', settings.url)
      if (settings.tokenEnv !== undefined && settings.user !== undefined)
        say('', 'has both tokenEnv and user: keep one of them', 'tokenEnv 与 user 只能填一个')
      if ((settings.user === undefined) !== (settings.passwordEnv === undefined))
        say('', 'needs user and passwordEnv together', 'user 与 passwordEnv 必须同时填写')
      if (settings.tls && (settings.tls.certFile === undefined) !== (settings.tls.keyFile === undefined))
        say('/tls', 'needs certFile and keyFile together', 'certFile 与 keyFile 必须同时填写')
      if (settings.tls && settings.url.startsWith('http:')) say('/tls', 'is for https only', '仅用于 https 地址')
      wrong.push(...answerFaults(settings))
      break
    case 'sftp':
      if (settings.keyFile === undefined && settings.passwordEnv === undefined)
        say('', 'needs keyFile or passwordEnv', '必须填写 keyFile 或 passwordEnv')
      if (settings.drop === settings.pickUp)
        say('', 'has the same directory for drop and pickUp', 'drop 与 pickUp 不能是同一目录')
      break
    case 'folder':
      break
    default:
      settings satisfies never
  }
  if (settings.edifact)
    for (const fault of unwritableAddress(settings.edifact))
      say('/edifact', fault.replace(/^: /, ''), '无法写入 UNB 报文头')
  for (const { at, en, zh } of windowFaults(settings.windows ?? [], new Date())) say(`/windows${at}`, en, zh)
  if (settings.callbackHeader !== undefined && settings.callbackUser !== undefined)
    say('', 'has both callbackHeader and callbackUser: keep one of them', 'callbackHeader 与 callbackUser 只能填一个')
  return wrong
}

/** Every environment variable these settings name, with its place below them. */
export function variablesIn(settings: object, at = ''): { at: string; name: string }[] {
  return Object.entries(settings).flatMap(([key, value]): { at: string; name: string }[] => {
    if (key === 'headersEnv')
      return Object.entries(value as Record<string, string>).map(([header, name]) => ({
        at: `${at}/${key}/${header}`,
        name,
      }))
    if (key.endsWith('Env')) return [value as string | string[]].flat().map((name) => ({ at: `${at}/${key}`, name }))
    return key === 'tls' ? variablesIn(value as object, `${at}/tls`) : []
  })
}

/** Every file these settings name, with its place below them. */
export function filesIn(settings: object, at = ''): { at: string; file: string }[] {
  return Object.entries(settings).flatMap(([key, value]): { at: string; file: string }[] => {
    if (key.endsWith('File')) return [{ at: `${at}/${key}`, file: value as string }]
    return key === 'tls' ? filesIn(value as object, `${at}/tls`) : []
  })
}
