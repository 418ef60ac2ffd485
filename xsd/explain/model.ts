// model — a schema as people ask about it: which fields an element has, which of them it must hold and how often, and
// what a value may be. Read once a schema, when a message has broken it; whether a message is valid is libxml2's to
// say, not this file's.
import { XmlDocument, XmlElement } from 'libxml2-wasm'
import type { SchemaFiles } from '../schema-files.js'

/** A declared element. Its content is read when asked for, since types may contain themselves. */
export interface Declared {
  name: string
  /** Fields that a key over "." asks for: required, though their group leaves them open. */
  required: string[]
  content(): Content
}

/** What an element may hold; `any`: nothing is said, or it cannot be told. */
export type Content =
  | { kind: 'simple'; type: Simple; attributes: string[] }
  | { kind: 'complex'; particle: Particle; attributes: string[] }
  | { kind: 'any' }

/** What may stand in an element, and how often; `max` Infinity: any number of times. */
export type Particle =
  | { kind: 'element'; declared: Declared; min: number; max: number }
  | { kind: 'any'; min: number; max: number }
  | { kind: 'sequence' | 'choice' | 'all'; parts: Particle[]; min: number; max: number }

/** A simple type with the facets of all it restricts. `of` are the members of a union. */
export interface Simple {
  base: string
  facets: Readonly<Record<string, string>>
  patterns: string[]
  enumeration?: string[]
  of?: Simple[]
}

/** One schema with all it includes. */
export interface Model {
  root(name: string): Declared | undefined
  /** A simple type by the name libxml2 calls it: `xs:int`, `Given18`. */
  type(name: string): Simple | undefined
}

/** @param read gives the bytes of a schema and of all it includes or imports */
export function readModel(schemas: Pick<SchemaFiles, 'bytes' | 'closure'>, file: string): Model {
  const docs = schemas.closure(file).map((one) => XmlDocument.fromBuffer(schemas.bytes(one)))
  try {
    const named = new Map<string, Node>()
    for (const doc of docs)
      for (const node of plain(doc.root).inside) {
        const key = `${node.kind} ${node.at.name ?? ''}`
        if (!named.has(key)) named.set(key, node)
      }
    return createModel(named)
  } finally {
    for (const doc of docs) doc.dispose()
  }
}

/** A schema's element without libxml2's memory behind it. */
interface Node {
  kind: string
  at: Record<string, string>
  inside: Node[]
}
function plain(element: XmlElement): Node {
  const inside: Node[] = []
  for (let child = element.firstChild; child; child = child.next)
    if (child instanceof XmlElement && child.name !== 'annotation') inside.push(plain(child))
  return { kind: element.name, at: Object.fromEntries(element.attrs.map((a) => [a.name, a.value])), inside }
}

const local = (name: string) => name.slice(name.indexOf(':') + 1)
const builtIn = (name: string) => /^xsd?:/.test(name)
const count = (text: string | undefined, usual: number) =>
  text === undefined ? usual : text === 'unbounded' ? Infinity : Number(text)

function createModel(named: ReadonlyMap<string, Node>): Model {
  const find = (kind: string, name: string) => named.get(`${kind} ${local(name)}`)
  const simples = new Map<string, Simple>()

  function declared(node: Node): Declared {
    const real = node.at.ref === undefined ? node : (find('element', node.at.ref) ?? node)
    let content: Content | undefined
    return {
      name: real.at.name ?? local(real.at.ref ?? ''),
      required: real.inside
        .filter(({ kind, inside }) => kind === 'key' && inside.some((one) => one.at.xpath === '.'))
        .flatMap(({ inside }) => inside.filter(({ kind }) => kind === 'field').map(({ at }) => local(at.xpath ?? ''))),
      content: () => (content ??= contentOf(real)),
    }
  }

  function contentOf(node: Node): Content {
    const type = node.at.type
    const inline = node.inside.find(({ kind }) => kind === 'complexType' || kind === 'simpleType')
    const found = inline ?? (type === undefined || builtIn(type) ? undefined : find('complexType', type))
    if (found?.kind === 'complexType') return complex(found)
    if (inline) return { kind: 'simple', type: simpleOf(inline), attributes: [] }
    if (type === undefined || local(type) === 'anyType') return { kind: 'any' }
    return { kind: 'simple', type: simple(type), attributes: [] }
  }

  function complex(node: Node): Content {
    const attributes = [...attributesIn(node)]
    const simpleContent = node.inside.find(({ kind }) => kind === 'simpleContent')?.inside[0]
    if (simpleContent) {
      const base = simpleContent.at.base ?? ''
      const below = builtIn(base) ? undefined : find('complexType', base)
      const inner = below ? complex(below) : undefined
      const type = inner?.kind === 'simple' ? inner.type : narrowed(simple(base), simpleContent)
      return { kind: 'simple', type, attributes: [...attributes, ...attributesIn(simpleContent)] }
    }
    return { kind: 'complex', particle: group('sequence', partsOf(node), 1, 1), attributes }
  }

  function* attributesIn(node: Node): Generator<string> {
    for (const one of node.inside) {
      if (one.kind === 'attribute' && one.at.use === 'required') yield one.at.name ?? local(one.at.ref ?? '')
      if (one.kind === 'attributeGroup' && one.at.ref !== undefined) {
        const found = find('attributeGroup', one.at.ref)
        if (found) yield* attributesIn(found)
      }
    }
  }

  const group = (kind: 'sequence' | 'choice' | 'all', parts: Particle[], min: number, max: number): Particle => ({
    kind,
    parts,
    min,
    max,
  })

  function partsOf(node: Node): Particle[] {
    return node.inside.flatMap((one): Particle[] => {
      const min = count(one.at.minOccurs, 1)
      const max = count(one.at.maxOccurs, 1)
      switch (one.kind) {
        case 'element':
          return max === 0 ? [] : [{ kind: 'element', declared: declared(one), min, max }]
        case 'any':
          return [{ kind: 'any', min, max }]
        case 'sequence':
        case 'choice':
        case 'all':
          return [group(one.kind, partsOf(one), min, max)]
        case 'group': {
          const found = find('group', one.at.ref ?? '')
          return found ? [group('sequence', partsOf(found), min, max)] : []
        }
        case 'complexContent':
          return partsOf(one)
        case 'extension': {
          const base = find('complexType', one.at.base ?? '')
          return [...(base ? partsOf(base) : []), ...partsOf(one)]
        }
        case 'restriction':
          return partsOf(one)
        default:
          return []
      }
    })
  }

  function simple(name: string): Simple {
    if (builtIn(name)) return { base: local(name), facets: {}, patterns: [] }
    const known = simples.get(name)
    if (known) return known
    const found = find('simpleType', name)
    const made = found ? simpleOf(found) : { base: builtIn(name) ? local(name) : 'string', facets: {}, patterns: [] }
    simples.set(name, made)
    return made
  }

  function simpleOf(node: Node): Simple {
    const [how] = node.inside
    if (how?.kind === 'union') {
      const members = (how.at.memberTypes ?? '').split(/\s+/).filter((one) => one !== '')
      return {
        base: 'union',
        facets: {},
        patterns: [],
        of: [...members.map(simple), ...how.inside.filter(({ kind }) => kind === 'simpleType').map(simpleOf)],
      }
    }
    if (how?.kind !== 'restriction') return { base: 'string', facets: {}, patterns: [] }
    const inline = how.inside.find(({ kind }) => kind === 'simpleType')
    return narrowed(inline ? simpleOf(inline) : simple(how.at.base ?? 'xs:string'), how)
  }

  function narrowed(base: Simple, restriction: Node): Simple {
    const own = restriction.inside.filter(({ at }) => at.value !== undefined)
    const of = (kind: string) => own.filter((one) => one.kind === kind).map(({ at }) => at.value!)
    const plainFacets = own.filter(({ kind }) => kind !== 'pattern' && kind !== 'enumeration')
    const patterns = of('pattern')
    const enumeration = of('enumeration')
    return {
      ...base,
      facets: { ...base.facets, ...Object.fromEntries(plainFacets.map(({ kind, at }) => [kind, at.value!])) },
      patterns: [...base.patterns, ...(patterns.length > 0 ? [patterns.join('|')] : [])],
      ...(enumeration.length > 0 ? { enumeration } : {}),
    }
  }

  return {
    root(name) {
      const found = find('element', name)
      return found && declared(found)
    },
    type: (name) => (builtIn(name) || find('simpleType', name) ? simple(name) : undefined),
  }
}
