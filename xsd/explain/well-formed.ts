// well-formed — what keeps bytes from being XML, in words of our own: what libxml2 says of them stays inside.
import type { Bilingual } from '../../messages/text.js'

const table: [RegExp, (match: RegExpExecArray) => Bilingual][] = [
  [
    /Opening and ending tag mismatch: (\S+) (?:line (\d+) )?and (\S+)/,
    ([, open, line, close]) => ({
      zh: `${line ? `第 ${line} 行的` : ''}开始标签 ${open} 与结束标签 ${close} 不匹配`,
      en: `the start tag ${open}${line ? ` of line ${line}` : ''} and the end tag ${close} do not match`,
    }),
  ],
  [
    /Premature end of data in tag (\S+)|EndTag: '<\/' not found|Couldn't find end of Start Tag (\S+)/,
    ([, a, b]) => ({
      zh: `报文不完整${(a ?? b) ? `，${a ?? b} 没有结束` : ''}`,
      en: `the message is incomplete${(a ?? b) ? `: ${a ?? b} is not closed` : ''}`,
    }),
  ],
  [/Extra content at the end/, () => ({ zh: '根元素之后还有内容', en: 'something stands after the root' })],
  [
    /Start tag expected|Document is empty|no root element/,
    () => ({ zh: '没有根元素', en: 'there is no root element' }),
  ],
  [
    /Namespace prefix (\S+) (?:for \S+ )?on (\S+) is not defined|Namespace prefix (\S+) is not defined/,
    ([, a, , b]) => ({ zh: `命名空间前缀 ${a ?? b} 未声明`, en: `the prefix ${a ?? b} is not declared` }),
  ],
  [
    /Attribute (\S+) redefined|Namespaced Attribute (\S+)/,
    ([, a, b]) => ({ zh: `属性 ${a ?? b} 重复`, en: `the attribute ${a ?? b} stands twice` }),
  ],
  [
    /Entity '([^']*)' not defined/,
    ([, name]) => ({ zh: `实体 &${name}; 未定义`, en: `the entity &${name}; is not defined` }),
  ],
  [
    /EntityRef|CharRef|xmlParseEntity|Detected an entity/,
    () => ({ zh: '“&”未转义，应写作 &amp;', en: 'a bare & must be written &amp;' }),
  ],
  [
    /Unescaped '<'/,
    () => ({ zh: '属性值中的“<”未转义，应写作 &lt;', en: 'a bare < in an attribute must be written &lt;' }),
  ],
  [
    /PCDATA invalid Char value (\d+)|invalid xmlChar value (\d+)|Invalid char|invalid character/i,
    ([, a, b]) => ({
      zh: `含有 XML 不允许的字符${(a ?? b) ? `（编码 ${a ?? b}）` : ''}`,
      en: `it holds a character XML does not allow${(a ?? b) ? ` (number ${a ?? b})` : ''}`,
    }),
  ],
  [
    /AttValue|attributes construct error|Specification mandates value for attribute/,
    () => ({ zh: '属性须有值并加引号', en: 'an attribute needs a value in quotes' }),
  ],
  [/StartTag|expected '>'|Name.*expected|QName/i, () => ({ zh: '标签有误', en: 'a tag is broken' })],
  [/Comment|Double hyphen/i, () => ({ zh: '注释有误或未结束', en: 'a comment is broken or not closed' })],
  [/CDATA|\]\]>/, () => ({ zh: 'CDATA 有误或未结束', en: 'a CDATA section is broken or not closed' })],
  [
    /XML declaration|Malformed declaration|version|String not closed|String not started|standalone/i,
    () => ({ zh: 'XML 声明有误，或不在报文开头', en: 'the XML declaration is broken, or not at the start' }),
  ],
  [/PI|Processing Instruction/i, () => ({ zh: '处理指令有误', en: 'a processing instruction is broken' })],
  [/URI|namespace/i, () => ({ zh: '命名空间有误', en: 'a namespace is wrong' })],
]

/** The bytes end in the middle of a tag or a value. */
export const cutShort: Bilingual = {
  zh: '报文不完整，末尾被截断',
  en: 'the message is incomplete: its end is missing',
}

/** @param message what libxml2 says first */
export function syntaxFault(message: string): Bilingual {
  for (const [pattern, say] of table) {
    const found = pattern.exec(message)
    if (found) return say(found)
  }
  return { zh: 'XML 语法有误', en: 'its syntax is broken' }
}
