// grammar — a schema made ready for a walk over a message: its elements with their types, each made when a message
// first has one, and found by the hash of its name. A type that asks for something not known here is no type: the
// message that has one is left to libxml2.
import { hashOfName, isName } from '../../messages/xml-tags.js'
import { modelOf, type ContentModel, type Numbers } from './content.js'
import { builtIn, NotKnown, qualified, readParts, type Part } from './parts.js'
import { createValues, type Value } from './values.js'

/** A declared element. */
export interface KnownElement {
  /** Its number among the elements of the type it was found in. */
  id: number
  name: Buffer
  namespace: string
  /** Undefined: it asks for something not known here. */
  read(): ReadElement | undefined
}

/** What is asked of an element. */
export interface ReadElement {
  type: Type
  /** It may say that it has no value (`xsi:nil`). */
  nillable: boolean
  /** Empty it stands for a value; `fixed`: it may have this one only. */
  given: { fixed: string | undefined } | undefined
  /** Numbers of the elements in it that must be there, each once. */
  required: readonly number[]
  /** Numbers of those that may be there once. */
  once: readonly number[]
}

/** What may stand in an element. */
export interface Type {
  attributes: readonly Attribute[]
  /** Others may stand beside them. */
  anyAttribute: boolean
  required: number
  /** Of text alone. */
  value?: Value
  /** Of elements. */
  elements?: Names
  model?: ContentModel
  wildcards: readonly Wildcard[]
  /** Text may stand among them. */
  mixed: boolean
}

/** An attribute without namespace. */
export interface Attribute {
  name: Buffer
  value: Value
  fixed: string | undefined
  required: boolean
}

/** Elements of any name, which are only well-formed. Undefined: those of this namespace may not stand there. */
export type Wildcard = (namespace: string) => number | undefined

/** Elements by their names. */
export class Names {
  readonly #byHash = new Map<number, KnownElement[]>()
  /** In the order in which they were declared. */
  readonly all: KnownElement[] = []

  /** A further one, of a name that is not there yet. */
  add(element: KnownElement): void {
    this.all.push(element)
    const hash = hashOfName(element.name)
    const others = this.#byHash.get(hash)
    if (others) others.push(element)
    else this.#byHash.set(hash, [element])
  }

  /** @param from where the name stands in the page, without its prefix, to before `to`; `hash` as `readName` has it */
  find(page: Uint8Array, from: number, to: number, hash: number, namespace: string): KnownElement | undefined {
    const found = this.#byHash.get(hash)
    if (found) for (const one of found) if (one.namespace === namespace && isName(one.name, page, from, to)) return one
    return undefined
  }
}

/**
 * The elements a message by this schema may begin with.
 * @param bytes of a schema by its name
 * @throws NotKnown when nothing by this schema can be certain
 */
export function readGrammar(bytes: (file: string) => Buffer, file: string): Names {
  const parts = readParts(bytes, file)
  const values = createValues(parts)
  const types = new Map<Part, Type | undefined>()
  const roots = new Names()
  for (const part of parts.roots) roots.add(elementOf(part, roots.all.length))
  return roots

  function elementOf(part: Part, id: number): KnownElement {
    const real = part.at.ref === undefined ? part : parts.named('element', part.at.ref, part)
    if (!real) throw new NotKnown(`element ${part.at.ref}`)
    return {
      id,
      name: Buffer.from(real.at.name!),
      namespace: isGlobal(real) || real.of.qualified ? real.of.namespace : '',
      read: once(() => orUnknown(() => elementRead(real))),
    }
  }

  function elementRead(part: Part): ReadElement | undefined {
    const { name, type: named, fixed } = part.at
    const inline = part.inside.filter(({ kind }) => kind === 'complexType' || kind === 'simpleType')
    const keys = part.inside.filter(({ kind }) => kind === 'key' || kind === 'unique')
    if (inline.length + keys.length !== part.inside.length || inline.length > 1) throw new NotKnown(`element ${name}`)
    const type = inline[0] ? typeOf(inline[0]) : named === undefined ? undefined : typeNamed(named, part)
    const numbers = (kind: string) => numbersOf(keys.filter((key) => key.kind === kind).flatMap(fieldsOf), type)
    return (
      type && {
        type,
        nillable: part.at.nillable === 'true',
        given: fixed === undefined && part.at.default === undefined ? undefined : { fixed },
        required: numbers('key'),
        once: numbers('unique'),
      }
    )
  }

  function typeNamed(name: string, from: Part): Type | undefined {
    const complex = builtIn(name, from) === undefined ? parts.named('complexType', name, from) : undefined
    return complex ? typeOf(complex) : simpleType(values.named(name, from))
  }

  function isGlobal(part: Part): boolean {
    return parts.roots.includes(part)
  }

  function typeOf(part: Part): Type | undefined {
    if (!types.has(part))
      types.set(
        part,
        orUnknown(() => (part.kind === 'simpleType' ? simpleType(values.inline(part)) : complexType(part))),
      )
    return types.get(part)
  }

  function complexType(part: Part): Type {
    const [content] = part.inside
    if (content?.kind === 'simpleContent') return simpleContent(content)
    const elements = new Names()
    const wildcards: Wildcard[] = []
    const declared = new Map<string, { part: Part; id: number }>()
    let ids = 0
    const numbers: Numbers = {
      element(one) {
        const element = elementOf(one, ids)
        const key = `{${element.namespace}}${element.name.toString()}`
        const known = declared.get(key)
        if (known) {
          // Of one name they have one type (part 1, 3.8.6); where that cannot be seen, nothing is certain.
          if (!sameDeclaration(known.part, one)) throw new NotKnown(`two of the name ${key}`)
          return known.id
        }
        declared.set(key, { part: one, id: ids })
        elements.add(element)
        return ids++
      },
      any(one) {
        const { namespace = '##any', processContents } = one.at
        const id = ids++
        if (processContents === 'skip' && namespace === '##any') wildcards.push(() => id)
        else if (processContents === 'skip' && namespace === '##other')
          wildcards.push((found) => (found === '' || found === one.of.namespace ? undefined : id))
        return id
      },
    }
    const model = modelOf(part, parts, numbers)
    return { ...attributesOf(part), elements, model, wildcards, mixed: part.at.mixed === 'true' }
  }

  /** Text with attributes. */
  function simpleContent(content: Part): Type {
    const [extension] = content.inside
    if (extension?.kind !== 'extension' || extension.at.base === undefined) throw new NotKnown('simpleContent')
    const own = attributesOf(extension)
    const { base } = extension.at
    const below = builtIn(base, extension) === undefined ? parts.named('complexType', base, extension) : undefined
    if (!below) return { ...simpleType(values.named(base, extension)), ...own }
    const inner = typeOf(below)
    if (!inner?.value) throw new NotKnown(`extension of ${base}`)
    return {
      ...inner,
      attributes: [...inner.attributes, ...own.attributes],
      anyAttribute: false,
      required: inner.required + own.required,
    }
  }

  function attributesOf(part: Part): Pick<Type, 'attributes' | 'anyAttribute' | 'required'> {
    const attributes: Attribute[] = []
    const others: boolean[] = []
    const add = (within: Part): void => {
      for (const one of within.inside)
        if (one.kind === 'attribute') {
          const known = attributeOf(one)
          if (known) attributes.push(known)
          else others.push(false)
        } else if (one.kind === 'attributeGroup') {
          const group = parts.named('attributeGroup', one.at.ref ?? '', one)
          if (!group) throw new NotKnown(`attributeGroup ${one.at.ref}`)
          add(group)
        } else if (one.kind === 'anyAttribute')
          others.push(one.at.processContents === 'skip' && (one.at.namespace ?? '##any') === '##any')
    }
    add(part)
    // Any other may stand there where all say so, and none is left out that would have to be looked at.
    const anyAttribute = others.length > 0 && others.every(Boolean)
    return { attributes, anyAttribute, required: attributes.filter(({ required }) => required).length }
  }

  /** Undefined: it is not known; a message that has it is left to libxml2. */
  function attributeOf(part: Part): Attribute | undefined {
    const { name, type, use = 'optional', fixed } = part.at
    const required = use === 'required'
    if (use !== 'optional' && !required) throw new NotKnown(`attribute ${use}`)
    try {
      if (name === undefined) throw new NotKnown('an attribute of another namespace')
      const [inline] = part.inside
      if (!inline && type === undefined) throw new NotKnown(`attribute ${name}`)
      return {
        name: Buffer.from(name),
        value: inline ? values.inline(inline) : values.named(type!, part),
        fixed,
        required,
      }
    } catch (error) {
      if (error instanceof NotKnown && !required) return undefined
      throw error
    }
  }
}

const noAttributes = { attributes: [], anyAttribute: false, required: 0 }
const simpleType = (value: Value): Type => ({ ...noAttributes, value, wildcards: [], mixed: false })

function sameDeclaration(one: Part, other: Part): boolean {
  if (one === other) return true
  const plain = (part: Part) => part.inside.length === 0 && part.of === one.of
  const same = (name: string) => one.at[name] === other.at[name]
  return plain(one) && plain(other) && ['name', 'ref', 'type', 'nillable', 'fixed', 'default'].every(same)
}

/** Of a key over the element itself, its children by their names. */
function fieldsOf({ inside: [selector, ...fields] }: Part): [namespace: string, local: string][] {
  if (selector?.kind !== 'selector' || selector.at.xpath !== '.') throw new NotKnown('a key over more than one element')
  return fields.map((field) => {
    const { xpath = '' } = field.at
    if (field.kind !== 'field' || !/^([\w.-]+:)?[\w.-]+$/.test(xpath) || xpath === '.')
      throw new NotKnown(`field ${xpath}`)
    // A name without prefix is in no namespace here, whatever xmlns says.
    return xpath.includes(':') ? qualified(xpath, field) : ['', xpath]
  })
}

/** @throws NotKnown where it names what the element does not have, or what is no text */
function numbersOf(fields: readonly [namespace: string, local: string][], type: Type | undefined): number[] {
  return fields.map(([namespace, local]) => {
    const name = Buffer.from(local)
    const found = type?.elements?.find(name, 0, name.length, hashOfName(name), namespace)
    if (!found?.read()?.type.value) throw new NotKnown(`field ${local}`)
    return found.id
  })
}

/** Remembers what it gave. @throws NotKnown where it would need what it makes */
function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined
  let making = false
  return () => {
    if (made) return made.value
    if (making) throw new NotKnown('what holds itself')
    making = true
    try {
      return (made = { value: make() }).value
    } finally {
      making = false
    }
  }
}

function orUnknown<T>(make: () => T): T | undefined {
  try {
    return make()
  } catch (error) {
    if (error instanceof NotKnown) return undefined
    throw error
  }
}
