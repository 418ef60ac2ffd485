// broken-fault — the fault of an interchange that cannot be read further, by what broke it: its code (the syntax error
// codes of UN/EDIFACT, data element 0085) and its words.
import { edifactFault, type EdifactFault } from './fault.js'
import type { SyntaxErrorCode } from './syntax-errors.js'
import type { Broken } from './tokenizer.js'

const brokenCodes: Record<Broken['what'], SyntaxErrorCode> = {
  'not-edifact': '18',
  'unb-missing': '13',
  una: '20',
  'segment-too-long': '18',
  'too-many-elements': '16',
  unterminated: '18',
  'syntax-identifier': '2',
  encoding: '21',
}

const brokenTexts: Record<Broken['what'], { zh: string; en: string }> = {
  'not-edifact': {
    zh: '不是 EDIFACT 交换：应以 UNA 或 UNB 开头',
    en: 'no EDIFACT interchange: it must begin with UNA or UNB',
  },
  'unb-missing': {
    zh: '交换须以 UNB 开头、以 UNZ 结尾，报文置于其间',
    en: 'an interchange begins with UNB and ends with UNZ; messages stand between them',
  },
  una: { zh: 'UNA 无法使用', en: 'UNA cannot be used' },
  'segment-too-long': {
    zh: '段过长，可能缺少段终止符',
    en: 'the segment is too long; its terminator is probably missing',
  },
  'too-many-elements': { zh: '段内分隔符过多', en: 'too many separators in one segment' },
  unterminated: {
    zh: '末尾缺少段终止符，可能被截断',
    en: 'the last segment has no terminator; the file was probably cut',
  },
  'syntax-identifier': { zh: '不支持的语法标识', en: 'a syntax identifier that is not read' },
  encoding: { zh: '字节无法按字符集解码', en: 'the bytes cannot be decoded' },
}

/** @param trailing a whole interchange stands before it */
export function brokenFault(broken: Broken, trailing: boolean): EdifactFault {
  const place = {
    tag: broken.what === 'unb-missing' && !trailing ? 'UNB' : broken.found.slice(0, 3),
    segment: 0,
    element: 0,
    component: 0,
    repetition: 0,
    offset: broken.offset,
    line: broken.line,
  }
  const outside = broken.what === 'not-edifact' || broken.what === 'unb-missing'
  const code = trailing && outside ? '33' : brokenCodes[broken.what]
  return edifactFault(code, 'interchange', place, {
    value: broken.found,
    rule: broken.what,
    detail: brokenTexts[broken.what],
  })
}
