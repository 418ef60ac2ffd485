// fields — the fields of a form: groups and leaves in their order, with blocks, runs and types filled in.
import { readLeaf, wrongWith } from '../leaf-types.js'
import { isPublished, limitOf } from '../limits.js'
import type { Node } from '../node.js'
import { englishOf } from '../words.js'
import { exampleNumber, exampleOf, readLine } from './examples.js'
import type { Library } from './library.js'
import { isMap, written, type RawMap, type Tell } from './written.js'

const fieldKeys = ['zh', 'en', 'type', 'occurs', 'eg', 'own', 'note', 'fields', 'plus']

/** Where fields stand, what they are read with, and who is told what is wrong. */
export interface FieldsReading {
  at: (string | number)[]
  library: Library
  tell: Tell
  /** The blocks that they stand in, outermost first: none of them may hold itself. */
  within?: readonly string[]
}

/** Those of one map, in its order. */
export function readFields(raw: RawMap, reading: FieldsReading): Node[] {
  const { at, tell } = reading
  return Object.entries(raw).flatMap(([name, said]) => {
    const here = [...at, name]
    if (!isMap(said)) {
      tell(here, `${name} is no field`)
      return []
    }
    if (said.use !== undefined) return readRun(said, { ...reading, at: here })
    return readField(name, said, { ...reading, at: here }) ?? []
  })
}

/**
 * `Line: { use: exemptGoods, eg: { … }, but: { Model: { occurs: 0..1 } } }`: the fields of a run of blocks.yaml stand
 * here, in its order, as if they were written out; `Line` is in no message. `eg`: other examples; `but`: what this form
 * says otherwise of one of them.
 */
function readRun(said: RawMap, reading: FieldsReading) {
  const { at, library, tell } = reading
  const run = library.runs[written(said.use)]
  if (!run) {
    tell([...at, 'use'], `there is no run ${written(said.use)} in types/blocks.yaml`)
    return []
  }
  for (const key of Object.keys(said))
    if (!['use', 'eg', 'but'].includes(key)) tell([...at, key], `there is no ${key} beside use`)
  const but = isMap(said.but) ? said.but : {}
  const eg = isMap(said.eg) ? said.eg : {}
  for (const [key, of] of Object.entries({ but, eg }))
    for (const field of Object.keys(of))
      if (run[field] === undefined) tell([...at, key, field], `${written(said.use)} has no ${field}`)
  const fields = Object.entries(run).map(([field, shared]) => {
    const other = isMap(but[field]) ? but[field] : {}
    return [field, { ...(shared as RawMap), ...(eg[field] === undefined ? {} : { eg: eg[field] }), ...other }]
  })
  return readFields(Object.fromEntries(fields) as RawMap, { ...reading, at: at.slice(0, -1) })
}

/** Undefined where there is no such field to be made; what is wrong has been told. */
export function readField(name: string, said: RawMap, reading: FieldsReading): Node | undefined {
  const { at, library, tell, within = [] } = reading
  for (const key of Object.keys(said)) if (!fieldKeys.includes(key)) tell([...at, key], `there is no ${key} in a field`)
  if (!/^[A-Z][A-Za-z0-9]{0,59}$/.test(name)) tell(at, `${name} is no UpperCamel name of up to 60 letters and digits`)
  const zh = typeof said.zh === 'string' ? said.zh.trim() : ''
  if (!/[\u4e00-\u9fff]|^[A-Z]/.test(zh)) tell(at, `${name} needs its Chinese label`)
  const occurs = readOccurs(said.occurs)
  if (!occurs) tell([...at, 'occurs'], `occurs of ${name} is 0..1, 1..20 or 0..n`)
  const node: Node = {
    name,
    zh,
    en: typeof said.en === 'string' ? said.en : englishOf(name),
    ...(occurs ?? { min: 1, max: 1 }),
    ...(said.own === true ? { own: true as const } : {}),
    ...(typeof said.note === 'string' ? { note: said.note } : {}),
  }
  const type = typeof said.type === 'string' ? said.type : undefined
  const block = type === undefined ? undefined : library.blocks[type]
  if (type !== undefined && block) {
    if (within.includes(type)) {
      tell(at, `block ${type} holds itself`)
      return undefined
    }
    const shared = exampleNumber(readFields(block, { ...reading, within: [...within, type] }), type, library)
    const plus = isMap(said.plus) ? readFields(said.plus, { ...reading, at: [...at, 'plus'] }) : []
    for (const one of plus)
      if (shared.some((other) => other.name === one.name))
        tell([...at, 'plus', one.name], `${type} has ${one.name} already`)
    const own = isMap(said.eg) ? said.eg : {}
    for (const name of Object.keys(own))
      if (!shared.some((one) => one.name === name)) tell([...at, 'eg', name], `${type} has no ${name}`)
    const told = shared.map((one) => (own[one.name] === undefined ? one : { ...one, eg: String(own[one.name]) }))
    for (const one of told) {
      const wrong = one.leaf && one.eg !== undefined ? wrongWith(one.eg, one.leaf) : undefined
      if (wrong !== undefined) tell([...at, 'eg'], `${one.name}: example ${one.eg} ${wrong}`)
    }
    return { ...node, fields: [...told, ...plus] }
  }
  if (isMap(said.fields)) {
    if (type !== undefined) tell(at, `${name} has a type or fields, not both`)
    const fields = readFields(said.fields, { ...reading, at: [...at, 'fields'] })
    const lines = Array.isArray(said.eg)
      ? said.eg.map((line: unknown, i) => readLine(line, fields, [...at, 'eg', i], tell))
      : []
    if (said.eg !== undefined && (lines.length === 0 || lines.length >= node.max))
      tell([...at, 'eg'], `eg of a list is its second and further lines`)
    return { ...node, fields, ...(lines.length > 0 ? { lines } : {}) }
  }
  if (type === undefined) {
    tell(at, `${name} has neither type nor fields`)
    return undefined
  }
  const limit = limitOf(library.limits, { name, zh, type })
  if (limit !== undefined && limit !== type && library.reading !== undefined) {
    const path = at.filter((step) => typeof step === 'string' && /^[A-Z]/.test(step)).join('/')
    if (!isPublished(library.limits, library.reading, path))
      tell([...at, 'type'], `${name} is ${limit} in all forms (types/limits.yaml), not ${type}`)
  }
  const leaf = readLeaf(type, library)
  if (typeof leaf === 'string') {
    tell([...at, 'type'], `${name}: ${leaf}`)
    return undefined
  }
  return { ...node, leaf, ...exampleOf({ name, type, leaf }, said.eg, reading) }
}

function readOccurs(said: unknown): { min: number; max: number } | undefined {
  if (said === undefined) return { min: 1, max: 1 }
  const [, min, max] = /^(\d+)\.\.(\d+|n)$/.exec(written(said)) ?? []
  if (min === undefined) return undefined
  const most = max === 'n' ? Infinity : Number(max)
  return most >= Number(min) && most > 0 ? { min: Number(min), max: most } : undefined
}
