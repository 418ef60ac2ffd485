// from-json — the JSON form of a message as the XML that is checked and sent on, and faults of that XML as faults of
// the JSON: a pointer and a line of what came. Same names, same structure; the order of names does not matter.
import { escapeXmlExactly, isUnwritable } from '../../messages/escape-xml.js'
import { fault } from '../../messages/errors.js'
import { limited } from '../../messages/fault-limit.js'
import type { Fault } from '../../messages/fault.js'
import { JsonReadError, placesIn, readJson, type JsonValue } from '../../messages/json-reading.js'
import { rootOf } from './document.js'
import type { Form, Node } from './node.js'

interface FromJson {
  /** Absent where it could not be made; then `faults` says why. */
  xml?: Buffer
  faults: Fault[]
  /** A fault of the XML, told where it is in the JSON. */
  back: (fault: Fault) => Fault
}

/** @param formOf a form by its document */
export function fromJson(
  bytes: Uint8Array,
  formOf: (document: string) => Form | undefined,
  faultLimit = 100,
): FromJson {
  const untouched = (one: Fault) => one
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return { faults: [fault('HUB_ENCODING', { value: 'UTF-8' })], back: untouched }
  }
  let value: JsonValue
  try {
    value = readJson(text)
  } catch (error) {
    if (!(error instanceof JsonReadError)) throw error
    return {
      faults: [fault('HUB_JSON_NOT_WELL_FORMED', { detail: error.message }, placesIn(text)(error.at))],
      back: untouched,
    }
  }
  const [name = '', ...others] = value.kind === 'object' ? [...value.members.keys()] : []
  const form = others.length === 0 ? formOf(name) : undefined
  if (value.kind !== 'object' || !form) {
    const members = [name, ...others]
    const listed = `${members.slice(0, 3).join(', ').slice(0, 100)}${members.length > 3 ? ' …' : ''}`
    const found = value.kind === 'object' ? (name === '' ? '{}' : listed) : value.kind
    const at = { path: name === '' ? '/' : `/${pointed(name.slice(0, 60))}`, rule: 'one member, a document' }
    return {
      faults: [fault('HUB_JSON_DOCUMENT', { found }, at)],
      back: untouched,
    }
  }
  const root = rootOf(form)
  const faults: Fault[] = []
  const tell = (make: () => Fault) => {
    if (faults.length <= faultLimit) faults.push(make())
  }
  const place = placesIn(text)
  const lineOf = (at: number) => place(at).line
  const shape = (path: string, at: number, zh: string, en: string) =>
    tell(() => fault('HUB_JSON_STRUCTURE', { pointer: path, zh, en }, { path, line: lineOf(at) }))

  function element(node: Node, one: JsonValue, path: string, attributes = ''): string {
    if (node.fields) {
      if (one.kind !== 'object') {
        shape(path, one.at, '对象', 'an object')
        return ''
      }
      const known = node.fields.flatMap((field) => {
        const member = one.members.get(field.name)
        return member === undefined || member.kind === 'null' ? [] : members(field, member, `${path}/${field.name}`)
      })
      // What the form does not have has no place in the XML.
      const unknown = [...one.members.keys()].filter((key) => !node.fields!.some((field) => field.name === key))
      for (const key of unknown) {
        const at = one.members.get(key)!.at
        tell(() =>
          fault(
            'HUB_JSON_UNKNOWN',
            { element: key.slice(0, 60), parent: node.name },
            { path: `${path}/${pointed(key.slice(0, 60))}`, line: lineOf(at), rule: 'unknown' },
          ),
        )
      }
      return `<${node.name}${attributes}>${known.join('\n')}</${node.name}>`
    }
    const { attribute } = node.leaf!
    if (attribute && one.kind === 'object') {
      const [inner, beside] = [one.members.get('value'), one.members.get(attribute.name)]
      for (const key of one.members.keys())
        if (key !== 'value' && key !== attribute.name)
          tell(() =>
            fault(
              'HUB_JSON_UNKNOWN',
              { element: key.slice(0, 60), parent: node.name },
              { path: `${path}/${pointed(key.slice(0, 60))}`, line: lineOf(one.at), rule: 'unknown' },
            ),
          )
      if (!inner) shape(`${path}/value`, one.at, 'value 和其值', 'a member value')
      const mark = beside
        ? ` ${attribute.name}="${escapeXmlExactly(scalar(beside, `${path}/${attribute.name}`, false))}"`
        : ''
      const value = inner ? escapeXmlExactly(scalar(inner, `${path}/value`, false)) : ''
      return `<${node.name}${mark}>${value}</${node.name}>`
    }
    return `<${node.name}>${escapeXmlExactly(scalar(one, path, node.leaf!.list === 'yes-no'))}</${node.name}>`
  }

  function members(node: Node, one: JsonValue, path: string): string[] {
    if (node.max === 1) {
      if (one.kind !== 'array') return [element(node, one, path)]
      shape(path, one.at, node.fields ? '对象' : '一个值', node.fields ? 'an object' : 'one value')
      return []
    }
    if (one.kind === 'array') return one.items.map((item, i) => element(node, item, `${path}/${i}`))
    shape(path, one.at, '数组', 'an array')
    return []
  }

  function scalar(one: JsonValue, path: string, yesNo: boolean): string {
    if (one.kind === 'string' && isUnwritable(one.text)) {
      shape(path, one.at, '可打印字符', 'characters that can be written')
      return ''
    }
    if (one.kind === 'string' || (one.kind === 'number' && !/[eE]/.test(one.text))) return one.text
    if (yesNo && (one.kind === 'true' || one.kind === 'false')) return one.kind === 'true' ? '1' : '0'
    shape(path, one.at, '字符串或数字', 'a text or a number')
    return ''
  }

  const body = element(root, value.members.get(name)!, `/${name}`, ` xmlns="${form.namespace}"`)
  const back = (one: Fault): Fault => {
    if (one.path === undefined) return one
    const path = pointerOf(one.path, root)
    const at = placeOf(value, path)
    return { ...one, path, line: lineOf(at) }
  }
  if (faults.length > 0) return { faults: limited(faults, faultLimit), back }
  return { xml: Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n${body}\n`), faults: [], back }
}

const pointed = (name: string) => name.replaceAll('~', '~0').replaceAll('/', '~1')

/**
 * `/Doc/Items[2]/Quantity/@unit` → `/Doc/Items/1/Quantity/unit`: what repeats is an array, whose entries count from 0.
 */
function pointerOf(path: string, root: Node): string {
  const [, first = '', ...steps] = path.split('/')
  let level: Node | undefined = root
  return [
    '',
    first.replace(/\[\d+\]$/, ''),
    ...steps.flatMap((step) => {
      const [, name = step, position] = /^@?([^[]+)(?:\[(\d+)\])?$/.exec(step) ?? []
      const node: Node | undefined = level?.fields?.find((one) => one.name === name)
      level = node
      return node && node.max > 1 ? [name, String(Number(position ?? 1) - 1)] : [name]
    }),
  ].join('/')
}

/** Where the value is, or what is nearest to where it should be. */
function placeOf(value: JsonValue, pointer: string): number {
  let at = value
  for (const step of pointer.split('/').slice(1)) {
    const next: JsonValue | undefined =
      at.kind === 'object' ? at.members.get(step) : at.kind === 'array' ? at.items[Number(step)] : undefined
    if (!next) break
    at = next
  }
  return at.at
}
