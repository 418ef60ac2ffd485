// query-form — the two documents of a query: what is asked (head, criteria, page) and what is answered (rows, each with
// its source).
import { resultName, largestPageSize } from '../../messages/queries/shape.js'
import { headOf } from '../form/head.js'
import { groupNode, leafNode, textLeaf } from '../form/made-node.js'
import type { Form, Leaf, Node } from '../form/node.js'
import type { WrittenQuery } from './written.js'

const count = (min: number, max: number): Leaf => ({ type: `integer(${min}..${max})`, base: 'integer', min, max })

/** Which operation is meant, where one query serves several. */
const serviceField = 'Service'

/** What is asked, as a form: the head, `Criteria` with what may be asked, and the page wanted. */
export function queryForm(entry: WrittenQuery, agencies: string[], criteria: Node[]): Form {
  const services = entry.serves.length > 1
  return {
    document: entry.query,
    title: entry.title,
    kind: 'query',
    system: entry.system,
    namespace: `urn:singlewindow:${entry.system}:${entry.query}:1`,
    category: entry.category,
    source: `${entry.title.zh}：查询条件与结果为被查询单证的栏目`,
    marks: 'own',
    agencies,
    identity: [],
    keys: [],
    functions: [{ name: 'query', code: '13' }],
    serves: entry.serves.map((operation) => ({
      operation,
      functions: ['query'],
      when: services ? { [serviceField]: operation } : {},
      eg: {},
    })),
    fields: [
      ...(services
        ? [
            leafNode(
              serviceField,
              ['业务代码', 'Operation that is asked'],
              { type: 'code', base: 'string', codes: entry.serves.map((code) => ({ code, zh: code })) },
              { eg: entry.serves[0]! },
            ),
          ]
        : []),
      ...(criteria.length > 0 ? [groupNode('Criteria', ['查询条件', 'Criteria'], criteria, { min: 0 })] : []),
      groupNode(
        'Page',
        ['分页', 'Page'],
        [
          leafNode('Number', ['页码', 'Number of the page'], count(1, 100_000), { eg: '1' }),
          leafNode('Size', ['每页行数', 'Rows of a page'], count(1, largestPageSize), { eg: '20', min: 0 }),
        ],
        { min: 0 },
      ),
    ],
    notes: [],
    life: [],
  }
}

/** @param columns what a row holds, in order */
export function resultRoot(form: Form, columns: readonly Node[]): Node {
  const name = resultName(form.document)
  return {
    ...groupNode(
      name,
      [`${form.title.zh}结果`, `Result: ${form.title.en}`],
      [
        headOf(name, [{ code: '11', zh: '回执' }], {
          sender: form.agencies[0]?.toUpperCase() ?? 'GACC',
          receiver: 'TESTSENDER01',
        }),
        leafNode('OriginalMessageID', ['原报文编号', 'The question'], textLeaf(60), {
          eg: `${form.document.slice(0, 30)}-20260601-0001`,
        }),
        leafNode('AsOf', ['数据截至', 'As of'], { type: 'dateTime', base: 'dateTime' }, { eg: '2026-06-01T09:00:01' }),
        leafNode('Note', ['说明', 'Note'], textLeaf(500), { eg: '主管部门未在期限内答复，以下为本系统数据', min: 0 }),
        groupNode(
          'Page',
          ['分页', 'Page'],
          [
            leafNode('Number', ['页码', 'Number of the page'], count(1, 100_000), { eg: '1' }),
            leafNode('Size', ['每页行数', 'Rows of a page'], count(1, largestPageSize), { eg: '20' }),
            leafNode(
              'Total',
              ['总行数', 'Rows in all'],
              { type: 'integer(0..)', base: 'integer', min: 0 },
              { eg: '1' },
            ),
            leafNode(
              'More',
              ['还有更多', 'There are more than Total says'],
              {
                type: 'code',
                base: 'string',
                codes: [
                  { code: '0', zh: '否' },
                  { code: '1', zh: '是' },
                ],
              },
              { eg: '0', min: 0 },
            ),
          ],
        ),
        groupNode(
          'Row',
          ['结果行', 'Row'],
          [
            leafNode(
              'Source',
              ['数据来源', 'Who knows it'],
              {
                type: 'code',
                base: 'string',
                codes: [
                  { code: 'agency', zh: '主管部门' },
                  { code: 'hub', zh: '本系统' },
                ],
              },
              { eg: 'agency' },
            ),
            leafNode(
              'AsOf',
              ['数据时间', 'As of'],
              { type: 'dateTime', base: 'dateTime' },
              { eg: '2026-06-01T09:00:01' },
            ),
            leafNode('HubMessage', ['本系统报文号', 'The filing in this hub'], textLeaf(60), {
              eg: 'msg_01TEST',
              min: 0,
            }),
            leafNode(
              'SharedBy',
              ['授权企业', 'The partner that filed it and lets you see it; absent where it is your own'],
              textLeaf(64),
              { eg: 'test-forwarder', min: 0 },
            ),
            leafNode('StateText', ['状态说明', 'What the newest receipt says'], textLeaf(2000), {
              eg: '审核通过',
              min: 0,
            }),
            ...columns,
          ],
          { min: 0, max: Infinity },
        ),
      ],
    ),
    min: 1,
  }
}
