// query-form — the two documents of a query: what is asked (head, criteria, page) and what is answered (rows, each with
// its source).
import { resultName, largestPageSize } from '../../messages/queries/shape.js'
import { headOf } from '../form/head.js'
import type { Form, Leaf, Node } from '../form/node.js'
import type { WrittenQuery } from './written.js'

const text = (length: number): Leaf => ({ type: `text(${length})`, base: 'string', minLength: 1, maxLength: length })
const count = (min: number, max: number): Leaf => ({ type: `integer(${min}..${max})`, base: 'integer', min, max })
const leaf = (name: string, zh: string, en: string, of: Leaf, eg: string, min = 1): Node => ({
  name,
  zh,
  en,
  min,
  max: 1,
  leaf: of,
  eg,
})
const group = (name: string, zh: string, en: string, fields: Node[], min = 1, max = 1): Node => ({
  name,
  zh,
  en,
  min,
  max,
  fields,
})

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
            leaf(
              serviceField,
              '业务代码',
              'Operation that is asked',
              { type: 'code', base: 'string', codes: entry.serves.map((code) => ({ code, zh: code })) },
              entry.serves[0]!,
            ),
          ]
        : []),
      ...(criteria.length > 0 ? [group('Criteria', '查询条件', 'Criteria', criteria, 0)] : []),
      group(
        'Page',
        '分页',
        'Page',
        [
          leaf('Number', '页码', 'Number of the page', count(1, 100_000), '1'),
          leaf('Size', '每页行数', 'Rows of a page', count(1, largestPageSize), '20', 0),
        ],
        0,
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
    ...group(name, `${form.title.zh}结果`, `Result: ${form.title.en}`, [
      headOf(name, [{ code: '11', zh: '回执' }], {
        sender: form.agencies[0]?.toUpperCase() ?? 'GACC',
        receiver: 'TESTSENDER01',
      }),
      leaf('OriginalMessageID', '原报文编号', 'The question', text(60), `${form.document.slice(0, 30)}-20260601-0001`),
      leaf('AsOf', '数据截至', 'As of', { type: 'dateTime', base: 'dateTime' }, '2026-06-01T09:00:01'),
      leaf('Note', '说明', 'Note', text(500), '主管部门未在期限内答复，以下为本系统数据', 0),
      group('Page', '分页', 'Page', [
        leaf('Number', '页码', 'Number of the page', count(1, 100_000), '1'),
        leaf('Size', '每页行数', 'Rows of a page', count(1, largestPageSize), '20'),
        leaf('Total', '总行数', 'Rows in all', { type: 'integer(0..)', base: 'integer', min: 0 }, '1'),
        leaf(
          'More',
          '还有更多',
          'There are more than Total says',
          {
            type: 'code',
            base: 'string',
            codes: [
              { code: '0', zh: '否' },
              { code: '1', zh: '是' },
            ],
          },
          '0',
          0,
        ),
      ]),
      group(
        'Row',
        '结果行',
        'Row',
        [
          leaf(
            'Source',
            '数据来源',
            'Who knows it',
            {
              type: 'code',
              base: 'string',
              codes: [
                { code: 'agency', zh: '主管部门' },
                { code: 'hub', zh: '本系统' },
              ],
            },
            'agency',
          ),
          leaf('AsOf', '数据时间', 'As of', { type: 'dateTime', base: 'dateTime' }, '2026-06-01T09:00:01'),
          leaf('HubMessage', '本系统报文号', 'The filing in this hub', text(60), 'msg_01TEST', 0),
          leaf(
            'SharedBy',
            '授权企业',
            'The partner that filed it and lets you see it; absent where it is your own',
            text(64),
            'test-forwarder',
            0,
          ),
          leaf('StateText', '状态说明', 'What the newest receipt says', text(2000), '审核通过', 0),
          ...columns,
        ],
        0,
        Infinity,
      ),
    ]),
    min: 1,
  }
}
