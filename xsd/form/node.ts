// node — a form taken apart: groups and leaves in their order, blocks and shared types filled in. Everything made of a
// form is made of these.
import type { CheckDigitName } from '../../messages/check-digits/index.js'
import type { Bilingual } from '../../messages/text.js'

/** An entry of a code list. Where it is from stands in the last column of its file in xsd/codes. */
export interface Code {
  code: string
  zh: string
  /** The first and the last day it may be declared, 2026-06-01; absent: always. Of lists in xsd/codes. */
  from?: string
  to?: string
}

/** What a leaf may hold. Absent limits do not apply. */
export interface Leaf {
  /** As the form writes it: `text(20)`, `money(2)`, `hs(10)`. */
  type: string
  base: 'string' | 'decimal' | 'integer' | 'date' | 'dateTime' | 'time'
  minLength?: number
  maxLength?: number
  /** Over the whole value, as XSD writes it. */
  pattern?: string
  min?: number
  max?: number
  /** Digits in all, and behind the point. */
  digits?: number
  fraction?: number
  codes?: readonly Code[]
  /** The list in xsd/codes the codes come from. */
  list?: string
  /** What stands beside the value: the currency of money, the unit of a quantity. */
  attribute?: { name: 'currency' | 'unit'; pattern?: string; codes?: readonly Code[] }
  check?: CheckDigitName
}

/** A field of a form: a group with `fields`, or a leaf with `leaf`. */
export interface Node {
  name: string
  zh: string
  en: string
  min: number
  /** Infinity: any number. */
  max: number
  /** How many there are at least where the function is no short one (read/short.ts): `min` is 0 then. */
  usual?: number
  /** No public name or rule: ours. */
  own?: true
  note?: string
  fields?: Node[]
  /** Of a list: a second, third … line of the example: path → value, null where that line has none. */
  lines?: Record<string, string | null>[]
  leaf?: Leaf
  /** The example as it stands in a message, and its attribute's. */
  eg?: string
  egAttribute?: string
}

/** A step of the authority's course. */
export interface LifeCycleStep {
  /** What the answer's `State` holds. */
  code: string
  zh: string
  en: string
  status: string
  /** Only what was filed with one of these function codes is answered so. */
  on?: string[]
  brings: Node[]
}

/** One form, checked and filled in. */
export interface Form {
  document: string
  title: Bilingual
  kind: 'filing' | 'notice' | 'query'
  /** Of the catalogue, for the namespace. */
  system: string
  namespace: string
  category: string
  source: string
  marks: string
  agencies: string[]
  /** Paths. */
  identity: string[]
  keys: string[]
  functions: { code: string; name: string }[]
  /** Functions that need no more than these fields of the form's own level. */
  short?: { functions: string[]; needs: string[] }
  serves: {
    operation: string
    functions: string[]
    when: Record<string, string | string[]>
    /** Path → what the example of this operation holds instead. */
    eg: Record<string, string>
  }[]
  fields: Node[]
  /** Notes: rules of which a machine can judge nothing. */
  notes: Bilingual[]
  life: LifeCycleStep[]
}

/** `Items/Quantity` or `Items/Quantity@unit` → the node; undefined when the form has no such path. */
export function nodeAt(fields: readonly Node[], path: string): Node | undefined {
  let level: readonly Node[] | undefined = fields
  let found: Node | undefined
  for (const step of path.replace(/@.*$/, '').split('/')) {
    found = level?.find((one) => one.name === step)
    if (!found) return undefined
    level = found.fields
  }
  return found
}

/** Every node with its path, groups before what is in them. */
export function* walk(fields: readonly Node[], above = ''): Generator<{ path: string; node: Node }> {
  for (const node of fields) {
    const path = above === '' ? node.name : `${above}/${node.name}`
    yield { path, node }
    if (node.fields) yield* walk(node.fields, path)
  }
}
