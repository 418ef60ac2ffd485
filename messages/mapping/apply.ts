// apply — one message by one mapping: what it becomes, each part of it with the place it was made of, or the faults
// that forbid it.
import { dateAs, dtmOf } from './date.js'
import { nodesAt, sourcePath } from './source-path.js'
import { escapeEdiValue } from '../escape-xml.js'
import { matches } from '../condition.js'
import { fault } from '../errors.js'
import type { Fault } from '../fault.js'
import type { MapLine, Mapping } from './mapping.js'
import type { SourceNode } from './source-tree.js'
import { withoutEnd } from '../text.js'

/** What became of a message. With faults the XML is not whole and is sent to nobody. */
interface Mapped {
  xml: string
  /** `places[n]`: what line n of the XML (from 1) was made of. */
  places: ({ place: string; line: number } | undefined)[]
  /** Empty: everything was carried over. */
  faults: Fault[]
}

/**
 * What is made, before it is written in its form: an element of XML; or a segment (`NAD[MS]`, with what its group
 * holds) or a value of one (`2:1`).
 */
export interface OutNode {
  name: string
  attributes: [string, string][]
  text?: string
  /** Of a text for several components: what stands between them when they are read again. */
  between?: string
  children: OutNode[]
  from: SourceNode | undefined
}

/** Never throws for what a message holds. */
export function applyMapping(source: SourceNode, mapping: Mapping): Mapped {
  const { root, faults } = mapTree(source, mapping)
  return { ...print(root, mapping.to.namespace), faults }
}

/** The same, not yet written as XML. */
export function mapTree(source: SourceNode, mapping: Mapping): { root: OutNode; faults: Fault[] } {
  const faults: Fault[] = []
  const read = new Set<SourceNode>()
  const root: OutNode = { name: mapping.to.root, attributes: [], children: [], from: undefined }
  const target = mapping.to.document

  const tell = (
    code: 'HUB_MAP_MISSING' | 'HUB_MAP_CODE' | 'HUB_MAP_LOST' | 'HUB_MAP_DATE',
    at: SourceNode,
    values: { value?: string; rule?: string; format?: string },
  ) => {
    const place = at.place === '' ? source.name : at.place
    faults.push(
      fault(
        code,
        { place, target, ...values },
        {
          path: place,
          line: at.line,
          ...(values.rule === undefined ? {} : { rule: values.rule }),
          ...(values.value === undefined ? {} : { value: values.value.slice(0, 200) }),
        },
      ),
    )
  }

  const find = (context: SourceNode, path: string): SourceNode[] =>
    path === '.' ? [context] : nodesAt(sourcePath(path), context, source, (leaf) => read.add(leaf))
  /** Nodes at a path; those that have text count as read. */
  const at = (context: SourceNode, path: string): SourceNode[] => {
    const nodes = find(context, path)
    for (const node of nodes) if (node.text !== undefined) read.add(node)
    return nodes
  }
  /**
   * The first value; others at the same path count as read only where they say the same, so that what differs is not
   * lost in silence.
   */
  const first = (context: SourceNode, paths: string | readonly string[]): SourceNode | undefined => {
    for (const path of [paths].flat()) {
      const nodes = find(context, path)
      const found = nodes.find((node) => (node.text ?? '') !== '')
      if (!found) continue
      for (const node of nodes) if (node.text === found.text) read.add(node)
      return found
    }
    return undefined
  }

  const holds = (when: MapLine['when'], context: SourceNode) =>
    Object.entries(when ?? {}).every(([path, wanted]) =>
      [wanted].flat().some((one) => matches(one, first(context, path)?.text ?? '')),
    )

  const value = (line: MapLine, context: SourceNode, turn: number): { text: string; from: SourceNode }[] => {
    const one = (text: string | undefined, from: SourceNode) =>
      text === undefined || text === '' ? [] : [{ text, from }]
    if (line.value !== undefined) return one(line.value, context)
    if (line.index) return one(String(turn), context)
    if (line.join) {
      const parts = line.join.map((part) => {
        if (part.startsWith('=')) return part.slice(1)
        const [path = '', form] = part.split('|')
        return formed(first(context, path)?.text ?? '', form)
      })
      return parts.includes('') ? [] : one(parts.join(''), context)
    }
    if (line.gather !== undefined) {
      const nodes = at(context, line.gather)
      return one(
        nodes
          .map(({ text }) => text ?? '')
          .filter((text) => text !== '')
          .join(line.between ?? '\n'),
        nodes[0] ?? context,
      )
    }
    if (line.date !== undefined) {
      const node = [line.date].flat().flatMap((path) => find(context, path))[0]
      return node ? dateIn(node) : []
    }
    if (line.count !== undefined) return one(String(find(context, line.count).length || ''), context)
    if (line.sum !== undefined) {
      const nodes = at(context, line.sum)
      return nodes.length === 0 ? [] : one(sumOf(nodes.map(({ text }) => text ?? '0')), nodes[0] as SourceNode)
    }
    const end = line.least ?? line.most
    if (end !== undefined) {
      // A segment is a DTM, each by its own format; minutes against seconds are compared digit by digit.
      const all = find(context, end).flatMap((node) =>
        node.text === undefined ? dateIn(node) : (read.add(node), [{ text: node.text, from: node }]),
      )
      const sorted = all.filter(({ text }) => text !== '').sort((a, b) => (a.text < b.text ? -1 : 1))
      const chosen = line.least === undefined ? sorted.at(-1) : sorted[0]
      return chosen ? one(chosen.text, chosen.from) : []
    }
    if (line.all !== undefined) {
      const seen = new Set<string>()
      return at(context, line.all).flatMap((node) =>
        seen.has(node.text ?? '') ? [] : (seen.add(node.text ?? ''), one(node.text, node)),
      )
    }
    const found = line.from === undefined ? undefined : first(context, line.from)
    return found ? one(found.text, found) : []
  }

  /**
   * The date of a DTM by its format code, as digits; nothing where it has none. A value that is no date of its format
   * is a fault.
   */
  function dateIn(node: SourceNode): { text: string; from: SourceNode }[] {
    const [date, format] = ['1:2', '1:3'].map((name) => node.children.find((leaf) => leaf.name === name))
    for (const leaf of [date, format]) if (leaf) read.add(leaf)
    if (!date) return []
    const text = dateAs(date.text ?? '', format?.text ?? '')
    if (text === undefined) tell('HUB_MAP_DATE', date, { value: date.text ?? '', format: format?.text ?? '' })
    return text === undefined ? [] : [{ text, from: date }]
  }

  const write = (lines: readonly MapLine[], context: SourceNode, into: OutNode, turn: number): void => {
    for (const line of lines) {
      if (!holds(line.when, context)) continue
      if (line.each !== undefined) {
        const nodes = at(context, line.each)
        if (nodes.length === 0 && line.required) tell('HUB_MAP_MISSING', context, { rule: line.each })
        for (const [i, node] of turnsOf(nodes, (node) =>
          line.by === undefined ? undefined : (at(node, line.by)[0]?.text ?? ''),
        ).entries()) {
          write(line.write ?? [], node, open(into, line.to, node, true), i + 1)
          if (line.tied) {
            const all = new Set(find(node, line.tied[1]).map(({ text }) => text))
            for (const one of find(node, line.tied[0]))
              if (!all.has(one.text)) tell('HUB_MAP_LOST', one, { value: one.text ?? '' })
          }
        }
        continue
      }
      if (line.dtm !== undefined) {
        writeDate(line, first(context, line.dtm), context, into)
        continue
      }
      let found = value(line, context, turn)
      if (found.length === 0 && line.default !== undefined) found = [{ text: line.default, from: context }]
      if (found.length === 0 && line.required)
        tell('HUB_MAP_MISSING', context, {
          rule:
            [
              line.from ??
                line.date ??
                line.sum ??
                line.count ??
                line.least ??
                line.most ??
                line.gather ??
                line.join?.find((part) => !part.startsWith('=')) ??
                line.to,
            ].flat()[0] ?? line.to,
        })
      for (const { text, from } of found) {
        const list = line.codes === undefined ? undefined : mapping.codes?.[line.codes]
        if (list && !Object.hasOwn(list, text)) {
          tell('HUB_MAP_CODE', from, { value: text, rule: Object.keys(list).join('|') })
          continue
        }
        const [, part] =
          line.part === undefined ? [text, text] : (new RegExp(line.part.slice(1, -1), 's').exec(text) ?? [])
        if (part === undefined) {
          tell('HUB_MAP_CODE', from, { value: text, rule: line.part ?? '' })
          continue
        }
        const ready = formed(list ? (list[text] ?? '') : part, line.form)
        const [path = '', attribute] = line.to.split('@')
        if (attribute !== undefined)
          open(into, path.replace(/\/$/, ''), from, false).attributes.push([attribute, ready])
        else
          Object.assign(open(into, path, from, true), {
            text: ready,
            ...(path.endsWith(':*') ? { between: line.between ?? '' } : {}),
          })
      }
    }
  }

  const writeDate = (line: MapLine, found: SourceNode | undefined, context: SourceNode, into: OutNode): void => {
    if (!found) return line.required ? tell('HUB_MAP_MISSING', context, { rule: line.dtm ?? '' }) : undefined
    const digits = (found.text ?? '').replace(/^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d):(\d\d))?$/, '$1$2$3$4$5$6')
    const dtm = dtmOf(line.form === 'time14' ? digits.slice(0, 14) : digits)
    if (!dtm) return tell('HUB_MAP_DATE', found, { value: found.text ?? '', format: 'CCYYMMDD[HHMM[SS]]' })
    open(into, `${line.to}/1:2`, found, true).text = dtm[0]
    open(into, `${line.to}/1:3`, found, true).text = dtm[1]
  }

  for (const [path, wanted] of Object.entries(mapping.only ?? {}))
    for (const node of at(source, path))
      if (![wanted].flat().some((one) => matches(one, node.text ?? '')))
        tell('HUB_MAP_CODE', node, { value: node.text ?? '', rule: [wanted].flat().join('|') })
  write(mapping.write, source, root, 1)
  const left = (mapping.leave ?? []).map(
    (path) =>
      new RegExp(
        `^${path
          .replace(/[.+?^$()|[\]{}]/g, '\\$&')
          .replace(/\*\*$/, '.+')
          .replace(/(?<!\.)\*/g, '[^/]+')}$`,
      ),
  )
  const bracketed = (mapping.leave ?? []).some((path) => path.includes('['))
  const isLeft = (paths: string[]) => left.some((one) => paths.some((path) => one.test(path)))
  /** `paths`: with what each segment on the way opens with, and without. */
  const lost = (node: SourceNode, paths: string[]): void => {
    if (node.text !== undefined && !read.has(node) && !isLeft(paths)) tell('HUB_MAP_LOST', node, { value: node.text })
    for (const child of node.children) {
      const opens = bracketed && child.text === undefined ? child.children[0]?.text : undefined
      const names = opens === undefined ? [child.name] : [child.name, `${child.name}[${opens}]`]
      lost(
        child,
        paths.flatMap((path) => names.map((name) => (path === '' ? name : `${path}/${name}`))),
      )
    }
  }
  lost(source, [''])
  return { root, faults }
}

/** Nodes one by one, or joined where they share a value: such a node has the children of all. */
function turnsOf(nodes: SourceNode[], keyOf: (node: SourceNode) => string | undefined): SourceNode[] {
  const groups = new Map<string, SourceNode>()
  for (const node of nodes) {
    const key = keyOf(node)
    if (key === undefined) return nodes
    if (key === '') continue
    const there = groups.get(key)
    if (there) there.children.push(...node.children)
    else groups.set(key, { ...node, children: [...node.children] })
  }
  return [...groups.values()]
}

/**
 * The element at a path (`.` is the block's own): elements on the way are those written last, where they have that
 * name; the last one is new when asked for.
 */
function open(into: OutNode, path: string, from: SourceNode, fresh: boolean): OutNode {
  if (path === '' || path === '.') return into
  const names = path.split('/')
  let node = into
  for (const [i, name] of names.entries()) {
    const last = node.children.at(-1)
    if (last?.name === name && !(fresh && i === names.length - 1)) node = last
    else node.children.push((node = { name, attributes: [], children: [], from }))
  }
  return node
}

function formed(text: string, form: string | undefined): string {
  if (form === undefined || text === '') return text
  if (form.startsWith('prefix:')) return form.slice(7) + text
  if (text.includes('-')) return text
  const whole = text.length === 6 || text.length === 10 ? `20${text}` : text
  if (form === 'iso-date') return whole.replace(/^(\d{4})(\d\d)(\d\d).*$/, '$1-$2-$3')
  if (form === 'iso-time')
    return whole.padEnd(14, '0').replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d).*$/, '$1-$2-$3T$4:$5:$6')
  return form === 'date8' ? whole.slice(0, 8) : whole.padEnd(form === 'time14' ? 14 : 17, '0')
}

/** Decimal, without the errors of binary fractions. */
function sumOf(texts: readonly string[]): string {
  const decimals = Math.max(...texts.map((text) => text.split('.')[1]?.length ?? 0))
  const whole = texts.reduce((sum, text) => {
    const [int = '0', fraction = ''] = text.split('.')
    return sum + (/^[0-9]*$/.test(int + fraction) ? BigInt(int + fraction.padEnd(decimals, '0') || '0') : 0n)
  }, 0n)
  const digits = whole.toString().padStart(decimals + 1, '0')
  if (decimals === 0) return digits
  const [int, fraction] = [digits.slice(0, -decimals), withoutEnd(digits.slice(-decimals), '0')]
  return fraction === '' ? int : `${int}.${fraction}`
}

function print(root: OutNode, namespace: string): { xml: string; places: Mapped['places'] } {
  const parts = ['<?xml version="1.0" encoding="UTF-8"?>']
  const places: Mapped['places'] = [undefined, undefined]
  const put = (depth: number, text: string, from: SourceNode | undefined) => {
    parts.push('  '.repeat(depth) + text)
    places.push(from && { place: from.place, line: from.line })
  }
  const write = (node: OutNode, depth: number): void => {
    const attributes = node.attributes
      .map(([name, text]) => ` ${name}="${escapeEdiValue(text).replace(/"/g, '&quot;')}"`)
      .join('')
    const start = `<${node.name}${depth === 0 ? ` xmlns="${namespace}"` : ''}${attributes}`
    if (node.text !== undefined)
      return put(depth, `${start}>${node.text.split('\n').map(escapeEdiValue).join('&#10;')}</${node.name}>`, node.from)
    put(depth, `${start}>`, node.from)
    for (const child of node.children) write(child, depth + 1)
    put(depth, `</${node.name}>`, node.from)
  }
  write(root, 0)
  return { xml: `${parts.join('\n')}\n`, places }
}
