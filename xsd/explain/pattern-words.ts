// pattern-words — what a pattern of a schema asks for, in words: digits, letters, lengths, forms of dates. A pattern
// beyond these is shown as it is.
import type { Bilingual } from '../../messages/text.js'

/** Pieces of dates, as schemas write them, and as people do. */
const datePieces: [string, string][] = [
  ['(0[1-9]|1[0-2])', 'MM'],
  ['(0[1-9]|[12][0-9]|3[01])', 'dd'],
  ['(0[1-9]|[12]\\d|3[01])', 'dd'],
  ['([01][0-9]|2[0-3])', 'HH'],
  ['([01]\\d|2[0-3])', 'HH'],
  ['([0-5]\\d){2}', 'mmss'],
]
const classes: Readonly<Record<string, Bilingual>> = {
  '[0-9]': { zh: '位数字', en: 'digits' },
  '\\d': { zh: '位数字', en: 'digits' },
  '[A-Z]': { zh: '位大写字母', en: 'capital letters' },
  '[0-9A-Z]': { zh: '位数字或大写字母', en: 'digits or capital letters' },
  '[A-Z0-9]': { zh: '位数字或大写字母', en: 'digits or capital letters' },
  '[A-Za-z0-9]': { zh: '位数字或字母', en: 'digits or letters' },
  '[0-9A-Za-z]': { zh: '位数字或字母', en: 'digits or letters' },
  '[01]': { zh: '位 0 或 1', en: 'digits 0 or 1' },
  '[019]': { zh: '位 0、1 或 9', en: 'digits 0, 1 or 9' },
}
const han = '[\u4E00-\u9FFF]'
const whole: Readonly<Record<string, Bilingual>> = {
  [`.*${han}.*`]: { zh: '含有汉字的文本', en: 'text with Chinese characters' },
  [`[^${han.slice(1)}*`]: { zh: '不含汉字的文本', en: 'text without Chinese characters' },
  '.*[A-Za-z].*': { zh: '含有字母的文本', en: 'text with letters in it' },
  '[1-9][0-9]{0,4}': { zh: '1 至 99999 的整数', en: 'a whole number from 1 to 99999' },
  '[A-Za-z0-9+/=\\s]+': { zh: 'Base64 编码', en: 'base64' },
  '[0-9\\-|∣]+': { zh: '数字，可含 - 和 |', en: 'digits, with - and | between' },
  '[0-9]+\\.[0-9]+': { zh: '两组数字，中间一个点', en: 'digits, a point, digits' },
  '\\d+(\\.\\d+){4}': { zh: '五组数字，以点分隔', en: 'five groups of digits, points between' },
  '[+\\-]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)([eE][+\\-]?[0-9]{1,3})?': {
    zh: '数值，可带指数',
    en: 'a number, with an exponent or without',
  },
  '[0-9]+(,[0-9]+)*': { zh: '数字，多个以逗号分隔', en: 'numbers, commas between' },
  '[^/\\\\]+': { zh: '不含 / 和 \\ 的文本', en: 'text without / and \\' },
}

/**
 * @param pattern of an XSD: it holds for the whole value
 * @param otherwise what is said of one beyond these words. Default: the pattern itself
 */
export function patternWords(
  pattern: string,
  otherwise: Bilingual = { zh: `符合正则表达式 ${pattern}`, en: `text of the pattern ${pattern}` },
): Bilingual {
  return inWords(pattern) ?? otherwise
}

function inWords(pattern: string): Bilingual | undefined {
  const known = whole[pattern]
  if (known) return known
  const optional = /^\((.*)\)\?$/s.exec(pattern)
  if (optional && isOneGroup(pattern.slice(0, -1))) {
    const inner = inWords(optional[1]!)
    return inner && { zh: `${inner.zh}，可为空`, en: `${inner.en}, or empty` }
  }
  const characters = /^\.\{(\d+)\}$/.exec(pattern)?.[1]
  if (characters !== undefined)
    return { zh: `${characters} 个字符`, en: `${characters} character${characters === '1' ? '' : 's'}` }
  const number = numberWords(pattern)
  if (number) return number
  const parts = alternatives(pattern).map((one) => dateWords(one) ?? classWords(one))
  if (parts.some((part) => part === undefined)) return undefined
  return { zh: parts.map((one) => one!.zh).join('，或'), en: parts.map((one) => one!.en).join(', or ') }
}

/** Signs and noughts in front are taken, but not told: nobody writes them. */
function numberWords(pattern: string): Bilingual | undefined {
  const bare = pattern
    .replace(/^\[\+\\-\]\?/, '')
    .replace(/^\((.*)\)$/s, '$1')
    .replaceAll('0*', '')
  const fraction = '\\(\\\\\\.\\[0-9\\]\\{[01],(\\d+)\\}\\)\\?(?:\\|\\\\\\.\\[0-9\\]\\{1,\\d+\\})?'
  const found = new RegExp(`^\\[0-9\\]\\{1,(\\d+)\\}(?:${fraction})?$`).exec(bare)
  const [, digits, decimals] = found ?? []
  if (digits === undefined || (decimals === undefined && bare === pattern)) return undefined
  if (decimals === undefined) return { zh: `整数，最多 ${digits} 位`, en: `a whole number, at most ${digits} digits` }
  return {
    zh: `数值，整数部分最多 ${digits} 位，小数最多 ${decimals} 位`,
    en: `a number, at most ${digits} digits before the point and ${decimals} behind it`,
  }
}

/** `(…)` whose first bracket is closed by its last. */
function isOneGroup(text: string): boolean {
  let depth = 0
  for (let i = 0; i < text.length - 1; i++) {
    if (text[i] === '\\') i++
    else if (text[i] === '(') depth++
    else if (text[i] === ')' && --depth === 0) return false
  }
  return true
}

function alternatives(pattern: string): string[] {
  const found = ['']
  let depth = 0
  for (const [one] of pattern.matchAll(/\\.|[^]/g)) {
    if (one === '(' || one === '[') depth++
    if (one === ')' || one === ']') depth--
    if (one === '|' && depth === 0) found.push('')
    else found[found.length - 1] += one
  }
  return found
}

/** yyyy-MM-dd[ HH:mm:ss] */
function dateWords(pattern: string): Bilingual | undefined {
  let form = pattern
  for (const [piece, letters] of datePieces) form = form.replaceAll(piece, letters)
  form = form
    .replace(/(\[0-9\]\{4\}|\[12\]\\d\{3\})(?=-?MM)/, 'yyyy')
    .replace(/\[0-5\]\[0-9\](:?)\[0-5\]\[0-9\]/, 'mm$1ss')
    .replace(/\[0-5\]\[0-9\](\(:)\[0-5\]\[0-9\]/, 'mm$1ss')
    .replace(/\(\\\.\[0-9\]\{1,9\}\)\?/, '(.S)?')
    .replace(/\(Z\|\[\+\\-\]\[0-9\]\{2\}:\[0-9\]\{2\}\)\?/, '(Z)?')
    .replace(/\[[ T]{2}\]/, ' ')
    .replace(/^\((yyyy-?MM-?dd)\)/, '$1')
  if (!/yyyy-?MM-?dd/.test(form)) return undefined
  form = form.replace(/\[0-9\+\\-\]\{0,9\}$/, '(HHmmss)?').replace(/\(\[0-9\]\{6\}\)\?$/, '(HHmmss)?')
  for (let inner = /\(([^()]*)\)\?/; inner.test(form);) form = form.replace(inner, '[$1]')
  // Nothing of the expression may be left.
  if (!/^[yMdHmsSTZ :.[\]-]+$/.test(form)) return undefined
  const words = form.replaceAll('.S', '.SSS').replaceAll('Z', '+08:00')
  return { zh: `日期 ${words}`, en: `a date of the form ${words}` }
}

/** 2 capital letters, then 4 digits */
function classWords(pattern: string): Bilingual | undefined {
  const part = /^(\[[^\]]+\]|\\d)(?:\{(\d+)(?:,(\d+))?\}|(\+))?/
  const zh: string[] = []
  const en: string[] = []
  for (let rest = pattern; rest !== '';) {
    const optional = /^\((\[[^\]]+\]|\\d)\{(\d+)\}\)\?/.exec(rest)
    const found = optional ?? part.exec(rest)
    const kind = found && classes[found[1]!]
    if (!found || !kind) return undefined
    const [text, , least = '1', most = least, any] = found
    const counted = optional ? `0 或 ${least}` : any ? '若干' : least === most ? least : `${least} 至 ${most}`
    const count = optional ? `0 or ${least}` : any ? 'only' : least === most ? least : `${least} to ${most}`
    zh.push(`${counted} ${kind.zh}`)
    en.push(`${count} ${least === '1' && most === '1' && !any ? kind.en.replace(/s\b/g, '') : kind.en}`)
    rest = rest.slice(text.length)
  }
  return zh.length === 0 ? undefined : { zh: zh.join('，后接 '), en: en.join(', then ') }
}
