// print-cells — the cells of a printed table: how often, of which type, an example.
import type { Leaf, Node } from './node.js'

export const occursOf = ({ min, max }: Node): string =>
  min === 1 && max === 1 ? '1' : `${min}..${max === Infinity ? 'n' : max}`

export function typeOf(leaf: Leaf | undefined): string {
  if (!leaf) return ''
  if (leaf.list !== undefined) return `code(${leaf.list})`
  return leaf.type.replace(/,(?=\S)/g, ', ')
}

export const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')

export const exampleOf = ({ eg, egAttribute, leaf }: Node) => {
  const zh = leaf?.codes && leaf.codes.length <= 3 ? leaf.codes.find(({ code }) => code === eg)?.zh : undefined
  return `${eg ?? ''}${egAttribute === undefined ? '' : ` ${egAttribute}`}${zh === undefined || zh === eg ? '' : `（${zh}）`}`
}
