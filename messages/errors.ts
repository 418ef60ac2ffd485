// errors — every code the hub can say, once: its class, its HTTP status, its sentence and its remedy, in two languages.
// docs/errors.md says the same; tests/parts/errors.test.ts fails when either side has a code the other lacks.
import { fill, type Bilingual } from './text.js'
import type { Fault } from './fault.js'

/**
 * Retry asks the class, never the state.
 * - `partner`: the message or the call is at fault; the partner mends it and sends again
 * - `transient`: nothing left, or the other side surely did not take it; trying again cannot duplicate
 * - `ambiguous`: bytes left and no answer was seen; only an idempotent agency, a status query or a person decides
 * - `permanent`: trying again would end the same way
 */
export type ErrorClass = 'partner' | 'transient' | 'ambiguous' | 'permanent'

export interface ErrorEntry {
  class: ErrorClass
  /** HTTP status of a problem+json answer, or of a receipt that carries only this code. */
  status: number
  text: Bilingual
  remedy: Bilingual
}

const entry = (
  cls: ErrorClass,
  status: number,
  zh: string,
  en: string,
  remedyZh: string,
  remedyEn: string,
): ErrorEntry => ({
  class: cls,
  status,
  text: { zh, en },
  remedy: { zh: remedyZh, en: remedyEn },
})

export const errorCodes = {
  // taken
  HUB_ACCEPTED: entry(
    'partner',
    202,
    '报文已接收，将转发至主管部门。',
    'Taken. It will be submitted to its agency.',
    '等待业务回执。',
    'Wait for the business receipts.',
  ),

  // the call
  HUB_UNAUTHENTICATED: entry(
    'partner',
    401,
    '缺少或错误的访问密钥。',
    'The key is missing or wrong.',
    '在 Authorization: Bearer 中填写有效密钥。',
    'Send a valid key in Authorization: Bearer.',
  ),
  HUB_FORBIDDEN: entry(
    'partner',
    403,
    '无权执行此操作。',
    'This key may not do that.',
    '向运维申请权限。',
    'Ask the operator for the right.',
  ),
  HUB_OPERATION_FORBIDDEN: entry(
    'partner',
    403,
    '未授权使用业务 {operation}。',
    'You may not use operation {operation}.',
    '向运维申请该业务权限。',
    'Ask the operator for the right to this operation.',
  ),
  HUB_NOT_FOUND: entry(
    'partner',
    404,
    '未找到。',
    'Not found.',
    '核对编号；只能查询本企业的报文。',
    'Check the id; only your own messages can be seen.',
  ),
  HUB_OPS_NOT_FOUND: entry(
    'partner',
    404,
    '没有 {what}，或其状态不允许此操作。',
    'There is no {what}, or it does not stand where that could be done.',
    '用 hub dead、unclear、held、orphan、agency list、partner list 查看现有对象；hub trace 查看一票报文的经过。',
    '`hub dead`, `unclear`, `held`, `orphan`, `agency list` and `partner list` show what there is; `hub trace` what became of one message.',
  ),
  HUB_REQUEST_INVALID: entry(
    'partner',
    400,
    '请求不符合接口定义：{detail}',
    'The request does not fit the interface: {detail}',
    '参照 /docs 的接口说明。',
    'See the interface at /docs.',
  ),
  HUB_MEDIA_TYPE: entry(
    'partner',
    415,
    '不支持的内容类型 {value}。',
    'Media type {value} is not taken.',
    '使用 application/xml、text/xml、application/zip 或 multipart/form-data。',
    'Use application/xml, text/xml, application/zip or multipart/form-data.',
  ),
  HUB_RATE_LIMITED: entry(
    'partner',
    429,
    '请求过于频繁。',
    'Too many calls.',
    '按 Retry-After 等待后重试。',
    'Wait as Retry-After says, then try again.',
  ),

  // the interchange
  HUB_EMPTY: entry(
    'partner',
    422,
    '报文为空。',
    'There is nothing in it.',
    '检查发送程序是否写完文件。',
    'Check that the sender wrote the file.',
  ),
  HUB_TOO_LARGE: entry(
    'partner',
    413,
    '报文超过上限 {limit} 字节。',
    'Larger than the limit of {limit} bytes.',
    '拆分报文后重发。',
    'Split it and send the parts.',
  ),
  HUB_TOO_DEEP: entry(
    'partner',
    422,
    '元素嵌套超过 {limit} 层。',
    'Elements are nested deeper than {limit} levels.',
    '检查报文结构。',
    'Check the structure.',
  ),
  HUB_ENCODING: entry(
    'partner',
    422,
    '字节与声明的编码 {value} 不符。',
    'The bytes are not in the declared encoding {value}.',
    '使用 UTF-8、GBK 或 GB18030，并如实声明。',
    'Use UTF-8, GBK or GB18030 and declare what you use.',
  ),
  HUB_SYNTAX_UNKNOWN: entry(
    'partner',
    422,
    '无法识别的报文格式。',
    'Neither XML nor any other syntax the hub reads.',
    '发送 XML 报文。',
    'Send an XML message.',
  ),
  HUB_XML_NOT_WELL_FORMED: entry(
    'partner',
    422,
    'XML 格式错误：{detail}',
    'Not well-formed XML: {detail}',
    '修正该行后重发。',
    'Mend the line and send again.',
  ),
  HUB_XML_DOCTYPE: entry(
    'partner',
    422,
    '不允许 DOCTYPE、实体或 XInclude。',
    'DOCTYPE, entities and XInclude are not allowed.',
    '删除 DOCTYPE 声明。',
    'Remove the DOCTYPE declaration.',
  ),
  HUB_ZIP_INVALID: entry(
    'partner',
    422,
    '压缩包无效：{detail}',
    'The zip cannot be read: {detail}',
    '重新生成压缩包。',
    'Make the zip anew.',
  ),
  HUB_ZIP_UNSAFE: entry(
    'partner',
    422,
    '压缩包不安全：{detail}',
    'The zip is unsafe: {detail}',
    '压缩包内只放报文和附件，不带路径。',
    'Hold the message and its attachments only, without paths.',
  ),
  HUB_ZIP_NO_MESSAGE: entry(
    'partner',
    422,
    '压缩包内没有与其同名的 XML 报文。',
    'The zip holds no XML message of its own base name.',
    '压缩包 <名称>.zip 内应有 <名称>.xml。',
    '<name>.zip must hold <name>.xml.',
  ),

  // identification
  HUB_DOCUMENT_UNKNOWN: entry(
    'partner',
    422,
    '未知的报文类型：根元素 {root}，命名空间 {namespace}。',
    'No document type has root {root} in namespace {namespace}.',
    '查看 GET /v1/catalogue 中可发送的报文。',
    'See GET /v1/catalogue for what can be sent.',
  ),
  HUB_DOCUMENT_NAMESPACE: entry(
    'partner',
    422,
    '根元素 {root} 的命名空间应为 {expected}，实际为 {namespace}。',
    'Root {root} must be in namespace {expected}, not {namespace}.',
    '修正 xmlns 后重发。',
    'Mend xmlns and send again.',
  ),
  HUB_DOCUMENT_VARIANT: entry(
    'partner',
    422,
    '报文 {root} 的 {facts} 不对应任何业务。',
    '{facts} of {root} fits no known variant.',
    '核对报文类型与功能代码。',
    'Check message type and function code.',
  ),
  HUB_OPERATION_UNKNOWN: entry(
    'partner',
    422,
    '业务目录中没有 {operation}。',
    'The catalogue has no operation {operation}.',
    '查看 GET /v1/catalogue。',
    'See GET /v1/catalogue.',
  ),
  HUB_OPERATION_MISMATCH: entry(
    'partner',
    422,
    '报文不属于指定业务 {operation}，可选：{candidates}。',
    'The message does not belong to the named operation {operation}; it could be {candidates}.',
    '改正 X-Operation 或报文内容。',
    'Mend X-Operation or the content.',
  ),
  HUB_OPERATION_AMBIGUOUS: entry(
    'partner',
    422,
    '无法确定业务，候选：{candidates}。',
    'It could be any of these operations: {candidates}.',
    '用 X-Operation 指定业务。',
    'Name one in X-Operation.',
  ),
  HUB_OPERATION_NOTICE: entry(
    'partner',
    422,
    '{candidates} 是主管部门下发的通知，不能由企业发送。',
    '{candidates} is a notice: the agency sends it, partners receive it.',
    '用 POST /v1/subscriptions 订阅。',
    'Subscribe with POST /v1/subscriptions.',
  ),
  HUB_OPERATION_PLANNED: entry(
    'partner',
    422,
    '业务 {operation} 尚未开通。',
    'Operation {operation} is planned, not yet open.',
    '查看 hub catalogue --coverage。',
    'See hub catalogue --coverage.',
  ),
  HUB_REFERENCE_MISSING: entry(
    'partner',
    422,
    '缺少报文编号 {path}。',
    'The reference {path} is missing.',
    '填写报文编号后重发。',
    'Fill it in and send again.',
  ),
  HUB_REFERENCE_CONFLICT: entry(
    'partner',
    409,
    '编号 {reference} 已用于另一份内容不同的报文 {messageId}。',
    'Reference {reference} was already used by message {messageId} with other content.',
    '更换编号，或重发原报文。',
    'Use a new reference, or send the first content again.',
  ),

  // the check (one per kind of rule an XSD can break)
  HUB_SCHEMA_VIOLATION: entry(
    'partner',
    422,
    '报文不符合其 XSD，共 {count} 处。',
    'The message breaks its schema in {count} places.',
    '按各条错误修正后重发。',
    'Mend every fault listed and send again.',
  ),
  HUB_XSD_ELEMENT_UNEXPECTED: entry(
    'partner',
    422,
    '此处不应出现元素 {element}，应为 {expected}。',
    'Element {element} is not expected here; expected {expected}.',
    '核对元素名称与顺序。',
    'Check element names and order.',
  ),
  HUB_XSD_ELEMENT_MISSING: entry(
    'partner',
    422,
    '元素 {element} 内缺少 {expected}。',
    '{element} lacks {expected}.',
    '补充必填元素。',
    'Add the required element.',
  ),
  HUB_XSD_ATTRIBUTE_MISSING: entry(
    'partner',
    422,
    '元素 {element} 缺少属性 {attribute}。',
    'Element {element} lacks attribute {attribute}.',
    '补充必填属性。',
    'Add the required attribute.',
  ),
  HUB_XSD_ATTRIBUTE_UNEXPECTED: entry(
    'partner',
    422,
    '元素 {element} 不应有属性 {attribute}。',
    'Element {element} may not have attribute {attribute}.',
    '删除该属性。',
    'Remove the attribute.',
  ),
  HUB_XSD_LENGTH: entry(
    'partner',
    422,
    '{element} 的长度为 {actual}，要求 {rule}。',
    '{element} is {actual} long; the rule is {rule}.',
    '按长度要求填写。',
    'Keep to the length.',
  ),
  HUB_XSD_ENUMERATION: entry(
    'partner',
    422,
    '{element} 的值“{value}”不在代码表 {allowed} 中。',
    "{element} holds '{value}', which is not one of {allowed}.",
    '使用代码表中的值。',
    'Use a value of the code list.',
  ),
  HUB_XSD_PATTERN: entry(
    'partner',
    422,
    '{element} 的值“{value}”不符合格式 {rule}。',
    "{element} holds '{value}', which does not have the form {rule}.",
    '按格式填写。',
    'Keep to the form.',
  ),
  HUB_XSD_RANGE: entry(
    'partner',
    422,
    '{element} 的值“{value}”超出范围 {rule}。',
    "{element} holds '{value}', outside {rule}.",
    '按范围填写。',
    'Keep to the range.',
  ),
  HUB_XSD_DIGITS: entry(
    'partner',
    422,
    '{element} 的值“{value}”位数超限：{rule}。',
    "{element} holds '{value}', too many digits: {rule}.",
    '按位数要求填写。',
    'Keep to the number of digits.',
  ),
  HUB_XSD_TYPE: entry(
    'partner',
    422,
    '{element} 的值“{value}”不是有效的 {type}。',
    "{element} holds '{value}', which is not a valid {type}.",
    '按数据类型填写。',
    'Keep to the data type.',
  ),
  HUB_XSD_FIXED: entry(
    'partner',
    422,
    '{element} 的值应固定为 {expected}。',
    '{element} must be {expected}.',
    '填写固定值。',
    'Use the fixed value.',
  ),
  HUB_XSD_CONTENT: entry(
    'partner',
    422,
    '{element} 的内容不允许：{detail}',
    '{element} may not hold that: {detail}',
    '按 XSD 修正。',
    'Mend it as the schema says.',
  ),
  HUB_XSD_UNIQUE: entry(
    'partner',
    422,
    '{element} 的值重复或引用不存在：{detail}',
    '{element} repeats a key or refers to none: {detail}',
    '修正重复或引用。',
    'Mend the key.',
  ),
  HUB_RULE_REQUIRED: entry(
    'partner',
    422,
    '缺少 {element}。',
    '{element} is missing or blank.',
    '按该业务规则补充。',
    'Fill it in as the rule says.',
  ),
  HUB_RULE_FORBIDDEN: entry(
    'partner',
    422,
    '不应填写 {element}。',
    '{element} may not be filled in.',
    '按该业务规则删除其内容。',
    'Take it out as the rule says.',
  ),
  HUB_RULE_VALUE: entry(
    'partner',
    422,
    '{element} 的值“{value}”不符合要求：{expected}。',
    "{element} holds '{value}'; the rule is {expected}.",
    '按该业务规则填写。',
    'Use what the rule allows.',
  ),
  HUB_RULE_UNIQUE: entry(
    'partner',
    422,
    '{element} 的值“{value}”重复。',
    "{element} holds '{value}' more than once.",
    '改正重复的值。',
    'Give each its own.',
  ),
  HUB_RULE_SEQUENCE: entry(
    'partner',
    422,
    '{element} 的值为“{value}”，按顺序应为 {expected}。',
    "{element} holds '{value}'; in sequence it should be {expected}.",
    '序号从 1 开始连续填写。',
    'Number from 1 without gaps.',
  ),
  HUB_RULE_LIMIT: entry(
    'partner',
    422,
    '{element} 共 {count} 个，上限 {limit} 个。',
    '{element} occurs {count} times; at most {limit} are taken.',
    '拆分后重发。',
    'Split it and send the parts.',
  ),
  HUB_RULE_SUM: entry(
    'partner',
    422,
    '{element} 的值“{value}”与计算结果 {expected} 不符。',
    "{element} holds '{value}'; its parts come to {expected}.",
    '核对合计与各项。',
    'Compare the total with its parts.',
  ),
  HUB_RULE_EQUAL: entry(
    'partner',
    422,
    '{element} 的值“{value}”与 {other} 的值“{expected}”不一致。',
    "{element} holds '{value}' but {other} holds '{expected}'.",
    '两处填写一致。',
    'Make both the same.',
  ),
  HUB_RULE_CHECK_DIGIT: entry(
    'partner',
    422,
    '{element} 的值“{value}”校验位或格式错误。',
    "{element} holds '{value}', whose check digit or form is wrong.",
    '核对号码和校验码。',
    'Compare the number and its check digit.',
  ),
  HUB_RULE_ORDER: entry(
    'partner',
    422,
    '{element} 的值“{value}”应 {operator} {expected}。',
    "{element} holds '{value}', which should be {operator} {expected}.",
    '核对先后或大小。',
    'Compare the two.',
  ),
  HUB_FAULT_LIMIT: entry(
    'partner',
    422,
    '错误超过 {limit} 处，其余未列出。',
    'More than {limit} faults; the rest are not listed.',
    '先修正已列出的错误。',
    'Mend those listed first.',
  ),

  // EDIFACT (messages/edifact/syntax-errors.ts ties each to the codes of data element 0085)
  HUB_EDI_SYNTAX: entry(
    'partner',
    422,
    'EDIFACT 语法错误，位于 {place}。',
    'The EDIFACT syntax is broken at {place}.',
    '核对服务字符、段终止符与语法级别。',
    'Check service characters, segment terminators and the syntax level.',
  ),
  HUB_EDI_ENVELOPE: entry(
    'partner',
    422,
    'EDIFACT 信封（UNB、UNG、UNH 及其尾段）有误，位于 {place}。',
    'The EDIFACT envelope (UNB, UNG, UNH and their trailers) is wrong at {place}.',
    '核对编号、计数、收发方与报文类型。',
    'Check references, counts, parties and message type.',
  ),
  HUB_EDI_CHARACTER: entry(
    'partner',
    422,
    '{place} 含有字符集以外的字符。',
    '{place} holds characters outside the character set.',
    '使用 UNB 声明的字符集，或请运维为贵方设置字符集。',
    'Use the character set UNB names, or have the operator set yours.',
  ),
  HUB_EDI_VALUE: entry(
    'partner',
    422,
    '{place} 的值“{value}”无效。',
    "{place} holds '{value}', which is not valid.",
    '使用目录规定的值或代码。',
    'Use a value or code of the directory.',
  ),
  HUB_EDI_MISSING: entry(
    'partner',
    422,
    '缺少 {place}。',
    '{place} is missing.',
    '补充必填的段、数据元或成份。',
    'Add the mandatory segment, element or component.',
  ),
  HUB_EDI_UNEXPECTED: entry(
    'partner',
    422,
    '{place} 不应出现在此处。',
    '{place} is not expected here.',
    '按报文的分支图核对段的顺序。',
    'Check the order of segments against the branching diagram of the message.',
  ),
  HUB_EDI_TOO_MANY: entry(
    'partner',
    422,
    '{place} 过多。',
    'There is too much of {place}.',
    '按目录规定的次数填写。',
    'Keep to the number of repetitions of the directory.',
  ),
  HUB_EDI_TYPE: entry(
    'partner',
    422,
    '{place} 的值“{value}”字符类型错误。',
    "{place} holds '{value}', whose characters are of the wrong type.",
    '按数据元的类型（a、n、an）填写。',
    'Keep to the type of the element: a, n or an.',
  ),
  HUB_EDI_REFUSED: entry(
    'partner',
    422,
    'EDIFACT 交换或报文有误，共 {count} 处。',
    'Faults in the EDIFACT interchange or message: {count}.',
    '按 CONTRL 或各条错误修正后重发。',
    'Mend what the CONTRL or the faults say and send again.',
  ),
  HUB_EDI_TEST: entry(
    'partner',
    422,
    '测试交换（UNB 0035=1）：已检查无误，不予申报。',
    'A test interchange (UNB 0035=1): checked and found right, and not filed.',
    '正式申报时去掉测试标志。',
    'Leave the test indicator out to file it.',
  ),
  HUB_EDI_ANSWER: entry(
    'partner',
    422,
    '{root} 是对他方报文的答复，不予申报。',
    '{root} answers a message; it is nothing to file.',
    '无需重发；如为申报，请使用申报类报文。',
    'Nothing needs to be done; to file, send the message of the process.',
  ),
  HUB_EDI_LENGTH: entry(
    'partner',
    422,
    '{place} 的值“{value}”长度不符。',
    "{place} holds '{value}', whose length is wrong.",
    '按数据元的长度填写。',
    'Keep to the length of the element.',
  ),

  // port flat files (messages/flatfile)
  HUB_FLAT_SYNTAX: entry(
    'partner',
    422,
    '{place} 的语法错误（{rule}）。',
    'The syntax is broken at {place} ({rule}).',
    "核对记录结束符 '、分隔符 : 和释放符 ?。",
    "Check the record terminator ', the separator : and the release character ?.",
  ),
  HUB_FLAT_CHARSET: entry(
    'partner',
    422,
    '{place} 的字符编码有误：整个文件须为 GBK 或 UTF-8 之一，不得混用。',
    'The encoding is wrong at {place}: the whole file is GBK or UTF-8, never both.',
    '以一种编码重新导出文件。',
    'Export the file again in one encoding.',
  ),
  HUB_FLAT_MESSAGE: entry(
    'partner',
    422,
    '{place} 的报文类型“{value}”没有记录表。',
    "{place} names message type '{value}', which has no record table.",
    '核对 00 记录的报文类型，或请运维添加记录表。',
    'Check the message type of record 00, or have the operator add a table.',
  ),
  HUB_FLAT_COUNT: entry(
    'partner',
    422,
    '{place} 的记录总数为“{value}”，与文件不符（{rule}）。',
    "{place} counts '{value}' records, which is not what the file holds ({rule}).",
    '按实际记录数（含 00 与 99）填写；若文件被截断请重发。',
    'Give the number of records, 00 and 99 included; if the file was cut off, send it again.',
  ),
  HUB_FLAT_MISSING: entry(
    'partner',
    422,
    '缺少 {place}。',
    '{place} is missing.',
    '补充必填的记录或字段。',
    'Add the mandatory record or field.',
  ),
  HUB_FLAT_UNEXPECTED: entry(
    'partner',
    422,
    '{place} 不应出现在此处。',
    '{place} is not expected here.',
    '按记录结构核对记录顺序和字段数。',
    'Check the order of records and the number of fields against the record structure.',
  ),
  HUB_FLAT_TOO_MANY: entry(
    'partner',
    422,
    '{place} 过多（{rule}）。',
    'There is too much of {place} ({rule}).',
    '按记录结构规定的次数填写。',
    'Keep to the number of repetitions of the record structure.',
  ),
  HUB_FLAT_VALUE: entry(
    'partner',
    422,
    '{place} 的值“{value}”无效（{rule}）。',
    "{place} holds '{value}', which is not valid ({rule}).",
    '使用记录表规定的代码或日期。',
    'Use a code or date of the record table.',
  ),
  HUB_FLAT_FORMAT: entry(
    'partner',
    422,
    '{place} 的值“{value}”不是数字格式 {rule}。',
    "{place} holds '{value}', which is not a number of the form {rule}.",
    '按 9(n) 或 9(n).9(m) 填写数字。',
    'Write a number as 9(n) or 9(n).9(m) says.',
  ),
  HUB_FLAT_LENGTH: entry(
    'partner',
    422,
    '{place} 的值“{value}”超长（{rule}）。',
    "{place} holds '{value}', which is too long ({rule}).",
    '按字段长度填写。',
    'Keep to the length of the field.',
  ),

  // one form made into another (messages/mapping)
  HUB_MAP_DATE: entry(
    'partner',
    422,
    '“{value}”不是格式 {format} 的日期。',
    "'{value}' is no date of format {format}.",
    '按 2379 格式代码填写日期。',
    'Write the date by its format code (2379).',
  ),
  HUB_MAP_MISSING: entry(
    'partner',
    422,
    '{place} 缺少 {rule}，无法生成 {target}。',
    '{place} lacks {rule}, without which {target} cannot be made.',
    '补充该字段，或直接发送目标报文。',
    'Add it, or send the target document itself.',
  ),
  HUB_MAP_CODE: entry(
    'partner',
    422,
    '{place} 的值“{value}”没有对应代码（{rule}）。',
    "{place} holds '{value}', which has no code to become ({rule}).",
    '使用可对应的代码。',
    'Use a code that has a counterpart.',
  ),
  HUB_MAP_LOST: entry(
    'partner',
    422,
    '{place} 的值“{value}”在 {target} 中没有位置，不能丢弃。',
    "{place} holds '{value}', which has no place in {target} and may not be dropped.",
    '删除该字段，或直接发送目标报文。',
    'Leave it out, or send the target document itself.',
  ),

  // the hub itself
  HUB_LEDGER_UNAVAILABLE: entry(
    'transient',
    503,
    '账本暂不可写，报文未接收。',
    'The ledger cannot be written; the message was not taken.',
    '保留报文，稍后重发。',
    'Keep the message and send it again.',
  ),
  HUB_CHECK_UNAVAILABLE: entry(
    'transient',
    503,
    '校验引擎暂不可用，报文未接收。',
    'The checker is not available; the message was not taken.',
    '保留报文，稍后重发。',
    'Keep the message and send it again.',
  ),
  HUB_FULL: entry(
    'transient',
    503,
    '系统积压已满，暂不接收：{detail}',
    'Too much is waiting; nothing more is taken for now: {detail}',
    '保留报文，按 Retry-After 等待后重发。',
    'Keep the message and send it again after Retry-After.',
  ),
  HUB_DRAINING: entry(
    'transient',
    503,
    '系统正在排空，不接收新报文。',
    'The hub is being emptied and takes nothing new.',
    '保留报文，按 Retry-After 等待后重发。',
    'Keep the message and send it again after Retry-After.',
  ),
  HUB_CONTENT_DELETED: entry(
    'permanent',
    410,
    '该报文原文已于 {at} 按保存期限删除，记录与回执仍可查。',
    'The bytes of this message were deleted on {at}, as the retention rules say; its record and receipts are here.',
    '查阅自有存档。',
    'Look into your own archive.',
  ),
  HUB_ARCHIVE_UNREADABLE: entry(
    'transient',
    503,
    '该报文原文已归档至 {file}，目前无法读取：{detail}',
    'The bytes of this message are in the archive, in {file}, which cannot be read now: {detail}',
    '请运维挂载归档目录（retention.archive）或恢复该文件。',
    'Have the operator mount the archive (retention.archive), or put the file back.',
  ),
  HUB_ARCHIVE_UNWRITABLE: entry(
    'transient',
    503,
    '归档目录无法写入，原文仍保留在账本中：{detail}',
    'The archive cannot be written; the bytes stay in the ledger: {detail}',
    '挂载归档目录（retention.archive）并检查权限与空间。',
    'Mount the archive (retention.archive), look at its rights and space.',
  ),
  HUB_RETENTION_OFF: entry(
    'permanent',
    409,
    '未配置保存期限，原文长期保存。',
    'No retention is configured: everything is kept.',
    '在 hub.yaml 中设置 retention.days。',
    'Set retention.days in hub.yaml.',
  ),
  HUB_BACKUP_RUNNING: entry(
    'transient',
    409,
    '正在备份。',
    'A backup is being made already.',
    '等它完成。',
    'Wait until it is done.',
  ),
  HUB_STOPPING: entry(
    'transient',
    503,
    '系统正在停机，报文未接收。',
    'The hub is stopping; the message was not taken.',
    '稍后重发。',
    'Send it again later.',
  ),
  HUB_INTERNAL: entry(
    'transient',
    500,
    '系统内部错误。',
    'Something broke inside the hub.',
    '稍后重发；若仍出错请联系运维并提供请求编号。',
    'Try again; if it persists, give the operator the request id.',
  ),

  // what an agency says first
  HUB_NOTICE: entry(
    'partner',
    200,
    '收到通知 {operation}。',
    'Notice {operation}.',
    '内容见回执正文。',
    'Its content is in the body of the receipt.',
  ),

  HUB_WEBHOOK_DISABLED: entry(
    'permanent',
    200,
    '回调地址已停用：{detail}。回执改为在信箱中等待。',
    'Your webhook was disabled: {detail}. Receipts wait in the mailbox.',
    '修复后请运维重新启用，并用 POST /v1/receipts/replay 补发。',
    'Mend it, have the operator enable it again, and replay with POST /v1/receipts/replay.',
  ),

  // the way to the agency
  HUB_SUBMITTED: entry(
    'partner',
    200,
    '已送达 {agency}。',
    'Delivered to {agency}.',
    '等待业务回执。',
    'Wait for the business receipts.',
  ),
  HUB_HELD: entry(
    'partner',
    200,
    '原始报文 {reference} 被退回，本变更或删除暂缓发送。',
    'Held: the original {reference} was refused, so this change or deletion is not sent.',
    '更正原始报文后重发，或请运维放行。',
    'Send a corrected original, or ask the operator to let it go.',
  ),
  HUB_AGENCY_UNAVAILABLE: entry(
    'transient',
    503,
    '主管部门系统不可达，未发送。',
    'The agency cannot be reached. Not sent; trying again cannot duplicate.',
    '系统自动重试。',
    'The hub tries again by itself.',
  ),
  HUB_AGENCY_BUSY: entry(
    'transient',
    503,
    '主管部门系统繁忙，未接收。',
    'The agency is busy and did not take it.',
    '系统自动重试。',
    'The hub tries again by itself.',
  ),
  HUB_AGENCY_TIMEOUT: entry(
    'ambiguous',
    504,
    '已发送，未见应答。',
    'Sent, no answer seen. A status query or a person decides.',
    '等待运维核实。',
    'Wait for the operator to find out.',
  ),
  HUB_AGENCY_CUT: entry(
    'ambiguous',
    502,
    '发送途中连接中断。',
    'The connection broke while sending.',
    '等待运维核实。',
    'Wait for the operator to find out.',
  ),
  HUB_AGENCY_REFUSED: entry(
    'permanent',
    422,
    '主管部门系统拒收：{detail}',
    'The agency refused to take it: {detail}',
    '按主管部门说明修正后重发。',
    'Mend it as the agency says and send again.',
  ),
  HUB_IMPORT_FAILED: entry(
    'permanent',
    422,
    '{agency} 一侧的单一窗口客户端未能导入该报文。',
    'The Single Window client on the side of {agency} could not import it.',
    '按回执正文修正后重发；正文无说明时联系运维。',
    'Mend what the body of the receipt says and send again; if it says nothing, ask the operator.',
  ),
  HUB_ANSWER_UNREAD: entry(
    'partner',
    200,
    '{agency} 已答复，格式未知，原文见回执正文。',
    '{agency} has answered in a form the hub does not know; its words are in the body.',
    '阅读回执正文。',
    'Read the body of the receipt.',
  ),
  HUB_AGENCY_UNCONFIGURED: entry(
    'transient',
    503,
    '主管部门 {agency} 尚未配置连接。',
    'No connector is configured for agency {agency}.',
    '运维配置连接后自动发送。',
    'It is sent once the operator configures one.',
  ),
  HUB_ATTEMPTS_EXHAUSTED: entry(
    'permanent',
    504,
    '多次尝试后仍未送达，已转人工处理。',
    'Not delivered after every attempt; a person looks at it.',
    '联系运维。',
    'Ask the operator.',
  ),
  HUB_RESTORED: entry(
    'ambiguous',
    500,
    '恢复备份时该报文尚在等待，备份之后是否已发送未知。',
    'It waited in the copy that was restored; whether it has been sent since is not known.',
    '等待运维核实。',
    'Wait for the operator to find out.',
  ),
  HUB_INTERRUPTED: entry(
    'ambiguous',
    500,
    '发送途中系统中断，结果未知。',
    'The hub was cut off while sending; the outcome is not known.',
    '等待运维核实。',
    'Wait for the operator to find out.',
  ),
} as const satisfies Record<`HUB_${string}`, ErrorEntry>

export type ErrorCode = keyof typeof errorCodes

/** The text of a code with its places filled. */
export function errorText(code: ErrorCode, values: Record<string, string | number | undefined> = {}): Bilingual {
  return fill(errorCodes[code].text, values)
}

/** A fault of a message from its code: text filled from `values`, place from `at`. */
export function fault(
  code: ErrorCode,
  values: Record<string, string | number | undefined> = {},
  at: Omit<Fault, 'code' | 'text'> = {},
): Fault {
  return { code, ...at, text: errorText(code, values) }
}

/** A broken hub or a call that cannot be served. An invalid message is never one of these: it is a result. */
export class HubError extends Error {
  override name = 'HubError'
  readonly class: ErrorClass
  readonly status: number
  readonly text: Bilingual
  readonly remedy: Bilingual
  constructor(
    readonly code: ErrorCode,
    readonly values: Record<string, string | number | undefined> = {},
    options?: { cause?: unknown; retryAfterSeconds?: number },
  ) {
    const text = errorText(code, values)
    super(`${code}: ${text.en}`, options?.cause === undefined ? undefined : { cause: options.cause })
    this.class = errorCodes[code].class
    this.status = errorCodes[code].status
    this.text = text
    this.remedy = fill(errorCodes[code].remedy, values)
    this.retryAfterSeconds = options?.retryAfterSeconds
  }
  readonly retryAfterSeconds: number | undefined
}
