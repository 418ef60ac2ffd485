// settings — what the operator writes about one agency (`agencies.<code>` in hub.yaml): how it is reached, and the
// rules for it. A word that is not known here is a fault, so that a slip of the pen is not a setting without effect.
import { Type, type Static, type TObject, type TProperties } from 'typebox'
import { withDefaults, type ConnectorKind } from '../../adapters/connectors/kind.js'
import { connectorKinds } from '../../adapters/connectors/kinds.js'
import { variable } from '../../adapters/connectors/setting-words.js'
import { EdifactTaking, unwritableAddress } from '../../messages/edifact/target.js'
import { meant, valueFaults, type ValueFault } from '../../messages/value-fault.js'
import { AgencyPolicy, windowFaults, type PolicySettings } from './policy.js'

/** The word by which an entry says how its agency is reached; the first kind where it says none. */
const [defaultKind] = connectorKinds
const kinds = new Map(connectorKinds.map((one) => [one.kind, one]))

/** The kind of connector an entry names. @throws Error when there is none, which `readAgencies` does not let pass */
export function kindOf({ connector }: Pick<AgencySettings, 'connector'>): ConnectorKind {
  const kind = kinds.get(connector)
  if (!kind) throw new Error(`no connector is called ${connector}`)
  return kind
}

/** What an agency shows when it posts receipts to the hub. It may do so with any connector. */
export const Callback = Type.Object({
  callbackTokenEnv: Type.Optional(
    Type.Union(
      [
        variable('the token the agency shows the hub', '部门回调时出示的令牌'),
        Type.Array(variable('one of its tokens', '令牌之一'), { minItems: 1 }),
      ],
      {
        description:
          "Environment variable with the agency's token; a list while one is being replaced. " +
          'It comes as `Authorization: Bearer`',
        zh: '环境变量名：部门回调时出示的令牌；更换期间可填多个',
      },
    ),
  ),
  callbackHeader: Type.Optional(
    Type.String({
      pattern: '^[A-Za-z0-9-]+$',
      description: 'The token comes in this header instead. Absent: `Authorization: Bearer`',
      zh: '令牌所在的请求头',
    }),
  ),
  callbackUser: Type.Optional(
    Type.String({
      minLength: 1,
      description: 'The token comes as the password of this user (`Authorization: Basic`)',
      zh: '令牌作为该用户的 Basic 认证密码',
    }),
  ),
})
export type CallbackSettings = Static<typeof Callback>

/**
 * What an entry of routing/agencies.yaml may say of how its agency answers; hub.yaml has the last word, table by table.
 */
export const DefaultReach = Type.Object(
  Object.assign({}, ...connectorKinds.map(({ defaults }) => defaults?.Settings.properties ?? {})) as TProperties,
  { additionalProperties: false },
)
export type DefaultReach = Record<string, object>

/** What is wrong with it that no single rule sees. */
export const defaultFaults = (settings: DefaultReach): ValueFault[] =>
  connectorKinds.flatMap(({ defaults }) => defaults?.faults(settings) ?? [])

/** The rules an entry of routing/agencies.yaml may bring. */
export const DefaultPolicy = Type.Partial(AgencyPolicy, { additionalProperties: false })
/**
 * Beside the settings of its connector an entry has these: credentials for its calls, the form it takes, and the rules
 * for it.
 */
const common = {
  ...Callback.properties,
  edifact: Type.Optional(EdifactTaking),
  /** EDIFACT messages that go to it as the XML of the hub's own form. */
  xml: Type.Optional(Type.Array(Type.String({ minLength: 1 }), { uniqueItems: true })),
  ...Type.Partial(AgencyPolicy).properties,
}

/** All that an entry with this connector may say. */
const entrySchema = ({ kind, Settings }: ConnectorKind): TObject =>
  Type.Object({ connector: Type.Literal(kind), ...Settings.properties, ...common }, { additionalProperties: false })
const schemas = new Map(connectorKinds.map((one) => [one.kind, entrySchema(one)]))

/** As it was written, with the word `connector`; the connector's own settings are its kind's to read. */
export interface AgencySettings extends CallbackSettings, PolicySettings {
  connector: string
  edifact?: EdifactTaking
  xml?: string[]
  [setting: string]: unknown
}

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
  const whole = { connector: defaultKind.kind, ...value } as AgencySettings
  const schema = schemas.get(whole.connector)
  if (!schema) {
    const known = [...schemas.keys()]
    const near = meant(String(whole.connector), known)
    return void faults.push({
      at: `${at}/connector`,
      en: `must be one of ${known.join(', ')}${near.en}`,
      zh: `只能是 ${known.join('、')}${near.zh}`,
      value: whole.connector,
    })
  }
  // Kept as written: whether something was said decides over the default rules later.
  const found = valueFaults(schema, whole, at)
  if (found.length === 0) found.push(...contradictions(whole).map((one) => ({ ...one, at: `${at}${one.at}` })))
  faults.push(...found)
  return found.length === 0 ? whole : undefined
}

/** What no single rule sees. */
function contradictions(settings: AgencySettings): ValueFault[] {
  const kind = kindOf(settings)
  const wrong = kind.faults(withDefaults(kind, settings))
  const say = (at: string, en: string, zh: string) => wrong.push({ at, en, zh })
  if (settings.edifact)
    for (const fault of unwritableAddress(settings.edifact))
      say('/edifact', fault.replace(/^: /, ''), '无法写入 UNB 报文头')
  for (const { at, en, zh } of windowFaults(settings.windows ?? [], new Date())) say(`/windows${at}`, en, zh)
  if (settings.callbackHeader !== undefined && settings.callbackUser !== undefined)
    say('', 'has both callbackHeader and callbackUser: keep one of them', 'callbackHeader 与 callbackUser 只能填一个')
  return wrong
}

/** Every environment variable these settings name, with its place below them. */
export const variablesIn = (settings: AgencySettings, at = ''): { at: string; name: string }[] =>
  namedIn(schemas.get(settings.connector), settings, { ending: 'Env', at })

/** Every file these settings name, with its place below them. */
export const filesIn = (settings: AgencySettings, at = ''): { at: string; file: string }[] =>
  namedIn(schemas.get(settings.connector), settings, { ending: 'File', at }).map(({ at, name }) => ({ at, file: name }))

/**
 * What settings of this ending hold: a name, several, or a table of them. Settings of settings are looked through,
 * tables of free names are not.
 */
function namedIn(
  schema: Partial<TObject> | undefined,
  settings: object,
  { ending, at }: { ending: string; at: string },
): { at: string; name: string }[] {
  return Object.entries(schema?.properties ?? {}).flatMap(([key, property]) => {
    const value = (settings as Record<string, unknown>)[key]
    const place = `${at}/${key}`
    if (value === undefined) return []
    if (!key.endsWith(ending)) return typeof value === 'object' ? namedIn(property, value!, { ending, at: place }) : []
    if (typeof value === 'string' || Array.isArray(value))
      return [value as string | string[]].flat().map((name) => ({ at: place, name }))
    return Object.entries(value as Record<string, string>).map(([name, of]) => ({ at: `${place}/${name}`, name: of }))
  })
}
