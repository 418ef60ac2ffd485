// syntax-errors — data element 0085: every code a CONTRL may carry, its sentence in two languages and the hub's own
// code beside it. Source: UN/EDIFACT service code list 0085, syntax version 4 release 2. Codes 1 and 3 to 6, 8 to 11
// are of the older list and not used.
import { type Bilingual } from '../text.js'

/** The hub's codes for faults of EDIFACT. */
type EdifactErrorCode =
  | 'HUB_EDI_SYNTAX'
  | 'HUB_EDI_ENVELOPE'
  | 'HUB_EDI_CHARACTER'
  | 'HUB_EDI_VALUE'
  | 'HUB_EDI_MISSING'
  | 'HUB_EDI_UNEXPECTED'
  | 'HUB_EDI_TOO_MANY'
  | 'HUB_EDI_TYPE'
  | 'HUB_EDI_LENGTH'

interface SyntaxError0085 {
  /** `{what}`, `{value}` and `{rule}` are filled in. */
  sentence: Bilingual
  hub: EdifactErrorCode
}

const entry = (hub: EdifactErrorCode, zh: string, en: string): SyntaxError0085 => ({ hub, sentence: { zh, en } })

/** By code of 0085. Texts hold `{value}` and the like, which a fault fills. */
export const syntaxErrors = {
  '2': entry(
    'HUB_EDI_SYNTAX',
    '不支持的语法级别或版本“{value}”。',
    "Syntax level or version '{value}' is not supported.",
  ),
  '7': entry(
    'HUB_EDI_ENVELOPE',
    '接收方“{value}”不是本系统。',
    "The interchange is addressed to '{value}', not to this hub.",
  ),
  '12': entry(
    'HUB_EDI_VALUE',
    '{what} 的值“{value}”无效：{rule}。',
    "{what} holds '{value}', which is not valid: {rule}.",
  ),
  '13': entry('HUB_EDI_MISSING', '缺少 {what}。', '{what} is missing.'),
  '14': entry(
    'HUB_EDI_VALUE',
    '{what} 的值“{value}”在此处不支持。',
    "{what} holds '{value}', which is not supported here.",
  ),
  '15': entry('HUB_EDI_UNEXPECTED', '{what} 不应出现在此处。', '{what} is not expected here.'),
  '16': entry(
    'HUB_EDI_TOO_MANY',
    '{what} 超出了规定的数据元或成分个数（{rule}）。',
    '{what} is one constituent too many ({rule}).',
  ),
  '17': entry(
    'HUB_EDI_ENVELOPE',
    '{what} 的值“{value}”没有交换协议。',
    "There is no agreement for '{value}' in {what}.",
  ),
  '18': entry('HUB_EDI_SYNTAX', '{what} 有错误。', 'Something is wrong with {what}.'),
  '19': entry(
    'HUB_EDI_TYPE',
    '{what} 的数值“{value}”格式错误。',
    "{what} holds '{value}', which is not a number as EDIFACT writes them.",
  ),
  '20': entry(
    'HUB_EDI_SYNTAX',
    'UNA 中的字符“{value}”不能用作服务字符。',
    "'{value}' in UNA cannot serve as service characters.",
  ),
  '21': entry('HUB_EDI_CHARACTER', '{what} 含有无效字符 {value}。', '{what} holds an invalid character: {value}.'),
  '22': entry(
    'HUB_EDI_CHARACTER',
    '{what} 的服务字符“{value}”使用有误。',
    "{what} uses the service character '{value}' wrongly.",
  ),
  '23': entry('HUB_EDI_ENVELOPE', '未知的交换发送方“{value}”。', "The interchange sender '{value}' is not known."),
  '24': entry('HUB_EDI_ENVELOPE', '{what} 的时间“{value}”过早。', "{what}: '{value}' is too long ago."),
  '25': entry('HUB_EDI_ENVELOPE', '不支持测试标志。', 'The test indicator is not supported.'),
  '26': entry('HUB_EDI_ENVELOPE', '{what} 的编号“{value}”重复。', "{what}: '{value}' was used before."),
  '27': entry('HUB_EDI_ENVELOPE', '不支持安全功能。', 'Security functions are not supported.'),
  '28': entry(
    'HUB_EDI_ENVELOPE',
    '{what} 的编号“{value}”与头段不一致，应为“{rule}”。',
    "{what} holds '{value}'; its header says '{rule}'.",
  ),
  '29': entry(
    'HUB_EDI_ENVELOPE',
    '{what} 的计数为“{value}”，实际为 {rule}。',
    "{what} counts '{value}'; there are {rule}.",
  ),
  '30': entry('HUB_EDI_ENVELOPE', '功能组与报文混用。', 'Groups and messages are mixed.'),
  '31': entry(
    'HUB_EDI_ENVELOPE',
    '功能组内报文类型应为 {rule}，实际为“{value}”。',
    "The group holds {rule}; this message is a '{value}'.",
  ),
  '32': entry('HUB_EDI_ENVELOPE', '{what} 内没有报文。', '{what} holds no message.'),
  '33': entry('HUB_EDI_ENVELOPE', '{what} 不在任何报文内。', '{what} stands outside any message.'),
  '34': entry(
    'HUB_EDI_UNEXPECTED',
    '{what} 使用了不允许的嵌套标记“{value}”。',
    "{what} carries a nesting indicator '{value}', which is not allowed.",
  ),
  '35': entry('HUB_EDI_TOO_MANY', '{what} 重复次数过多（{rule}）。', '{what} is repeated too often ({rule}).'),
  '36': entry(
    'HUB_EDI_TOO_MANY',
    '{what} 段组重复次数过多（{rule}）。',
    '{what}: the segment group is repeated too often ({rule}).',
  ),
  '37': entry(
    'HUB_EDI_TYPE',
    '{what} 的值“{value}”字符类型错误（{rule}）。',
    "{what} holds '{value}', whose characters are of the wrong type ({rule}).",
  ),
  '38': entry(
    'HUB_EDI_TYPE',
    '{what} 的数值“{value}”小数点前缺少数字。',
    "{what} holds '{value}': a digit is missing in front of the decimal mark.",
  ),
  '39': entry(
    'HUB_EDI_LENGTH',
    '{what} 的值“{value}”过长（{rule}）。',
    "{what} holds '{value}', which is too long ({rule}).",
  ),
  '40': entry(
    'HUB_EDI_LENGTH',
    '{what} 的值“{value}”过短（{rule}）。',
    "{what} holds '{value}', which is too short ({rule}).",
  ),
  '45': entry('HUB_EDI_SYNTAX', '{what} 有多余的分隔符。', '{what} ends in separators that should be left out.'),
  '46': entry('HUB_EDI_SYNTAX', '不支持的字符集“{value}”。', "Character set '{value}' is not supported."),
  '47': entry('HUB_EDI_ENVELOPE', '不支持 {what}。', '{what} is not supported.'),
  '48': entry('HUB_EDI_VALUE', '{what} 不符合依赖条件（{rule}）。', '{what} breaks a dependency note ({rule}).'),
} as const satisfies Record<string, SyntaxError0085>

/** A code of data element 0085 that the hub uses. */
export type SyntaxErrorCode = keyof typeof syntaxErrors
