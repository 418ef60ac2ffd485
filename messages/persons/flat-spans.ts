// flat-spans — what names a person in a port flat file: of the records that name parties (20 to 29), names that show no
// organisation's, and telephone numbers wherever a field holds nothing else.
import { isOrganisation } from './organisation.js'
import type { Spans } from './span.js'

const phone = /^(?:\s*(?:TEL|PHONE|FAX|MOBILE|电话|手机|传真))?[:：.\s]*\+?\(?\d[\d ()/-]{5,28}\d\s*$/i
const dated = /^\s*(?:19|20)\d\d-?\d\d-?\d\d/
/** A line of an address that turns to somebody. */
const addressed = /^\s*(?:ATTN|ATT|C\/O|CONTACT|联系人|收件人)[.:：\s]/i
const recordsInOneGo = 2_000

/** Is it a way to reach somebody, and no number of something? Groups, an area code or a word show it. */
export const isPhone = (value: string): boolean =>
  phone.test(value) &&
  !dated.test(value) &&
  (/[-()+ ]|TEL|PHONE|电话|手机|传真/i.test(value.trim()) || /^1[3-9]\d{9}$/.test(value.trim()))

/** @param tag of the record @param field from 1, the tag is the first @param part the line of the field, from 1 */
export function flatNamesPerson({ tag, field, part }: { tag: string; field: number; part: number }, value: string) {
  if (isPhone(value)) return true
  if (!/^2\d$/.test(tag) || value.trim() === '') return false
  return addressed.test(value) || (field === 3 && part === 1 && !isOrganisation(value))
}

/** As `documentSpans` yields them. */
export function* flatSpans(text: string): Spans {
  let records = 0
  let at = 0
  while (at < text.length) {
    if (++records % recordsInOneGo === 0) yield undefined
    while (at < text.length && text.charCodeAt(at) <= 0x20) at += 1
    const tag = text.slice(at, at + 2)
    let field = 1
    let part = 1
    let from = at
    for (let done = false; !done;) {
      const c = text[at]
      if (c === '?') {
        at += 2
        continue
      }
      if (c !== undefined && c !== ':' && c !== '^' && c !== "'") {
        at += 1
        continue
      }
      if (field > 1 && flatNamesPerson({ tag, field, part }, text.slice(from, at))) yield { from, to: at }
      done = c === undefined || c === "'"
      if (c === ':') {
        field += 1
        part = 1
      } else part += 1
      at += 1
      from = at
    }
  }
}
