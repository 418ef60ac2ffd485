// patterns — values that show by themselves that they name a person, whatever they stand in: the number of a resident
// identity card, a mobile phone, and what follows a word such as 姓名 or 护照号 in somebody's sentence.
import { idCardDigit } from '../check-digits/id-card.js'
import { blacken, type Span } from './span.js'

/** GB 11643: region, birthday, order and check character; also written in three groups. */
const residentId =
  /(?<!\d)([1-8]\d{5})([ -]?)((?:18|19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))\2(\d{3}[\dXx])(?!\d)/g
/** Of the Chinese mainland: 11 digits from 13 to 19; a digest or an amount of money that holds such digits is none. */
const mobile =
  /(?<![0-9A-Za-z.]|(?<!\+)[0-9]{2}[ -])(?:(?:\+|00)?86[ -]?)?1[3-9]\d([ -]?)\d{4}\1\d{4}(?![0-9A-Za-z]|\.\d)/g
const worded = /(?<=tel|phone|mobile|mob|cell)\.?1[3-9]\d{9}(?![0-9A-Za-z])/gi

const role = '订购人|支付人|收件人|寄件人|发件人|联系人|经办人|驾驶员|司机|申报员|操作员|法定代表人|持证人|旅客'
const called = `(?:${role})?(?:姓名|名字)|${role}|contact person|passenger name|full name`
const afterName = new RegExp(
  `(?:${called})(?:\\s*(?:[:：=]\\s*)?[“"'「『【（([]\\s*|\\s*[:：=]\\s*)` +
    `(?<name>[\\p{L}·]{2,30}(?:[ /]\\p{Lu}[\\p{L}'-]{1,30}){0,3})`,
  'giu',
)
/** A word of the sentence that stands by itself behind it. */
const besideName = new RegExp(`(?:${called})\\s+(?<name>[\\u4e00-\\u9fff·]{2,4})(?![\\u4e00-\\u9fff])`, 'gi')
// White space stands in one place each: where two patterns in a row could take the same blanks, five hundred of them
// behind a word would stop the hub for minutes.
const afterNumber =
  /(?:身份证件?|证件|护照|通行证|passport|identity card|id card)\s*(?:(?:号码|编号|号|no\.?|number)\s*)?(?:(?:[:：=#]|为|是|is)\s*)?(?:[“"'「『【（(]\s*)?(?<name>[A-Z]{0,3}\d{5,18}[A-Z]?)/gi
const afterPhone =
  /(?:电话|手机|传真|联系方式|telephone|phone|mobile)\s*(?:(?:号码|号|no\.?|number)\s*)?(?:(?:[:：=]|为|是|is)\s*)?(?:[“"'「『【（(]\s*)?(?<name>\+?\d[\d ()-]{5,20}\d)/gi

/** Eleven digits in a row, also in groups, are the least that one of these holds. */
const worthwhile = /\d{3}[ -]?\d{4}[ -]?\d{4}|\d{6}[ -]\d{8}/
const words =
  /姓名|名字|证件|身份证|护照|通行证|电话|手机|传真|联系|passport|identity|id card|phone|mobile|person|name/i
const roles = new RegExp(role)

/** @param sentences also what follows a word; else only numbers that show it by themselves */
export function* patternSpans(text: string, { sentences = true } = {}): Generator<Span, void, void> {
  if (worthwhile.test(text)) {
    for (const found of text.matchAll(residentId)) {
      const number = `${found[1]}${found[3]}${found[4]}`.toUpperCase()
      if (idCardDigit(number.slice(0, 17)) === number[17])
        yield { from: found.index, to: found.index + found[0].length }
    }
    for (const pattern of [mobile, worded])
      for (const found of text.matchAll(pattern)) yield { from: found.index, to: found.index + found[0].length }
  }
  if (!sentences || !(words.test(text) || roles.test(text))) return
  for (const pattern of [afterName, besideName, afterNumber, afterPhone])
    for (const found of text.matchAll(pattern)) {
      const value = found.groups?.name ?? ''
      const from = found.index + found[0].lastIndexOf(value)
      yield { from, to: from + value.length }
    }
}

/** The text without such values. */
export const withoutPatterns = (text: string, options?: { sentences?: boolean }): string =>
  blacken(text, [...patternSpans(text, options)])
