// hub-fault — an EDIFACT fault as one of the hub's own, for receipts: the place stays in the sender's terms,
// `DTM(3)+1:2`, never a path of XML.
import { type Fault } from '../fault.js'
import { type EdifactFault, type FaultPlace } from './fault.js'
import { syntaxErrors } from './syntax-errors.js'

/** `LOC(7)+2:1`: the seventh segment of its message, second element, first component; `UNZ` outside messages. */
export function placeNotation(f: FaultPlace): string {
  const segment = f.segment > 0 ? `${f.tag}(${f.segment})` : f.tag
  const element = f.element > 0 ? `+${f.element}` : ''
  const repetition = f.repetition > 1 ? `*${f.repetition}` : ''
  return segment + element + repetition + (f.component > 0 ? `:${f.component}` : '')
}

/** Rule: `0085=39 an..35`. */
export function hubFault(f: EdifactFault): Fault {
  const rule = [`0085=${f.code}`, ...(f.item ? [f.item] : []), ...(f.rule ? [f.rule] : [])].join(' ')
  return {
    code: syntaxErrors[f.code].hub,
    path: placeNotation(f),
    line: Math.max(1, f.line),
    rule,
    ...(f.value === undefined ? {} : { value: f.value }),
    ...(f.severity === 'warning' ? { level: 'warn' as const } : {}),
    text: f.text,
  }
}
