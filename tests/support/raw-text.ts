// raw-text — does a fault speak the language of a library? Words that only libxml2 or a schema's author would use, and
// English in a Chinese text.
import type { Fault } from '../../messages/fault.js'

const library =
  /\[facet|This element|Expected is|not a valid value of|atomic type|local type|key-sequence|identity-constraint|content type|xmlParse|EntityRef|StartTag|EndTag|AttValue|PCDATA|xsi:type definition|validation root|QName|wildcard|nillable'|nilled|\{http|\.given\b|OrEmpty\b|OrNone\b|xs:\w/

/** What no partner should read; nothing where the fault is well said. */
export function foreignWords(fault: Fault): string[] {
  const { zh, en } = fault.text
  const found: string[] = []
  for (const text of [zh, en, fault.rule ?? '']) found.push(...(library.exec(text) ?? []))
  // What the sender wrote is quoted as it is; names, codes and patterns are his, too.
  if (!/[\u4e00-\u9fff]/.test(zh)) found.push(`no Chinese: ${zh}`)
  const sentence = zh.replace(/“[^”]*”/g, '')
  found.push(...(/\b(?:the|is|are|not|must|may|expected|element|value)\b/.exec(sentence) ?? []))
  const english = en.replace(/'[^']*'/g, '').replace(/"[^"]*"/g, '')
  if (!/[a-z]{2}/.test(english)) found.push(`no English: ${en}`)
  return found
}
