// settings — what an operator writes about an agency that is called over HTTP, and what is wrong with it.
import { Type, type Static } from 'typebox'
import type { ValueFault } from '../../../messages/value-fault.js'
import { fileName, variable } from '../setting-words.js'
import { AnswerRules, ruleFaults, StatusRules } from './answer-rules.js'

const strict = { additionalProperties: false }

/** What hub.yaml may say of it; its table is in docs/configuration.md. */
export const Settings = Type.Object({
  url: Type.String({
    pattern: '^https?://',
    description:
      'Where the agency takes messages; `{agency}` is replaced by its code. Messages go to `{url}/messages` by POST',
    zh: '部门接收报文的地址；{agency} 替换为部门代码',
  }),
  messagesPath: Type.String({
    default: 'messages',
    pattern: '^[^/]',
    description: 'Below `url`: where messages go',
    zh: '报文路径（url 之下）',
  }),
  statusPath: Type.String({
    default: 'submissions/{id}',
    pattern: '^[^/].*\\{id\\}',
    description: 'Below `url`, with `{id}`: where a submission is asked about',
    zh: '申报状态查询路径，须含 {id}',
  }),
  tokenEnv: Type.Optional(variable('the bearer token the hub shows the agency', '向部门出示的 Bearer 令牌')),
  user: Type.Optional(
    Type.String({ minLength: 1, description: 'Or `Authorization: Basic` with this user', zh: 'Basic 认证用户名' }),
  ),
  passwordEnv: Type.Optional(variable("that user's password", '该用户的密码')),
  headers: Type.Record(Type.String(), Type.String(), {
    default: {},
    description: 'Sent with every call',
    zh: '每次请求附带的请求头',
  }),
  headersEnv: Type.Record(Type.String(), variable('the value of a header', '请求头的值'), {
    default: {},
    description: 'Header → environment variable with its value',
    zh: '请求头 → 存放其值的环境变量',
  }),
  tls: Type.Optional(
    Type.Object(
      {
        caFile: Type.Optional(
          fileName(
            'the authorities the agency is trusted by, PEM. Absent: the public ones. ' +
              'Files are read at every new connection: a renewed certificate needs no restart',
            '信任的 CA 证书（PEM）',
          ),
        ),
        certFile: Type.Optional(fileName("the hub's own certificate, PEM, for mutual TLS", '本系统证书（PEM）')),
        keyFile: Type.Optional(fileName('its key, PEM', '证书私钥（PEM）')),
        passphraseEnv: Type.Optional(variable("the key's passphrase", '私钥口令')),
        serverName: Type.Optional(
          Type.String({
            minLength: 1,
            description: 'The name in the agency’s certificate, where the url has another',
            zh: '部门证书中的名称（与地址不同时填写）',
          }),
        ),
      },
      strict,
    ),
  ),
  answerRules: Type.Partial(AnswerRules, {
    ...strict,
    default: {},
    description:
      'What the answers of the agency look like: ' +
      '[agency guide](agency-guide.md#what-an-http-answer-means-应答判读). What is not named has the strict ' +
      'default rules',
    zh: '应答判读规则',
  }),
  statusRules: Type.Partial(StatusRules, {
    ...strict,
    default: {},
    description: 'The same for its answers to a status query',
    zh: '状态查询应答的判读规则',
  }),
  statusQuery: Type.Boolean({
    default: false,
    description:
      "The agency answers `GET {url}/{statusPath}`, read by `statusRules`. A gateway's 404 or a login page " +
      'decides nothing',
    zh: '部门支持状态查询',
  }),
  receiptsPath: Type.Optional(
    Type.String({
      pattern: '^[^/].*\\{id\\}',
      description:
        'Below `url`, with `{id}`: the agency gives there what it has answered to a submission. ' +
        'Asked when a message turns out to be taken although its answer was lost. Absent: it does not',
      zh: '回执补取路径，须含 {id}',
    }),
  ),
  answers: Type.Enum(['sync', 'async'], {
    default: 'sync',
    description:
      '`sync`: the body of a taken answer is the first receipt. `async`: it is a confirmation only, ' +
      'receipts come by the callback door',
    zh: 'sync：应答即首个回执；async：应答仅为确认，回执另行回调',
  }),
})
export type Settings = Static<typeof Settings>

/**
 * What an entry of routing/agencies.yaml may say of the agency's answers; hub.yaml has the last word, verdict by
 * verdict.
 */
const Defaults = Type.Object(
  {
    answerRules: Type.Optional(Type.Partial(AnswerRules, strict)),
    statusRules: Type.Optional(Type.Partial(StatusRules, strict)),
  },
  strict,
)
/** What routing/agencies.yaml may say of it: how agencies answer, never where they are. */
export const defaults = { Settings: Defaults, faults: (settings: object) => answerFaults(settings) }

/** What no single rule sees. */
export function faults(settings: Settings): ValueFault[] {
  const { url, tokenEnv, user, passwordEnv, tls } = settings
  const found: ValueFault[] = []
  const say = (at: string, en: string, zh: string, value?: unknown) =>
    found.push({ at, en, zh, ...(value === undefined ? {} : { value }) })
  if (!URL.canParse(url.replaceAll('{agency}', 'x'))) say('/url', 'is no address', '不是有效地址', url)
  if (tokenEnv !== undefined && user !== undefined)
    say('', 'has both tokenEnv and user: keep one of them', 'tokenEnv 与 user 只能填一个')
  if ((user === undefined) !== (passwordEnv === undefined))
    say('', 'needs user and passwordEnv together', 'user 与 passwordEnv 必须同时填写')
  if (tls && (tls.certFile === undefined) !== (tls.keyFile === undefined))
    say('/tls', 'needs certFile and keyFile together', 'certFile 与 keyFile 必须同时填写')
  if (tls && url.startsWith('http:')) say('/tls', 'is for https only', '仅用于 https 地址')
  return [...found, ...answerFaults(settings)]
}

function answerFaults({ answerRules = {}, statusRules = {} }: Static<typeof Defaults>): ValueFault[] {
  return [
    ...ruleFaults(answerRules).map((fault) => ({ ...fault, at: `/answerRules${fault.at}` })),
    ...ruleFaults(statusRules).map((fault) => ({ ...fault, at: `/statusRules${fault.at}` })),
  ]
}
