// common — what every filing has, as fields of queries: its reference, how it stands, which operation it is, and when.
import type { CommonFact } from '../../messages/queries/shape.js'
import { leafNode, textLeaf } from '../form/made-node.js'
import type { Code, Node } from '../form/node.js'
import type { Library } from '../form/read/library.js'

/** How a filing stands, in the order of its way. */
export const stateCodes: Code[] = [
  { code: 'accepted', zh: '已接收，待发往主管部门' },
  { code: 'submitted', zh: '已申报' },
  { code: 'processing', zh: '办理中' },
  { code: 'approved', zh: '已通过' },
  { code: 'released', zh: '已放行（办结）' },
  { code: 'rejected', zh: '未通过（退单）' },
  { code: 'failed', zh: '未送达（失败）' },
  { code: 'held', zh: '暂缓发送' },
  { code: 'unclear', zh: '待核实' },
]

/** The field that a query has for this column, by its name in queries.yaml. */
export function commonNode(fact: CommonFact, { types }: Library): Node {
  switch (fact) {
    case 'Reference':
      return leafNode(fact, ['企业报文编号', 'Filer’s own reference'], textLeaf(200), {
        eg: 'TEST-20260601-0001',
        min: 0,
      })
    case 'State':
      return leafNode(
        fact,
        ['状态', 'State'],
        { type: 'code', base: 'string', codes: stateCodes },
        { eg: 'approved', min: 0 },
      )
    case 'Operation':
      return leafNode(
        fact,
        ['业务代码', 'Business'],
        { type: 'pattern', base: 'string', pattern: '\\d{1,2}(\\.\\d{1,3}){4}' },
        { eg: '1.1.1.1.1', min: 0 },
      )
    case 'MessageType':
      return leafNode(fact, ['报文类型', 'Kind of message'], textLeaf(60), { eg: 'MT1101', min: 0 })
    case 'SubmittedAt':
      return leafNode(
        fact,
        ['申报时间', 'Submitted at'],
        { type: 'dateTime', base: 'dateTime' },
        { eg: '2026-06-01T09:00:00', min: 0 },
      )
    case 'DecidedAt':
      return leafNode(
        fact,
        ['办结时间', 'Decided at'],
        { type: 'dateTime', base: 'dateTime' },
        { eg: '2026-06-03T15:00:00', min: 0 },
      )
    case 'ReceiptText':
      return leafNode(fact, ['回执内容', 'Receipt text'], textLeaf(2000), { eg: '海关接受申报', min: 0 })
    case 'ReceiptTime':
      return leafNode(
        fact,
        ['回执时间', 'Receipt time'],
        { type: 'dateTime', base: 'dateTime' },
        { eg: '2026-06-03T15:00:00', min: 0 },
      )
    case 'Month':
      return leafNode(
        fact,
        ['月份', 'Month'],
        { type: 'month', base: 'string', pattern: types.month?.pattern ?? '\\d{4}-\\d{2}' },
        { eg: '2026-06', min: 0 },
      )
    default:
      return fact satisfies never
  }
}
