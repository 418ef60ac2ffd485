// head — the seven fields every form begins with: those of the GACC manifest's own head.
import type { Form, Node } from './node.js'

const text = (name: string, zh: string, en: string, maxLength: number, eg: string): Node => ({
  name,
  zh,
  en,
  min: 1,
  max: 1,
  leaf: { type: `text(${maxLength})`, base: 'string', minLength: 1, maxLength },
  eg,
})

/** Functions a form may have, with what each is called in Chinese on pages and in schemas. */
export const functionNames: Readonly<Record<string, string>> = {
  original: '申报（申请）',
  replace: '替换',
  change: '变更',
  delete: '删除',
  cancel: '撤销（注销）',
  withdraw: '撤回',
  extend: '延期（延续）',
  supplement: '补充（补正）',
  query: '查询',
  return: '归还',
  end: '终止（结束）',
  declare: '正式申报',
  resubmit: '处理后重新报送',
  match: '配单',
  convert: '转换申报明细',
}

/** @param codes of FunctionCode, each with its meaning */
export function headOf(
  document: string,
  codes: { code: string; zh: string }[],
  ids: { sender: string; receiver: string },
): Node {
  const fixed = (node: Node, code: string, zh: string): Node => ({
    ...node,
    leaf: { ...node.leaf!, codes: [{ code, zh }] },
  })
  return {
    name: 'Head',
    zh: '报文头',
    en: 'Head',
    min: 1,
    max: 1,
    fields: [
      text(
        'MessageID',
        '报文编号（发送方自编，不重复）',
        'The sender’s own number of the message, used once',
        60,
        `${document.slice(0, 30)}-20260601-0001`,
      ),
      {
        ...text('FunctionCode', '报文功能代码', 'What the message is for', 20, codes[0]?.code ?? '9'),
        leaf: { type: 'code', base: 'string', codes },
      },
      fixed(text('MessageType', '报文类型', 'The document', 60, document), document, document),
      text('SenderID', '发送方代码', 'The sender', 30, ids.sender),
      text('ReceiverID', '接收方代码', 'The receiver', 30, ids.receiver),
      {
        ...text('SendTime', '发送时间', 'When it is sent', 25, '2026-06-01T09:00:00'),
        leaf: { type: 'dateTime', base: 'dateTime' },
      },
      {
        ...text('Version', '报文版本', 'Edition of the form', 5, '1.0'),
        leaf: { type: 'pattern', base: 'string', pattern: '1\\.\\d' },
      },
    ],
  }
}

/**
 * The head of this form, with the functions it has as the code list of `FunctionCode`. Source: the message head of the
 * customs manifest standard (MT messages, xsd/families/manifest).
 */
export function formHead(form: Form): Node {
  return headOf(
    form.document,
    form.functions.map(({ code, name }) => ({ code, zh: functionNames[name] ?? name })),
    { sender: 'TESTSENDER01', receiver: form.agencies[0]?.toUpperCase() ?? 'GACC' },
  )
}
