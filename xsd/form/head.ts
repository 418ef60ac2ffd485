// head — the seven fields every form begins with: those of the GACC manifest's own head.
import { leafNode, textLeaf } from './made-node.js'
import type { Form, Node } from './node.js'

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
      leafNode(
        'MessageID',
        ['报文编号（发送方自编，不重复）', 'The sender’s own number of the message, used once'],
        textLeaf(60),
        { eg: `${document.slice(0, 30)}-20260601-0001` },
      ),
      leafNode(
        'FunctionCode',
        ['报文功能代码', 'What the message is for'],
        { type: 'code', base: 'string', codes },
        { eg: codes[0]?.code ?? '9' },
      ),
      fixed(leafNode('MessageType', ['报文类型', 'The document'], textLeaf(60), { eg: document }), document, document),
      leafNode('SenderID', ['发送方代码', 'The sender'], textLeaf(30), { eg: ids.sender }),
      leafNode('ReceiverID', ['接收方代码', 'The receiver'], textLeaf(30), { eg: ids.receiver }),
      leafNode(
        'SendTime',
        ['发送时间', 'When it is sent'],
        { type: 'dateTime', base: 'dateTime' },
        { eg: '2026-06-01T09:00:00' },
      ),
      leafNode(
        'Version',
        ['报文版本', 'Edition of the form'],
        { type: 'pattern', base: 'string', pattern: '1\\.\\d' },
        { eg: '1.0' },
      ),
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
