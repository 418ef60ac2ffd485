// settings — what the operator writes about one agency (`agencies.<code>` in hub.yaml): how it is reached, and the rules for it. A word
// that is not known here is a fault, so that a slip of the pen is not a setting without effect.
import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'
import { AgencyPolicy } from './policy.js'

/** Secrets are named by environment variable, never written into the file. */
const Variable = (of: string) => Type.String({ minLength: 1, description: `Environment variable with ${of}` })

const Http = {
  connector: Type.Literal('http'),
  url: Type.String({ pattern: '^https?://', description: 'Where the agency takes messages; `{agency}` is replaced by its code' }),
  headers: Type.Optional(Type.Record(Type.String(), Type.String())),
  tokenEnv: Type.Optional(Variable('the bearer token the hub shows the agency')),
  statusQuery: Type.Optional(Type.Boolean({ description: 'The agency answers GET {url}/submissions/{id}' })),
  callbackTokenEnv: Type.Optional(Variable('the token the agency shows the hub')),
}

/** What both ways by files have in common. */
const Files = {
  prefix: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9-]{0,40}_?$', description: 'Before the name of every file of ours' })),
  stuckMinutes: Type.Optional(Type.Number({ exclusiveMinimum: 0, description: 'Files not fetched for so long: the other side hangs' })),
  pollSeconds: Type.Optional(Type.Number({ minimum: 0.05, description: 'Wait between two looks for answers' })),
  settleSeconds: Type.Optional(Type.Number({ minimum: 0, description: 'A file unchanged for so long is whole' })),
}

const Folder = {
  connector: Type.Literal('folder'),
  root: Type.String({ minLength: 1, description: "The Single Window client's import root" }),
  folders: Type.Optional(Type.Record(Type.String(), Type.String({ pattern: '^[^/\\\\.][^/\\\\]*$' }), { description: 'Document type → import folder, where it differs from the published one' })),
  ...Files,
}

const policy = Type.Partial(AgencyPolicy).properties
const strict = { additionalProperties: false }
const schemas = {
  http: Type.Object({ ...Http, ...policy }, strict),
  folder: Type.Object({ ...Folder, ...policy }, strict),
}
type Kind = keyof typeof schemas

export type HttpSettings = Static<typeof schemas.http>
export type FolderSettings = Static<typeof schemas.folder>
export type AgencySettings = HttpSettings | FolderSettings

/** The settings of every agency named, as the file has them; every fault goes to `faults` with its path. */
export function readAgencies(raw: unknown, faults: string[], at = '/agencies'): Record<string, AgencySettings> {
  if (raw === undefined || raw === null) return {}
  if (typeof raw !== 'object' || Array.isArray(raw)) {
    faults.push(`${at} must be a table of agencies`)
    return {}
  }
  const read: Record<string, AgencySettings> = {}
  for (const [code, value] of Object.entries(raw)) {
    const one = readOne(value, `${at}/${code}`, faults)
    if (one) read[code] = one
  }
  return read
}

function readOne(value: unknown, at: string, faults: string[]): AgencySettings | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return void faults.push(`${at} must be a table of settings`)
  const whole = { connector: 'http', ...value }
  const kind = whole.connector as Kind
  if (!Object.hasOwn(schemas, kind)) return void faults.push(`${at}/connector must be one of ${Object.keys(schemas).join(', ')}`)
  // A surplus setting is told twice: by name, and as a value no rule fits.
  const found = [...Value.Errors(schemas[kind], whole)].filter((e) => e.keyword !== 'boolean').map((e) => describe(at, e as ValueError))
  faults.push(...new Set(found))
  return found.length === 0 ? (whole as AgencySettings) : undefined
}

interface ValueError {
  instancePath: string
  message: string
  params?: { additionalProperties?: string[] }
}

function describe(at: string, { instancePath, message, params }: ValueError): string {
  const surplus = params?.additionalProperties
  return surplus ? `${at}${instancePath} has the unknown setting ${surplus.join(', ')}` : `${at}${instancePath} ${message}`
}
