// to-xml — a file's records as a tree with places, and the tree as XML. One record a line, so that a line of the XML is
// a record again.
import { escapeEdiValue } from '../escape-xml.js'
import type { SourceNode } from '../mapping/source-tree.js'
import { rowsOf } from './check.js'
import { flatPlace } from './faults.js'
import { extraField, flatNamespace, unknownRecord } from './names.js'
import { fieldText, type FlatRecord } from './record.js'
import type { FlatNode } from './structure.js'

/** The tree a mapping reads: same names and nesting as the XML, every node with its place in the sender's notation. */
export function sourceTree(type: string, root: FlatNode): SourceNode {
  return { name: type, children: root.children.map(recordNode), place: '', line: 1 }
}

function recordNode(node: FlatNode): SourceNode {
  const { spec, record } = node
  const first = record ?? firstRecord(node)
  const fields = record ? fieldNodes(record, node) : []
  return {
    name: spec?.name ?? unknownRecord(record?.tag ?? ''),
    children: [...fields, ...node.children.map(recordNode)],
    place: record ? flatPlace({ tag: record.tag, record: record.number }) : (spec?.tag ?? ''),
    line: first?.line ?? 1,
  }
}

/** Of a group opened for its members. */
function firstRecord(node: FlatNode): FlatRecord | undefined {
  return node.record ?? (node.children[0] ? firstRecord(node.children[0]) : undefined)
}

function fieldNodes(record: FlatRecord, { spec }: FlatNode): SourceNode[] {
  const nodes: SourceNode[] = []
  for (let position = 2; position <= record.fields.length; position++) {
    const field = spec?.fields[position - 2]
    const rows = field && field.lines > 1 ? rowsOf(record, field) : [fieldText(record, position)]
    for (const [i, text] of rows.entries()) {
      if (text === '') continue
      const place = flatPlace({
        tag: record.tag,
        record: record.number,
        field: position,
        row: rows.length > 1 ? i + 1 : 0,
      })
      nodes.push({ name: field?.name ?? extraField(position), text, children: [], place, line: record.line })
    }
  }
  return nodes
}

/** A flat file as XML. */
interface FlatXml {
  readonly xml: string
  /** `lines[n]` is the number of the record on line n of the XML (from 1), 0 for lines that hold none. */
  readonly lines: readonly number[]
}

/** The XML of a tree. */
export function flatXml(type: string, root: FlatNode): FlatXml {
  const parts = ['<?xml version="1.0" encoding="UTF-8"?>', `<${type} xmlns="${flatNamespace(type)}">`]
  const lines = [0, 0, 0]
  const put = (depth: number, text: string, record = 0) => {
    parts.push('  '.repeat(depth) + text)
    lines.push(record)
  }
  const write = (node: FlatNode, depth: number): void => {
    const name = node.spec?.name ?? unknownRecord(node.record?.tag ?? '')
    const fields = (node.record ? fieldNodes(node.record, node) : [])
      .map((f) => `<${f.name}>${oneLine(f.text ?? '')}</${f.name}>`)
      .join('')
    const number = node.record?.number ?? 0
    if (node.children.length === 0)
      return put(depth, fields === '' ? `<${name}/>` : `<${name}>${fields}</${name}>`, number)
    put(depth, `<${name}>${fields}`, number)
    for (const child of node.children) write(child, depth + 1)
    put(depth, `</${name}>`)
  }
  for (const node of root.children) write(node, 1)
  parts.push(`</${type}>`, '')
  lines.push(0)
  return { xml: parts.join('\n'), lines }
}

/** A line end inside a field becomes a character reference, so that records and lines of the XML stay the same. */
const oneLine = (text: string) => text.replace(/\t/g, ' ').split('\n').map(escapeEdiValue).join('&#10;')
