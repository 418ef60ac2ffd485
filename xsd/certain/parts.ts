// parts — the parts of a schema, as they are written: elements, types and groups by their names, over all files that
// it includes and imports. Whatever is not on the lists below is not known, and no message that needs it is certain.
import { posix } from 'node:path'
import { XmlDocument, XmlElement } from 'libxml2-wasm'

/** The schema asks for something that is not known here. The messages concerned are left to libxml2. */
export class NotKnown extends Error {
  override name = 'NotKnown'
}

/** One element of a schema, and the file it stands in. */
export interface Part {
  kind: string
  at: Readonly<Record<string, string>>
  inside: readonly Part[]
  of: Source
}

/** A schema file as one part of the whole: included by a file with a namespace, it has that one. */
interface Source {
  namespace: string
  /** Are elements declared inside a type in the namespace? */
  qualified: boolean
  prefixes: ReadonlyMap<string, string>
}

/** Every part that has a name of its own. */
export interface Parts {
  /** @param name as it stands in the file of `from`, with its prefix. @throws NotKnown where there is none */
  named(kind: string, name: string, from: Part): Part | undefined
  /** The elements that a message may begin with. */
  roots: readonly Part[]
}

const schemaNamespace = 'http://www.w3.org/2001/XMLSchema'

/** What may stand in a schema, and the attributes each may have; XML Schema 1.0 has more. */
const attributesOf: Readonly<Record<string, readonly string[]>> = {
  schema: ['targetNamespace', 'elementFormDefault', 'version'],
  include: ['schemaLocation'],
  import: ['namespace', 'schemaLocation'],
  element: ['name', 'ref', 'type', 'minOccurs', 'maxOccurs', 'nillable', 'default', 'fixed'],
  attribute: ['name', 'ref', 'type', 'use', 'fixed'],
  attributeGroup: ['name', 'ref'],
  anyAttribute: ['namespace', 'processContents'],
  complexType: ['name', 'mixed'],
  simpleType: ['name'],
  sequence: ['minOccurs', 'maxOccurs'],
  choice: ['minOccurs', 'maxOccurs'],
  all: [],
  group: ['name', 'ref', 'minOccurs', 'maxOccurs'],
  any: ['namespace', 'processContents', 'minOccurs', 'maxOccurs'],
  simpleContent: [],
  extension: ['base'],
  restriction: ['base'],
  union: ['memberTypes'],
  key: ['name'],
  unique: ['name'],
  selector: ['xpath'],
  field: ['xpath'],
  ...Object.fromEntries(
    [
      ...['enumeration', 'pattern', 'length', 'minLength', 'maxLength'],
      ...['totalDigits', 'fractionDigits', 'minInclusive', 'maxInclusive'],
    ].map((facet) => [facet, ['value']]),
  ),
}

/**
 * @param bytes of a schema by its name
 * @throws NotKnown when a file has what is on none of the lists
 */
export function readParts(bytes: (file: string) => Buffer, file: string): Parts {
  const named = new Map<string, Part>()
  const roots: Part[] = []
  const seen = new Set<string>()

  function read(one: string, into: string | undefined): void {
    const text = bytes(one)
    const doc = XmlDocument.fromBuffer(text)
    try {
      const namespace = doc.root.attr('targetNamespace')?.value ?? into ?? ''
      const key = `${one} ${namespace}`
      if (seen.has(key)) return
      seen.add(key)
      const of: Source = {
        namespace,
        qualified: doc.root.attr('elementFormDefault')?.value === 'qualified',
        prefixes: prefixesIn(text.toString(), doc.root.attr('targetNamespace') ? '' : namespace),
      }
      for (const part of partOf(doc.root, of).inside) {
        if (part.kind === 'include' || part.kind === 'import') {
          const { schemaLocation } = part.at
          if (schemaLocation !== undefined)
            read(
              posix.join(posix.dirname(one), schemaLocation),
              part.kind === 'include' ? namespace : (part.at.namespace ?? ''),
            )
          continue
        }
        if (part.at.name === undefined) throw new NotKnown(`${one}: ${part.kind} without a name`)
        const name = keyOf(part.kind, namespace, part.at.name)
        if (named.has(name)) throw new NotKnown(`${one}: ${part.kind} ${part.at.name} stands twice`)
        named.set(name, part)
        if (part.kind === 'element') roots.push(part)
      }
    } finally {
      doc.dispose()
    }
  }

  read(file, undefined)
  return {
    roots,
    named: (kind, name, from) => named.get(keyOf(kind, ...qualified(name, from))),
  }
}

const keyOf = (kind: string, namespace: string, name: string) => `${kind} {${namespace}}${name}`

/** Namespace and local name of what a part names. @throws NotKnown where the prefix is none */
export function qualified(name: string, from: Part): [namespace: string, local: string] {
  const colon = name.indexOf(':')
  const namespace = from.of.prefixes.get(colon < 0 ? '' : name.slice(0, colon))
  if (namespace === undefined) throw new NotKnown(`prefix of ${name}`)
  return [namespace, name.slice(colon + 1)]
}

/** The local name of a type of XML Schema itself, such as `decimal`. */
export function builtIn(name: string, from: Part): string | undefined {
  const [namespace, local] = qualified(name, from)
  return namespace === schemaNamespace ? local : undefined
}

/** @param own what a name without prefix is in, where the file says nothing of it */
function prefixesIn(text: string, own: string): Map<string, string> {
  const prefixes = new Map<string, string>()
  const written = text.replace(/<!--[\s\S]*?-->/g, '')
  for (const [, prefix = '', uri] of written.matchAll(/\sxmlns(?::([\w.-]+))?\s*=\s*["']([^"']*)["']/g)) {
    if ((prefixes.get(prefix) ?? uri) !== uri) throw new NotKnown(`two meanings of the prefix ${prefix}`)
    prefixes.set(prefix, uri!)
  }
  if (!prefixes.has('')) prefixes.set('', own)
  return prefixes
}

function partOf(element: XmlElement, of: Source): Part {
  const { name: kind, attrs } = element
  const may = element.namespaceUri === schemaNamespace ? attributesOf[kind] : undefined
  if (!may) throw new NotKnown(`<${kind}>`)
  const inside: Part[] = []
  for (let child = element.firstChild; child; child = child.next)
    if (child instanceof XmlElement && child.name !== 'annotation') inside.push(partOf(child, of))
  const at: Record<string, string> = {}
  for (const { name, value, namespaceUri } of attrs) {
    if (namespaceUri === '' && name === 'id') continue
    if (namespaceUri !== '' || !may.includes(name)) throw new NotKnown(`${kind}@${name}`)
    at[name] = value
  }
  return { kind, at, inside, of }
}
