// print-cells — the cells of a printed table: how often, of which type, an example.
import type { Leaf, Node } from './node.js'

/** `1`, `0..20`; with ◦ where a short message may leave it out. */
export const occursOf = ({ min, max, usual = min }: Node): string =>
  `${usual === 1 && max === 1 ? '1' : `${usual}..${max === Infinity ? 'n' : max}`}${usual === min ? '' : '◦'}`

/** The type as the form's author writes it; empty for a group. */
export function typeOf(leaf: Leaf | undefined): string {
  if (!leaf) return ''
  if (leaf.list !== undefined) return `code(${leaf.list})`
  return leaf.type.startsWith('pattern(') ? leaf.type : leaf.type.replace(/,(?=\S)/g, ', ')
}

/** A text that stands in one cell of a Markdown table. */
export const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')

/** The example of a field, with its unit, and in Chinese too where it is one of up to three codes. */
export const exampleOf = ({ eg, egAttribute, leaf }: Node) => {
  const zh = leaf?.codes && leaf.codes.length <= 3 ? leaf.codes.find(({ code }) => code === eg)?.zh : undefined
  const unit = leaf?.attribute?.codes?.find(({ code }) => code === egAttribute)
  const beside = egAttribute === undefined ? '' : unit ? ` ${unit.zh}（${egAttribute}）` : ` ${egAttribute}`
  return `${eg ?? ''}${beside}${zh === undefined || zh === eg ? '' : `（${zh}）`}`
}
