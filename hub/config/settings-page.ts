// settings-page — the tables of docs/configuration.md, printed from the schemas that check the settings: name, values,
// default, meaning.
import type { TSchema } from 'typebox'
import type { ConnectorKind } from '../../adapters/connectors/kind.js'
import { connectorKinds } from '../../adapters/connectors/kinds.js'
import { PartnerSettings } from '../../messages/partner.js'
import { Callback } from '../agencies/settings.js'
import { Config } from './config.js'
import { otherVariables, variables } from './environment.js'

/** A part of the page between these lines is printed; what stands outside of them is written by people. */
const begin = (part: string) => `<!-- printed: ${part} -->`
const end = '<!-- end of printed -->'

/**
 * The page with its printed parts as the schemas are now. @throws Error when the page names a part that does not exist
 */
export function printSettings(page: string): string {
  const named = [...page.matchAll(/^<!-- printed: (.+) -->$/gm)].map(([, part]) => part!)
  const parts = partsOf(named)
  return page.replace(/^<!-- printed: (.+) -->$[^]*?^<!-- end of printed -->$/gm, (_, part: string) => {
    const lines = parts[part]
    if (!lines) throw new Error(`docs/configuration.md: no settings are called ${part}`)
    return [begin(part), ...lines, end].join('\n')
  })
}

/** @param named the parts on the page: connectors without one of their own stand together under `other connectors` */
function partsOf(named: readonly string[]): Record<string, string[]> {
  const partOf = ({ kind }: ConnectorKind) => `connector ${kind}`
  return {
    'hub.yaml': settingsTable(Config, 'hub.yaml', environment),
    environment: [
      '| variable | meaning |',
      '|---|---|',
      ...Object.entries(otherVariables).map(
        ([name, { description, zh }]) => `| \`${name}\` | ${description}<br>${zh} |`,
      ),
    ],
    ...Object.fromEntries(connectorKinds.map((kind) => [partOf(kind), connectorLines(kind)])),
    'other connectors': connectorKinds.filter((kind) => !named.includes(partOf(kind))).flatMap(connectorLines),
    callback: settingsTable(Callback, 'setting'),
    partner: settingsTable(PartnerSettings, 'setting'),
  }
}

function connectorLines(kind: ConnectorKind): string[] {
  const usual = kind === connectorKinds[0] ? ' (the default)' : ''
  return [`### \`connector: ${kind.kind}\`${usual}: ${kind.title}`, '', ...settingsTable(kind.Settings, 'setting')]
}

/** What of a schema the page shows. */
interface Node {
  type?: string
  description?: string
  zh?: string
  default?: unknown
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
  enum?: unknown[]
  const?: unknown
  anyOf?: Node[]
  items?: Node
  properties?: Record<string, Node>
  required?: string[]
}

/** @param more a further column, worked out from the setting's name */
function settingsTable(
  schema: TSchema,
  name: string,
  more?: { title: string; of: (name: string) => string },
): string[] {
  const titles = [name, ...(more ? [more.title] : []), 'values', 'default', 'meaning']
  const rows = rowsOf(schema as Node, '').map(({ name, node, required }) => {
    const usual = node.default === undefined ? (required ? requiredText(name) : '–') : shown(node.default)
    const meaning = [node.description, node.zh].filter(Boolean).join('<br>')
    return [`\`${name}\``, ...(more ? [more.of(name)] : []), valuesOf(node), usual, meaning]
  })
  return [titles, titles.map(() => '---'), ...rows].map((cells) => `| ${cells.map(cell).join(' | ')} |`)
}

/** A setting of a table that may be left out whole is required in it. */
const requiredText = (name: string) => {
  const above = name.split('.').slice(0, -1).join('.')
  return above === '' ? 'required 必填' : `required in \`${above}\` 必填`
}

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')

/** Of a table of settings that has no description of its own, each of its settings is a row. */
function rowsOf(node: Node, at: string): { name: string; node: Node; required: boolean }[] {
  return Object.entries(node.properties ?? {}).flatMap(([key, one]) => {
    const name = `${at}${key}`
    return one.properties && one.description === undefined
      ? rowsOf(one, `${name}.`)
      : [{ name, node: one, required: node.required?.includes(key) === true }]
  })
}

function valuesOf(node: Node): string {
  const allowed = node.enum ?? (node.const === undefined ? undefined : [node.const])
  if (allowed) return allowed.map((one) => `\`${one as string}\``).join(' ')
  if (node.anyOf)
    return [...new Set(node.anyOf.map(valuesOf))].join(node.anyOf.every((one) => one.const) ? ' ' : ' or ')
  switch (node.type) {
    case 'integer':
    case 'number':
      return `${node.type === 'integer' ? 'whole number' : 'number'}${rangeOf(node)}`
    case 'boolean':
      return '`true` `false`'
    case 'array':
      return node.items?.enum ? `list of ${valuesOf(node.items)}` : 'list'
    case 'object':
      return 'table'
    default:
      return 'text'
  }
}

function rangeOf({ minimum, maximum, exclusiveMinimum }: Node): string {
  if (exclusiveMinimum !== undefined) return ` above ${exclusiveMinimum}`
  if (minimum === undefined) return maximum === undefined ? '' : ` to ${maximum}`
  return maximum === undefined ? ` from ${minimum}` : ` from ${minimum} to ${maximum}`
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? '–' : value.map((one) => `\`${one as string}\``).join(' ')
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0 ? '–' : JSON.stringify(value)
  return value === '' ? '–' : `\`${value as string}\``
}

/** The environment variable that sets a setting: by its pointer, or whole. */
const environment = {
  title: 'environment',
  of(name: string): string {
    const pointer = `/${name.replaceAll('.', '/')}`
    const found = Object.entries(variables).find(([, { sets, at = `/${sets}` }]) => at === pointer)
    return found ? `\`${found[0]}\`` : '–'
  },
}
