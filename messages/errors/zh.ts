// zh — what each code says and what to do about it, in Chinese, in the words of the Single Window 单一窗口.
import type { ErrorCode, Sentences } from './codes.js'

/** What each code says in Chinese. */
export const zh = {
  // taken
  HUB_ACCEPTED: {
    text: '报文已接收，将转发至主管部门。',
    remedy: '等待业务回执。',
  },
  HUB_VALID: {
    text: '校验通过。报文未登记、未转发。',
    remedy: '以 POST /v1/messages 正式发送。',
  },
  HUB_SUBSCRIBED: {
    text: '已订阅 {operation} 的通知，对象：{subject}；现有订阅 {count} 项。{waitingZh}',
    remedy: '等待通知；取消时发送 FunctionCode 为 1 的同一订阅。',
  },
  HUB_UNSUBSCRIBED: {
    text: '已取消订阅 {operation} 的通知，对象：{subject}；现有订阅 {count} 项。',
    remedy: '无需处理。',
  },

  // the call
  HUB_UNAUTHENTICATED: {
    text: '访问密钥缺失或错误。',
    remedy: '在 Authorization: Bearer 中填写有效密钥。',
  },
  HUB_FORBIDDEN: {
    text: '无权执行此操作。',
    remedy: '向运维人员申请权限。',
  },
  HUB_TOKEN_EXPIRED: {
    text: '访问令牌已过期。',
    remedy: '通过 /oauth2/token 重新获取令牌。',
  },
  HUB_ADDRESS_FORBIDDEN: {
    text: '不允许从地址 {address} 访问。',
    remedy: '从已登记的地址访问，或请运维人员将此地址加入 addresses。',
  },
  HUB_CERTIFICATE_REQUIRED: {
    text: '本企业的连接必须出示已登记的客户端证书。',
    remedy: '使用登记的证书建立 TLS 连接；新证书请先由运维人员登记。',
  },
  HUB_TLS_ONLY: {
    text: '此端口只接受 TLS 加密连接。',
    remedy: '将地址改为 https://。',
  },
  HUB_ROLE_FORBIDDEN: {
    text: '账号的角色（{role}）不允许此操作，需要：{needed}。',
    remedy: '请管理员执行此操作，或用 hub operator role 调整角色。',
  },
  HUB_PERSONS_HIDDEN: {
    text: '内容含有或可能含有个人信息，无法只隐去该部分，不予提供。',
    remedy:
      '确需查看时由操作员或管理员以 reveal=true 并填写 reason 调用（hub … --reveal --reason）；该操作记入操作记录。',
  },
  HUB_SIGN_IN_FAILED: {
    text: '登录失败：账号、密码或动态口令不正确。',
    remedy: '核对账号、密码和当前的动态口令；每个口令只能使用一次。仍不成功请管理员执行 hub operator reset。',
  },
  HUB_WELCOME_OVER: {
    text: '此链接无效、已使用或已过期。',
    remedy: '请管理员执行 hub operator reset 生成新链接。',
  },
  HUB_PASSWORD_WRONG: {
    text: '原密码不正确。',
    remedy: '重新输入现在使用的密码；忘记密码请管理员执行 hub operator reset。',
  },
  HUB_PASSWORD_WEAK: {
    text: '密码过于简单：至少 12 个字符，不含账号名，不是常见密码。',
    remedy: '改用几个不相关的词组成的长密码。',
  },
  HUB_OIDC_FAILED: {
    text: '身份提供方登录失败：{detail}',
    remedy: '从 /monitor/sign-in 重新登录；仍失败请管理员核对 operators.oidc。',
  },
  HUB_OPERATOR_EXISTS: {
    text: '账号 {name} 已存在。',
    remedy: '换一个名称，或用 hub operator role、enable、reset 修改现有账号。',
  },
  HUB_LAST_ADMIN: {
    text: '{name} 是最后一名可登录的管理员。',
    remedy: '请先确保另有管理员可以登录。',
  },
  HUB_APPROVAL_OWN: {
    text: '不能复核自己提出的操作。',
    remedy: '请另一名有相应角色的人员复核（hub approvals）。',
  },
  HUB_CROSS_SITE: {
    text: '请求来自其他网站的页面，或在浏览器中直接打开此地址。',
    remedy: '在 /monitor 页面内操作，或使用带密钥的程序（hub 命令、curl）。',
  },
  HUB_OPERATION_FORBIDDEN: {
    text: '未授权使用业务 {operation}。',
    remedy: '向运维人员申请该业务权限。',
  },
  HUB_COMPANY_FOREIGN: {
    text: '{path} 的企业代码 {value} 不在本企业可申报的范围内。',
    remedy:
      '核对企业代码；如确为本企业或委托企业，请运维人员将其加入 companies，或由该企业授权代理申报（PUT /v1/agents）。',
  },
  HUB_COMPANY_WARNING: {
    text: '注意：{path} 的企业代码 {value} 未登记为本企业可申报的企业；报文仍已接收。',
    remedy: '请运维人员将该企业加入 companies；启用 require 后此类报文将被拒收。',
  },
  HUB_NOT_FOUND: {
    text: '未找到。',
    remedy: '核对地址和编号；只能查看本企业的数据。',
  },
  HUB_OPS_NOT_FOUND: {
    text: '没有 {what}，或其状态不允许此操作。',
    remedy:
      '用 hub dead、unclear、held、orphan、agency list、partner list 查看现有对象；hub trace 查看一票报文的经过。',
  },
  HUB_REQUEST_INVALID: {
    text: '请求不符合接口定义：{detail}',
    remedy: '参照 /docs 的接口说明。',
  },
  HUB_MEDIA_TYPE: {
    text: '不支持的内容类型 {value}。',
    remedy: '请使用：{taken}。',
  },
  HUB_METHOD: {
    text: '该地址不支持 {method} 方法。',
    remedy: '请使用：{allowed}。',
  },
  HUB_ATTACHMENT_UNCLEAR: {
    text: '一次提交多份报文并带有附件，无法确定附件所属报文。',
    remedy: '带附件的报文请逐份单独发送。',
  },
  HUB_ATTACHMENT_MISSING: {
    text: '报文所列附件“{value}”未随报文提交。',
    remedy:
      '将该文件与报文放入同一 zip，或作为 multipart 的一个部分一并发送；漏传的报关单随附单据可用 DecEdocMessage 补传。',
  },
  HUB_RATE_LIMITED: {
    text: '请求过于频繁。',
    remedy: '按 Retry-After 等待后重试。',
  },

  HUB_SUBSCRIPTIONS_FULL: {
    text: '订阅已达上限 {limit} 个。',
    remedy: '先取消不再需要的订阅，或请运维人员订阅整项业务。',
  },
  HUB_GRANTS_FULL: {
    text: '授权已达上限 {limit} 项。',
    remedy: '先撤销已过期或不再需要的授权（DELETE /v1/grants）。',
  },

  // the interchange
  HUB_EMPTY: {
    text: '报文为空。',
    remedy: '检查发送程序是否已写完文件。',
  },
  HUB_TOO_LARGE: {
    text: '报文超过上限 {limit} 字节。',
    remedy: '拆分报文后重发。',
  },
  HUB_FILE_NAME: {
    text: '文件名无法使用：超过 {limit} 字节，或含反斜杠、控制字符、非 UTF-8 编码的字符。',
    remedy: '改名后重新放入 OutBox；一个汉字占 3 个字节。',
  },
  HUB_TOO_MANY: {
    text: '一次投递超过 {limit} 份报文（附件、空交换各计一份）。',
    remedy: '分为多个文件发送。',
  },
  HUB_TOO_DEEP: {
    text: '元素嵌套超过 {limit} 层。',
    remedy: '检查报文结构。',
  },
  HUB_ENCODING: {
    text: '报文内容与声明的编码 {value} 不符。',
    remedy: '使用 UTF-8、GBK 或 GB18030，并如实声明。',
  },
  HUB_ENCODING_UNKNOWN: {
    text: '无法识别声明的编码 {value}。',
    remedy: '声明 UTF-8、GBK 或 GB18030。',
  },
  HUB_SYNTAX_UNKNOWN: {
    text: '无法识别的报文格式。',
    remedy: '发送 XML 报文、EDIFACT 交换（UNB 至 UNZ）、港口平台文件（以 00: 开头）、表单的 JSON 报文或 zip。',
  },
  HUB_XML_NOT_WELL_FORMED: {
    text: 'XML 格式错误：{zh}。',
    remedy: '修正该行后重发。',
  },
  HUB_XML_DOCTYPE: {
    text: '不允许 DOCTYPE、实体或 XInclude。',
    remedy: '删除 DOCTYPE 声明。',
  },
  HUB_ZIP_INVALID: {
    text: '压缩包无效：{detail}',
    remedy: '重新生成压缩包。',
  },
  HUB_ZIP_UNSAFE: {
    text: '压缩包不安全：{detail}',
    remedy: '压缩包内只放报文和附件，不带路径。',
  },
  HUB_ZIP_NO_MESSAGE: {
    text: '压缩包内没有与其同名的 XML 报文。',
    remedy: '压缩包 <名称>.zip 内应有 <名称>.xml。',
  },

  // identification
  HUB_DOCUMENT_UNKNOWN: {
    text: '未知的报文类型：根元素 {root}，命名空间 {namespace}。',
    remedy: '查看 GET /v1/catalogue 中可发送的报文。',
  },
  HUB_JSON_DOCUMENT: {
    text: '无法识别该 JSON 报文的单证类型：最外层应仅有一个以单证名称命名的成员（如 DualUseLicenceApplication），实际为：{found}。',
    remedy: '单证名称见 GET /v1/catalogue；主管部门公布格式的报文（如 DecMessage、CEB621Message）以 XML 发送。',
  },
  HUB_DOCUMENT_RECEIPT: {
    text: '{receipt} 是主管部门的回执，不予申报（{zh}）。',
    remedy: '无需发送回执；如为申报，请使用申报类报文。',
  },
  HUB_DOCUMENT_NAMESPACE: {
    text: '根元素 {root} 的命名空间应为 {expected}，实际为 {namespace}。',
    remedy: '修正 xmlns 后重发。',
  },
  HUB_DOCUMENT_VARIANT: {
    text: '报文 {root} 的 {facts} 无对应业务，允许值：{allowed}。',
    remedy: '核对报文类型与功能代码。',
  },
  HUB_OPERATION_UNKNOWN: {
    text: '业务目录中没有 {operation}。',
    remedy: '查看 GET /v1/catalogue。',
  },
  HUB_OPERATION_MISMATCH: {
    text: '报文不属于指定业务 {operation}，可选：{candidates}。',
    remedy: '改正 X-Operation 或报文内容。',
  },
  HUB_OPERATION_AMBIGUOUS: {
    text: '无法确定业务，候选：{candidates}。',
    remedy: '用 X-Operation 指定业务。',
  },
  HUB_OPERATION_NOTICE: {
    text: '{candidates} 是主管部门下发的通知，不能由企业发送。',
    remedy: '用 POST /v1/subscriptions 订阅。',
  },
  HUB_OPERATION_PLANNED: {
    text: '业务 {operation} 尚未开通。',
    remedy: '该业务目前不能通过本系统申报，请暂用单一窗口网页端。已开通的业务见 hub catalogue 或 GET /v1/catalogue。',
  },
  HUB_REFERENCE_MISSING: {
    text: '缺少报文编号 {path}。',
    remedy: '填写报文编号后重发。',
  },
  HUB_REFERENCE_CONFLICT: {
    text: '编号 {reference} 已用于另一份内容不同的报文 {messageId}。',
    remedy: '更换编号，或重发原报文。',
  },

  // the check (one per kind of rule an XSD can break)
  HUB_SCHEMA_VIOLATION: {
    text: '报文校验未通过，共 {count} 处错误。',
    remedy: '按各条错误修正后重发。',
  },
  HUB_XSD_ELEMENT_UNEXPECTED: {
    text: '此处不应出现元素 {element}：{zh}。',
    remedy: '核对元素名称与顺序。',
  },
  HUB_XSD_ELEMENT_MISSING: {
    text: '元素 {element} 内缺少 {expected}。',
    remedy: '补充必填元素。',
  },
  HUB_XSD_ATTRIBUTE_MISSING: {
    text: '元素 {element} 缺少属性 {attribute}。',
    remedy: '补充必填属性。',
  },
  HUB_XSD_ATTRIBUTE_UNEXPECTED: {
    text: '元素 {element} 不应有属性 {attribute}。',
    remedy: '删除该属性。',
  },
  HUB_XSD_LENGTH: {
    text: '{element} 的长度为 {actual}，要求 {rule}。',
    remedy: '按长度要求填写。',
  },
  HUB_XSD_ENUMERATION: {
    text: '{element} 的值“{value}”不在代码表 {allowed} 中。',
    remedy: '使用代码表中的值。',
  },
  HUB_XSD_PATTERN: {
    text: '{element} 的值“{value}”不符合要求，应为 {zh}。',
    remedy: '按格式填写。',
  },
  HUB_XSD_RANGE: {
    text: '{element} 的值“{value}”超出范围 {rule}。',
    remedy: '按范围填写。',
  },
  HUB_XSD_DIGITS: {
    text: '{element} 的值“{value}”位数超限：{rule}。',
    remedy: '按位数要求填写。',
  },
  HUB_XSD_TYPE: {
    text: '{element} 的值“{value}”不符合要求：{zh}。',
    remedy: '按数据类型填写。',
  },
  HUB_XSD_FIXED: {
    text: '{element} 的值应固定为 {expected}。',
    remedy: '填写固定值。',
  },
  HUB_XSD_CONTENT: {
    text: '{element} 的内容不允许：{zh}。',
    remedy: '按 XSD 修正。',
  },
  HUB_XSD_UNIQUE: {
    text: '{element} 的值重复，或引用的值不存在：{zh}。',
    remedy: '修正重复的值或引用。',
  },
  HUB_JSON_NOT_WELL_FORMED: {
    text: '不是有效的 JSON：{detail}',
    remedy: '在所示行列改正后重发。',
  },
  HUB_JSON_STRUCTURE: {
    text: '{pointer} 处应为{zh}。',
    remedy: '按该表单的 JSON Schema 组织数据。',
  },
  HUB_JSON_UNKNOWN: {
    text: '{parent} 中没有字段 {element}。',
    remedy: '核对字段名称；字段见该表单的 JSON Schema。',
  },
  HUB_RULE_REQUIRED: {
    text: '缺少 {element}。',
    remedy: '按该业务规则补充。',
  },
  HUB_RULE_KNOWN: {
    text: '在本企业经本系统办理的 {document} 中未查到 {element}“{value}”。',
    remedy: '核对编号；如该编号通过其他途径办理，可忽略此提示。',
  },
  HUB_RULE_FORBIDDEN: {
    text: '不应填写 {element}。',
    remedy: '按该业务规则删除其内容。',
  },
  HUB_RULE_VALUE: {
    text: '{element} 的值“{value}”不符合要求：{expected}。',
    remedy: '按该业务规则填写。',
  },
  HUB_RULE_UNIQUE: {
    text: '{element} 的值“{value}”重复。',
    remedy: '改正重复的值。',
  },
  HUB_RULE_SEQUENCE: {
    text: '{element} 的值为“{value}”，按顺序应为 {expected}。',
    remedy: '序号从 1 开始连续填写。',
  },
  HUB_RULE_LIMIT: {
    text: '{element} 共 {count} 个，上限 {limit} 个。',
    remedy: '拆分后重发。',
  },
  HUB_RULE_SUM: {
    text: '{element} 的值“{value}”与计算结果 {expected} 不符。',
    remedy: '核对合计与各项。',
  },
  HUB_RULE_EQUAL: {
    text: '{element} 的值“{value}”与 {other} 的值“{expected}”不一致。',
    remedy: '两处填写一致。',
  },
  HUB_RULE_DIFFER: {
    text: '{element} 的值“{value}”不应与 {other} 相同。',
    remedy: '核对两处的内容。',
  },
  HUB_RULE_REFERS: {
    text: '{element} 的值“{value}”在 {other} 中不存在。',
    remedy: '引用本报文已列明的编号。',
  },
  HUB_RULE_CHECK_DIGIT: {
    text: '{element} 的值“{value}”校验位或格式错误。',
    remedy: '核对号码和校验码。',
  },
  HUB_SIGNATURE_MISSING: {
    text: '缺少签名 {element}。',
    remedy: '加签后重发；如由系统或客户端加签，请运维人员设置 agencies.<代码>.signs。',
  },
  HUB_SIGNATURE_INVALID: {
    text: '验签不通过：{detail}。',
    remedy: '使用已登记的证书加签，加签后不得改动报文；新证书须先登记。',
  },
  HUB_SIGNATURE_REQUIRED: {
    text: '报文未加签，本企业设置要求加签（signatures: {mode}）。',
    remedy: '加签后重发。',
  },
  HUB_SIGNER_UNAVAILABLE: {
    text: '暂时无法加签：{detail}。报文已保留，恢复后自动加签并发送。',
    remedy: '运维人员可用 hub signer list 查看加签设备和加签代理。',
  },
  HUB_UNSIGNABLE: {
    text: '无法对该报文加签：{detail}。',
    remedy: '改用 UTF-8 或 GBK 编码，或自行加签后发送。',
  },
  HUB_RULE_DATE: {
    text: '{element} 的值“{value}”不是有效的日期或时间，格式应为 {expected}。',
    remedy: '核对年月日和时分秒。',
  },
  HUB_RULE_ORDER: {
    text: '{element} 的值“{value}”应 {operator} {expected}。',
    remedy: '核对先后或大小。',
  },
  HUB_FAULT_LIMIT: {
    text: '错误超过 {limit} 处，其余未列出。',
    remedy: '先修正已列出的错误。',
  },

  // EDIFACT (messages/edifact/syntax-errors.ts ties each to the codes of data element 0085)
  HUB_EDI_SYNTAX: {
    text: 'EDIFACT 语法错误，位于 {place}。',
    remedy: '核对服务字符、段终止符与语法级别。',
  },
  HUB_EDI_ENVELOPE: {
    text: 'EDIFACT 信封（UNB、UNG、UNH 及其尾段）有误，位于 {place}。',
    remedy: '核对编号、计数、收发方与报文类型。',
  },
  HUB_EDI_CHARACTER: {
    text: '{place} 含有字符集以外的字符。',
    remedy: '使用 UNB 声明的字符集，或请运维人员为本企业设置字符集。',
  },
  HUB_EDI_VALUE: {
    text: '{place} 的值“{value}”无效。',
    remedy: '使用目录规定的值或代码。',
  },
  HUB_EDI_MISSING: {
    text: '缺少 {place}。',
    remedy: '补充必填的段、数据元或成分数据元。',
  },
  HUB_EDI_UNEXPECTED: {
    text: '{place} 不应出现在此处。',
    remedy: '按报文的分支图核对段的顺序。',
  },
  HUB_EDI_TOO_MANY: {
    text: '{place} 出现次数过多。',
    remedy: '按目录规定的次数填写。',
  },
  HUB_EDI_TYPE: {
    text: '{place} 的值“{value}”字符类型错误。',
    remedy: '按数据元的类型（a、n、an）填写。',
  },
  HUB_EDI_REFUSED: {
    text: 'EDIFACT 交换或报文有误，共 {count} 处。',
    remedy: '按 CONTRL 或各条错误修正后重发。',
  },
  HUB_EDI_TEST: {
    text: '测试交换（UNB 0035=1）：已检查无误，不予申报。',
    remedy: '正式申报时去掉测试标志。',
  },
  HUB_EDI_ANSWER: {
    text: '{root} 是对他方报文的答复，不予申报。',
    remedy: '无需重发；如为申报，请使用申报类报文。',
  },
  HUB_EDI_LENGTH: {
    text: '{place} 的值“{value}”长度不符。',
    remedy: '按数据元的长度填写。',
  },

  // port flat files (messages/flatfile)
  HUB_FLAT_SYNTAX: {
    text: '{place} 语法错误（{rule}）。',
    remedy: "核对记录结束符 '、分隔符 : 和释放符 ?。",
  },
  HUB_FLAT_CHARSET: {
    text: '{place} 的字符编码有误：整个文件须为 GBK 或 UTF-8 之一，不得混用。',
    remedy: '以一种编码重新导出文件。',
  },
  HUB_FLAT_MESSAGE: {
    text: '{place} 的报文类型“{value}”没有记录表。',
    remedy: '核对 00 记录的报文类型，或请运维人员添加记录表。',
  },
  HUB_FLAT_COUNT: {
    text: '{place} 的记录总数为“{value}”，与文件不符（{rule}）。',
    remedy: '按实际记录数（含 00 与 99）填写；若文件被截断请重发。',
  },
  HUB_FLAT_MISSING: {
    text: '缺少 {place}。',
    remedy: '补充必填的记录或字段。',
  },
  HUB_FLAT_UNEXPECTED: {
    text: '{place} 不应出现在此处。',
    remedy: '按记录结构核对记录顺序和字段数。',
  },
  HUB_FLAT_TOO_MANY: {
    text: '{place} 出现次数过多（{rule}）。',
    remedy: '按记录结构规定的次数填写。',
  },
  HUB_FLAT_VALUE: {
    text: '{place} 的值“{value}”无效（{rule}）。',
    remedy: '使用记录表规定的代码或日期。',
  },
  HUB_FLAT_FORMAT: {
    text: '{place} 的值“{value}”不是数字格式 {rule}。',
    remedy: '按 9(n) 或 9(n).9(m) 填写数字。',
  },
  HUB_FLAT_LENGTH: {
    text: '{place} 的值“{value}”超长（{rule}）。',
    remedy: '按字段长度填写。',
  },

  // one form made into another (messages/mapping)
  HUB_MAP_DATE: {
    text: '“{value}”不是格式 {format} 的日期。',
    remedy: '按 2379 格式代码填写日期。',
  },
  HUB_MAP_MISSING: {
    text: '{place} 缺少 {rule}，无法生成 {target}。',
    remedy: '补充该字段，或直接发送目标报文。',
  },
  HUB_MAP_CODE: {
    text: '{place} 的值“{value}”没有对应代码（{rule}）。',
    remedy: '改用有对应关系的代码。',
  },
  HUB_MAP_LOST: {
    text: '{place} 的值“{value}”在 {target} 中没有对应字段，系统不丢弃任何数据。',
    remedy: '删除该字段，或直接发送目标报文。',
  },

  // the hub itself
  HUB_LEDGER_UNAVAILABLE: {
    text: '账本暂不可读写，报文未接收。',
    remedy: '保留报文，稍后重发。运维：hub doctor 说明原因；恢复后自动继续，无需重启。',
  },
  HUB_PAYLOADS_UNAVAILABLE: {
    text: '存放报文的对象存储暂不可用，报文未接收（{detail}）。',
    remedy: '保留报文，稍后重发。运维请检查对象存储。',
  },
  HUB_CHECK_UNAVAILABLE: {
    text: '校验引擎暂不可用，报文未接收。',
    remedy: '保留报文，稍后重发。',
  },
  HUB_QUERIES_FULL: {
    text: '查询过多，暂不受理；申报不受影响。',
    remedy: '按 Retry-After 稍后再查。',
  },
  HUB_FULL: {
    text: '系统负荷已满，暂不接收新报文：{detail}',
    remedy: '保留报文，按 Retry-After 等待后重发。',
  },
  HUB_MEMORY_BUSY: {
    text: '系统内存不足，报文未接收。',
    remedy: '保留报文，按 Retry-After 等待后重发；避免同时发送多份大报文。',
  },
  HUB_DRAINING: {
    text: '系统即将停机，正在处理已接收的报文，不接收新报文。',
    remedy: '保留报文，按 Retry-After 等待后重发。',
  },
  HUB_CONTENT_DELETED: {
    text: '该报文原文已于 {at} 按保存期限删除，记录与回执仍可查。',
    remedy: '查阅自有存档。',
  },
  HUB_RESULT_DELETED: {
    text: '查询结果仅保存数日（retention.queryDays），该结果已删除。',
    remedy: '重新提交查询。',
  },
  HUB_ARCHIVE_UNREADABLE: {
    text: '该报文原文已归档至 {file}，目前无法读取：{detail}',
    remedy: '请运维人员挂载归档目录（retention.archive）或恢复该文件。',
  },
  HUB_ARCHIVE_UNWRITABLE: {
    text: '归档目录无法写入，原文仍保留在账本中：{detail}',
    remedy: '挂载归档目录（retention.archive）并检查权限与空间。',
  },
  HUB_NOT_ENCRYPTED: {
    text: '账本未加密：hub.yaml 未配置 encryption，或 encryption.cipher 为 none。',
    remedy: '请在 hub.yaml 中配置 encryption.key 并重启。',
  },
  HUB_RETENTION_OFF: {
    text: '未配置保存期限，原文长期保存。',
    remedy: '在 hub.yaml 中设置 retention.days。',
  },
  HUB_BACKUP_RUNNING: {
    text: '正在备份。',
    remedy: '请等待备份完成。',
  },
  HUB_BACKUP_NO_ROOM: {
    text: '磁盘剩余 {free} MB；账本备份约需 {needed} MB，且须保留 {least} MB。',
    remedy:
      '请先腾出数据目录所在磁盘的空间，例如将 backups/ 中的旧备份移至其他机器；或停机后将 ledger.db 复制到其他磁盘。',
  },
  HUB_BACKUP_ELSEWHERE: {
    text: '账本存于 PostgreSQL，不由本系统备份。',
    remedy: '请使用 PostgreSQL 自带工具备份（pg_basebackup、pg_dump），见 docs/postgresql.md。',
  },
  HUB_STOPPING: {
    text: '系统正在停机，报文未接收。',
    remedy: '稍后重发。',
  },
  HUB_INTERNAL: {
    text: '系统内部错误。',
    remedy: '稍后重发；如仍出错，请联系运维人员并提供请求编号。',
  },

  // what an agency says first
  HUB_NOTICE: {
    text: '收到主管部门通知 {operation}。',
    remedy: '内容见回执正文。',
  },

  HUB_WEBHOOK_DISABLED: {
    text: '回调地址已停用：{detail}。回执改存信箱，待企业收取。',
    remedy: '修复后请运维人员重新启用，再用 POST /v1/receipts/replay 补发。',
  },

  // the way to the agency
  HUB_SUBMITTED: {
    text: '已送达 {agency}。',
    remedy: '等待业务回执。',
  },
  HUB_HELD: {
    text: '原始报文 {reference} 已被退单，本变更或删除报文暂缓发送。',
    remedy: '更正原始报文后重新申报，或请运维人员放行。',
  },
  HUB_GIVEN_UP: {
    text: '运维人员已放弃向 {agency} 发送本报文。',
    remedy: '重新申报前，请向运维人员了解原因，并确认主管部门是否已收到。',
  },
  HUB_QUERY_EXPIRED: {
    text: '{agency} 未在期限内答复查询。',
    remedy: '稍后再查。',
  },
  HUB_QUERY_REFUSED: {
    text: '{agency} 不予答复该查询：{detail}。',
    remedy: '核对查询条件；如无误，请联系运维人员。',
  },
  HUB_QUERY_FAILED: {
    text: '查询报文已删除，无法答复。',
    remedy: '重新查询。',
  },
  HUB_QUERY_NONE: {
    text: '业务 {operation} 不是可用的查询。',
    remedy: '可用的查询见 GET /v1/queries。',
  },
  HUB_QUERY_CRITERION: {
    text: '查询条件有误：{detailZh}',
    remedy: '按 GET /v1/queries/{operation}/criteria（命令行：hub query {operation} --criteria）所列条件和格式改正。',
  },
  HUB_AGENCY_UNAVAILABLE: {
    text: '主管部门系统不可达，未发送。',
    remedy: '系统自动重试。',
  },
  HUB_AGENCY_BUSY: {
    text: '主管部门系统繁忙，未接收。',
    remedy: '系统自动重试。',
  },
  HUB_AGENCY_TIMEOUT: {
    text: '已发送，未收到应答。',
    remedy: '等待运维人员核实。',
  },
  HUB_AGENCY_CUT: {
    text: '发送途中连接中断。',
    remedy: '等待运维人员核实。',
  },
  HUB_BYTES_DAMAGED: {
    text: '报文 {messageId} 在系统中的存储内容已损坏，未予使用。',
    remedy: '请运维人员从备份恢复后重发，或更换编号重新申报。',
  },
  HUB_RECEIPT_FILE_MISSING: {
    text: '回执所列附件“{name}”未随回执送达。',
    remedy: '回执其余内容有效；请向主管部门索取该文件，或联系运维人员核实。',
  },
  HUB_RECEIPT_FILE_DAMAGED: {
    text: '回执附件 {name} 在系统中的存储内容已损坏，未予提供。',
    remedy: '请运维人员从备份恢复，或请主管部门重新发送该回执。',
  },
  HUB_KEY_IN_USE: {
    text: '编号 {value} 在 {agency} 已有报文正在办理，暂不受理。',
    remedy: '更换编号后重发；如编号确为本企业所有，请联系运维人员。',
  },
  HUB_AGENCY_FOREIGN: {
    text: '已发送，但应答来自防火墙、网关或登录页面，并非主管部门系统。',
    remedy: '等待运维人员核实；运维人员可用 hub agency test 查看应答的判读结果。',
  },
  HUB_AGENCY_DUPLICATE: {
    text: '主管部门答复该报文已存在，但并非由本系统发送：{detail}',
    remedy: '核实是否已通过其他途径申报；如需重新申报，请更换编号。',
  },
  HUB_AGENCY_REFUSED: {
    text: '主管部门系统拒收：{detail}',
    remedy: '按主管部门说明修正后重发。',
  },
  HUB_IMPORT_FAILED: {
    text: '{agency} 的单一窗口客户端未能导入该报文。',
    remedy: '按回执正文修正后重发；正文无说明的，请联系运维人员。',
  },
  HUB_ANSWER_UNREAD: {
    text: '{agency} 已答复，但格式无法识别，原文见回执正文。',
    remedy: '阅读回执正文。',
  },
  HUB_AGENCY_UNCONFIGURED: {
    text: '主管部门 {agency} 尚未配置连接。',
    remedy: '运维人员配置连接后自动发送。',
  },
  HUB_ATTEMPTS_EXHAUSTED: {
    text: '多次尝试后仍未送达，已转人工处理。',
    remedy: '联系运维人员。',
  },
  HUB_RESTORED: {
    text: '备份时该报文尚未发送，其后是否已发送不明。',
    remedy: '等待运维人员核实。',
  },
  HUB_INTERRUPTED: {
    text: '发送途中系统中断，结果不明。',
    remedy: '等待运维人员核实。',
  },
} as const satisfies Record<ErrorCode, Sentences>
