// value-fault — what is wrong with a value somebody wrote: into a file, a variable, a call. All of it at once, each
// with its place, in words.
import { closest, distance } from 'fastest-levenshtein'
import type { TSchema } from 'typebox'
import { Settings } from 'typebox/system'
import { Value } from 'typebox/value'

// By itself it stops after eight, and the operator would see the ninth at the next start.
Settings.Set({ maxErrors: 10_000 })

/** One fault of one setting. */
export interface ValueFault {
  /** JSON pointer of the setting, from the root of the file: `/agencies/gacc/url`. Empty for the file itself. */
  at: string
  en: string
  zh: string
  /** What was written there; absent where it is missing, or not a single value. */
  value?: unknown
}

/** An error as TypeBox raises it; Fastify hands on the same. */
export interface TypeBoxError {
  keyword: string
  schemaPath: string
  instancePath: string
  message: string
  params: Record<string, unknown>
}

/**
 * Empty when the value fits. What may be left out is filled in for the check only.
 * @param at before the place of each
 */
export function valueFaults(schema: TSchema, value: unknown, at = ''): ValueFault[] {
  const whole = Value.Default(schema, structuredClone(value))
  // To look for what is wrong takes several times as long as to see that nothing is.
  if (Value.Check(schema, whole)) return []
  return faultsInWords(Value.Errors(schema, whole) as TypeBoxError[], schema, whole).map((fault) => ({
    ...fault,
    at: `${at}${fault.at}`,
  }))
}

/** Errors that were raised already, in words. */
export function faultsInWords(raised: TypeBoxError[], schema: TSchema, whole: unknown): ValueFault[] {
  return withoutAlternatives(raised, schema, whole).flatMap((one) =>
    inWords(one, nodeOf(schema, one.schemaPath), valueAt(whole, one.instancePath)).map((fault) => {
      const place = `${one.instancePath}${fault.below ?? ''}`
      const written = valueAt(whole, place)
      return {
        at: place,
        en: fault.en,
        zh: fault.zh,
        ...(written === undefined || typeof written === 'object' ? {} : { value: written }),
      }
    }),
  )
}

/** The word of `known` that was most likely meant; undefined where none is near. */
function didYouMean(written: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined
  const lower = written.toLowerCase()
  const best = closest(
    lower,
    [...known].map((word) => word.toLowerCase()),
  )
  const near = known.find((word) => word.toLowerCase() === best)!
  const length = Math.min(written.length, near.length)
  return distance(lower, best) <= (length < 4 ? 1 : Math.max(2, Math.floor(length / 3))) ? near : undefined
}

/** A question that follows a fault, in both languages; empty where no word is near. */
export function meant(written: string, known: readonly string[]): { en: string; zh: string } {
  const word = didYouMean(written, known)
  return word === undefined ? { en: '', zh: '' } : { en: `; did you mean ${word}?`, zh: `，是否应为 ${word}？` }
}

interface Words {
  en: string
  zh: string
  /** The fault is about a member of the place it was raised at. */
  below?: string
}

/**
 * A surplus setting is raised twice: by name, and as a value no rule fits. Of alternatives, the one that was begun
 * counts.
 */
function withoutAlternatives(raised: TypeBoxError[], schema: TSchema, whole: unknown): TypeBoxError[] {
  const unions = raised.filter(({ keyword }) => keyword === 'anyOf')
  return raised.filter((one) => {
    if (one.keyword === 'boolean') return false
    const union = unions.find(
      ({ schemaPath }) => one !== undefined && one.schemaPath.startsWith(`${schemaPath}/anyOf/`),
    )
    // Of words that may stand there all are told together.
    if (union && wordsOf(nodeOf(schema, union.schemaPath))) return false
    if (union) return one.keyword !== 'type' || one.instancePath !== union.instancePath
    if (one.keyword !== 'anyOf') return true
    // Told by what is wrong inside an alternative of the same kind of value; alone where no alternative takes this
    // kind.
    const node = nodeOf(schema, one.schemaPath)
    const kinds = alternatives(node).map(({ type }) => type)
    return wordsOf(node) !== undefined || !kinds.includes(kindOf(valueAt(whole, one.instancePath)))
  })
}

function inWords({ keyword, params, message }: TypeBoxError, node: SchemaNode, written: unknown): Words[] {
  switch (keyword) {
    case 'additionalProperties':
      return (params.additionalProperties as string[]).map((name) => {
        const near = meant(name, Object.keys(node.properties ?? {}))
        return { below: `/${escaped(name)}`, en: `no such setting${near.en}`, zh: `没有这个设置${near.zh}` }
      })
    case 'required':
      return (params.requiredProperties as string[]).map((name) => ({
        en: `${name} is missing${described(node.properties?.[name])}`,
        zh: `缺少 ${name}${describedZh(node.properties?.[name])}`,
      }))
    case 'type':
    case 'minimum':
    case 'maximum':
    case 'exclusiveMinimum':
    case 'exclusiveMaximum':
      return [kindInWords(node)]
    case 'enum':
    case 'const':
      return [oneOf((params.allowedValues as unknown[] | undefined) ?? [params.allowedValue], written)]
    case 'anyOf': {
      const words = wordsOf(node)
      if (words) return [oneOf(words, written)]
      const kinds = alternatives(node).map(kindInWords)
      return [
        {
          en: kinds
            .map(({ en }) => en)
            .join(' or ')
            .replaceAll(' or must be', ' or'),
          zh: kinds.map(({ zh }) => zh).join('，或'),
        },
      ]
    }
    case 'pattern':
      return [
        node.description === undefined
          ? { en: `does not fit ${node.pattern}`, zh: `不符合 ${node.pattern}` }
          : { en: `does not fit: ${firstSentence(node.description)}`, zh: `格式不符：${node.zh ?? node.description}` },
      ]
    case 'minLength':
      return [{ en: 'must not be empty', zh: '不能为空' }]
    case 'maxLength':
      return [{ en: `must have at most ${node.maxLength} characters`, zh: `最多 ${node.maxLength} 个字符` }]
    case 'minItems':
      return [{ en: `needs at least ${node.minItems} entry`, zh: `至少 ${node.minItems} 项` }]
    case 'propertyNames':
      return [{ en: 'has a name that does not fit', zh: '名称格式不符' }]
    default:
      return [{ en: message, zh: message }]
  }
}

interface SchemaNode {
  type?: string
  /** In English; its first sentence is told with a fault, all of it stands in the docs. */
  description?: string
  /** The same in Chinese, in a few words. */
  zh?: string
  pattern?: string
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
  maxLength?: number
  minItems?: number
  properties?: Record<string, SchemaNode>
  anyOf?: SchemaNode[]
  enum?: unknown[]
  const?: unknown
}

const alternatives = (node: SchemaNode): SchemaNode[] => node.anyOf ?? []

/** The words one of which must stand there; undefined where it takes other values too. */
function wordsOf(node: SchemaNode): unknown[] | undefined {
  const words = alternatives(node)
  return words.length > 0 && words.every((one) => 'const' in one) ? words.map((one) => one.const) : undefined
}

function oneOf(allowed: readonly unknown[], written: unknown): Words {
  const words = allowed.map(String)
  const near = typeof written === 'string' ? meant(written, words) : { en: '', zh: '' }
  return { en: `must be one of ${words.join(', ')}${near.en}`, zh: `只能是 ${words.join('、')}${near.zh}` }
}

function kindInWords(node: SchemaNode): Words {
  switch (node.type) {
    case 'integer':
    case 'number': {
      const whole = node.type === 'integer'
      const least = node.minimum ?? node.exclusiveMinimum
      const range = [
        least === undefined ? '' : node.minimum === undefined ? ` above ${least}` : ` from ${least}`,
        node.maximum === undefined ? '' : ` to ${node.maximum}`,
      ].join('')
      const zhRange = [
        least === undefined ? '' : node.minimum === undefined ? `，大于 ${least}` : `，不小于 ${least}`,
        node.maximum === undefined ? '' : `，不大于 ${node.maximum}`,
      ].join('')
      return {
        en: `must be a ${whole ? 'whole ' : ''}number${range}`,
        zh: `必须是${whole ? '整数' : '数字'}${zhRange}`,
      }
    }
    case 'boolean':
      return { en: 'must be true or false', zh: '只能是 true 或 false' }
    case 'array':
      return { en: 'must be a list', zh: '必须是列表' }
    case 'object':
      return { en: 'must be a table of settings', zh: '必须是一组设置' }
    default:
      return { en: 'must be text', zh: '必须是文本' }
  }
}

const described = (node: SchemaNode | undefined) =>
  node?.description === undefined ? '' : ` (${firstSentence(node.description)})`
const describedZh = (node: SchemaNode | undefined) => (node?.zh === undefined ? '' : `（${node.zh}）`)
const firstSentence = (text: string) => text.split(/(?<=[^.])\.\s/)[0]!

/** The schema an error was raised by: `#/properties/roles/items`. */
function nodeOf(schema: TSchema, path: string): SchemaNode {
  let node: unknown = schema
  for (const step of path.replace(/^#\/?/, '').split('/').filter(Boolean))
    node = (node as Record<string, unknown> | undefined)?.[unescaped(step)]
  return node ?? {}
}

function valueAt(value: unknown, pointer: string): unknown {
  let at = value
  for (const step of pointer.split('/').slice(1)) at = (at as Record<string, unknown> | undefined)?.[unescaped(step)]
  return at
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'array'
  return typeof value
}

const escaped = (name: string) => name.replaceAll('~', '~0').replaceAll('/', '~1')
const unescaped = (step: string) => step.replaceAll('~1', '/').replaceAll('~0', '~')
