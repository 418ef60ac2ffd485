// print-query — a query as people read it: what may be asked, and what a row of the answer holds. A section of its
// category's page.
import type { Form, Node } from '../form/node.js'
import type { Column, Criterion, QueryShape } from '../../messages/queries/shape.js'
import { cell, exampleOf, occursOf, typeOf } from '../form/print-cells.js'

/** A query with all that its section shows. */
export interface PrintedQuery {
  form: Form
  query: { shape: QueryShape; columns: Node[] }
}

/** The section as lines of Markdown. */
export function querySection({ form, query: { shape, columns } }: PrintedQuery): string[] {
  const criteria = form.fields.find(({ name }) => name === 'Criteria')?.fields ?? []
  const of = shape.reference ? 'Of what the authority itself publishes' : `Of ${shape.of.join(', ')}`
  return [
    `## ${form.document}`,
    '',
    `**${shape.title.zh}** ${shape.title.en}. ${of}${onlyOf(shape)}.`,
    '',
    `- 业务 operations: ${shape.operations.join('，')}`,
    `- namespace: \`${shape.namespace}\`; 结果 result: \`${shape.query}Result\``,
    ...(shape.statistics ? [`- 统计 grouped by: ${shape.statistics.groupBy.join(', ')}`] : []),
    '',
    ...(criteria.length > 0
      ? [
          '| 查询条件 criterion | 中文 | 地址参数 parameter | 类型 type | 示例 example |',
          '|---|---|---|---|---|',
          ...shape.criteria.map((one, i) => criterionRow(one, criteria[i]!)),
          '',
        ]
      : []),
    '| 结果栏目 column | 中文 | 次数 | 类型 type | 由谁提供 known by |',
    '|---|---|---|---|---|',
    ...shape.columns.map((one, i) => columnRow(one, columns[i]!, shape)),
    '',
  ]
}

const criterionRow = ({ parameters }: Criterion, node: Node) =>
  `| ${node.name} | ${cell(node.zh)} | ${parameters.map((one) => `\`${one}\``).join(' ')} ` +
  `| ${cell(typeOf(node.leaf))} | ${cell(exampleOf(node))} |`

const columnRow = (column: Column, node: Node, shape: QueryShape) =>
  `| ${node.name} | ${cell(node.zh)} | ${occursOf(node)} | ${cell(typeOf(node.leaf))} | ${knownBy(column, shape)} |`

/** The hub answers from what was filed through it and from the receipts. */
function knownBy({ name, common, paths }: Column, { statistics, reference }: QueryShape): string {
  const measure = statistics?.measures.find((one) => one.name === name)
  const hub =
    !reference &&
    (common !== undefined || paths !== undefined || measure?.count !== undefined || measure?.sum !== undefined)
  return hub ? 'agency, hub' : 'agency'
}

const onlyOf = ({ only }: QueryShape) =>
  Object.entries(only)
    .map(([path, wanted]) => {
      const not = typeof wanted === 'object' && 'not' in wanted
      return ` with ${path} ${not ? 'not ' : ''}${[not ? wanted.not : wanted].flat().join(' or ')}`
    })
    .join('')
