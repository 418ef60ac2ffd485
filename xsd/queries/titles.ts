// titles — what a column of a query is called, in both languages: the label of its box on the paper without the box's
// number and without hints to who fills it in, with its group before it where it says too little alone.
import type { Node } from '../form/node.js'

/** What something is called. */
export type Titled = Pick<Node, 'zh' | 'en'>

/** Names of fields that say nothing by themselves: a query calls such a field by more of its path. */
export const plain =
  /^(ID|Id|Name|Code|No|Number|Kind|Type|From|To|Date|On|At|Value|Amount|Quantity|Status|State|Country|Address)$/
/** So do these Chinese titles. */
const bare = /^(.{0,2}(名称|编号|号码|代码|种类|类型|状态|数量|金额|总值|地址|日期|国家|国别)|合同号|单位|姓名)$/

/** The number of the box on the paper form: `18 总计 数量`, `第2栏 进口商`, `59a 收款人`, `汇款币种及金额 32A`. */
const boxNumber = /^(第\d+栏|\d{1,2}[a-z]?|[A-Z]\([a-z]\))\s+|\s+\d{2}[A-Za-z]?$/g
/** A term, a list of examples, or when to fill it in: nothing for the head of a column. A unit or a language stays. */
const hint =
  /（([^（）]*[、，；：][^（）]*|[^（）]*[一二三四五六七八九十]个?(工作日|日|年|月)[^（）]*|空为[^（）]*|企业自编|延期时|变更时|备案登记机关填写|海关签章|次月底前|小写|含[^（）]*|自[^（）]*|车牌|车次|签约直属海关|\d位[^（）]*)）$/

/** The label of a box as the head of a column. */
export const heading = ({ zh, en }: Titled): Titled => ({
  zh: zh
    .replace(boxNumber, '')
    .replace(hint, '')
    .replace(/(?<=\p{Script=Han})\s+(?=\p{Script=Han})/gu, ''),
  en,
})

/** Called by its group too: `Importer` and `Name` are 进口单位名称, Importer name. */
export function inGroup(own: Titled, group: Titled, in_: { zh: boolean; en: boolean }): Titled {
  return {
    zh: in_.zh ? joinedZh(heading(group).zh.replace(/（[^（）]*）/g, ''), own.zh) : own.zh,
    en: in_.en ? joinedEn(group.en.replace(/ *\([^()]*\)/g, ''), own.en) : own.en,
  }
}

/** What the group ends with and the field begins with stands once: 捕捞文件 and 文件编号. */
function joinedZh(group: string, own: string): string {
  if (own.startsWith(group)) return own
  for (let shared = Math.min(group.length, own.length); shared > 0; shared--)
    if (group.endsWith(own.slice(0, shared))) return group + own.slice(shared)
  return group + own
}

/** `HS code`, `ID` keep their capitals. */
function joinedEn(group: string, own: string): string {
  const lower = /^[A-Z][a-z]/.test(own) ? own[0]!.toLowerCase() + own.slice(1) : own
  return own.toLowerCase().startsWith(group.toLowerCase()) ? own : `${group} ${lower}`
}

/** Does it say too little without its group? */
export const saysTooLittle = (title: Titled, name: string): { zh: boolean; en: boolean } => ({
  zh: bare.test(title.zh),
  en: plain.test(name),
})

/**
 * Of forms that call the same value by several names, the one that fits all: what the others end with (报关单号 of
 * 进口报关单号), else the shortest.
 */
export function common<T extends Titled>(titles: readonly [T, ...T[]]): T {
  const length = ({ zh }: Titled) => heading({ zh, en: '' }).zh.length + (zh.startsWith('原') ? 100 : 0)
  const all = titles.find((one) => titles.every(({ zh }) => zh.endsWith(one.zh)))
  return all ?? [...titles].sort((a, b) => length(a) - length(b))[0]!
}

/**
 * What two names of a group both end with: 展品 of 巡展展品 and 留购展品, Exhibits of Touring exhibits and Bought exhibits.
 * Where it is less than a word, the first.
 */
export function sharedEnd(one: Titled, other: Titled): Titled {
  const [zh, en] = [endOf([...one.zh], [...other.zh]).join(''), endOf(one.en.split(' '), other.en.split(' ')).join(' ')]
  return {
    zh: /^\p{Script=Han}{2,}$/u.test(zh) ? zh : one.zh,
    en: en === '' ? one.en : en[0]!.toUpperCase() + en.slice(1),
  }
}

function endOf(one: readonly string[], other: readonly string[]): string[] {
  let shared = 0
  while (shared < one.length && one.at(-1 - shared)?.toLowerCase() === other.at(-1 - shared)?.toLowerCase()) shared++
  return one.slice(one.length - shared)
}

/** Titles of both ends of a range: 签发日期起, 签发日期止; Issued from, Issued until. */
export function endOfRange({ zh, en }: Titled, last: boolean): Titled {
  const what = heading({ zh, en }).zh.replace(/（.*）$/, '')
  const label = what.replace(/[起止自至]$/, '')
  const name = en.replace(/,? (at|on|from|to|until)$/, '')
  return { zh: `${label}${last ? '止' : '起'}`, en: `${name} ${last ? 'until' : 'from'}` }
}
