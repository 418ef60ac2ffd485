// print — a form as a table people read: in the terminal, and as a section of a page of docs/forms.
import type { Bilingual } from '../../messages/text.js'
import type { Rule } from '../rules/rule.js'
import { functionNames, formHead } from './head.js'
import { cell, exampleOf, occursOf, typeOf } from './print-cells.js'
import { walk, type Form, type Node } from './node.js'

interface FieldRow {
  path: string
  depth: number
  node: Node
}

/** The fields in their order, groups before what is in them. */
export function rowsOf(form: Form): FieldRow[] {
  return [...walk(form.fields)].map(({ path, node }) => ({ path, depth: path.split('/').length - 1, node }))
}

/** What a broken rule is called, and what it says: each sentence of the form once. */
export function sentencesOf(rules: readonly Rule[]): { id: string; text: Bilingual; warn: boolean }[] {
  const seen = new Map<string, { id: string; text: Bilingual; warn: boolean }>()
  for (const { id, text, level } of rules)
    if (!seen.has(text.zh)) seen.set(text.zh, { id, text, warn: level === 'warn' })
  return [...seen.values()]
}

/** What the page of its category says of one form (Markdown). */
export function sectionOf(form: Form, rules: readonly Rule[]): string[] {
  const serves = form.serves.map(
    ({ operation, functions, when }) =>
      `${operation}（${functions.join('、')}${Object.entries(when)
        .map(([path, value]) => `；${path}=${[value].flat().join(' ')}`)
        .join('')}）`,
  )
  return [
    `## ${form.document}`,
    '',
    `**${form.title.zh}** ${form.title.en}. ${form.kind === 'notice' ? 'From' : 'To'} ${form.agencies.join(', ')}.`,
    '',
    `- 依据 source: ${form.source}${form.marks === '' ? '' : ` [${form.marks}]`}`,
    `- 业务 operations: ${serves.join('，')}`,
    `- namespace: \`${form.namespace}\`; 功能代码 FunctionCode: ${formHead(form)
      .fields!.find((one) => one.name === 'FunctionCode')!
      .leaf!.codes!.map(({ code, zh }) => `${code} ${zh}`)
      .join('，')}`,
    ...(form.identity.length > 0 ? [`- 业务标识 identity: ${form.identity.join(', ')}`] : []),
    ...(form.short
      ? [
          `- 简式 short: ${form.short.functions.map((name) => functionNames[name] ?? name).join('、')} ` +
            `只须填 ${form.short.needs.join(', ')}；◦ 各栏可不填`,
        ]
      : []),
    '',
    '| 字段 field | 中文 | 次数 | 类型 type | 示例 example |',
    '|---|---|---|---|---|',
    ...rowsOf(form).map(
      ({ depth, node }) =>
        `| ${'· '.repeat(depth)}${node.name}${node.own ? ' ✎' : ''} ` +
        `| ${cell(node.zh)}${node.note === undefined ? '' : `<br>${cell(node.note)}`} | ${occursOf(node)} ` +
        `| ${cell(typeOf(node.leaf))} | ${cell(exampleOf(node))} |`,
    ),
    '',
    ...(rules.length + form.notes.length > 0
      ? [
          '规则 rules:',
          '',
          ...sentencesOf(rules).map(
            ({ id, text, warn }) => `- \`${id}\`${warn ? '（提示 warns）' : ''} ${text.zh} ${text.en}`,
          ),
          ...form.notes.map(({ zh, en }) => `- 说明 note: ${zh} ${en}`),
          '',
        ]
      : []),
    ...(form.life.length > 0
      ? [
          '办理过程 life cycle:',
          '',
          '| 状态 state | 中文 | status | 带回 brings |',
          '|---|---|---|---|',
          ...form.life.map(
            ({ code, zh, status, brings }) =>
              `| ${code} | ${cell(zh)} | ${status} | ${brings.map((one) => `${one.zh} \`${one.name}\``).join('，')} |`,
          ),
          '',
        ]
      : []),
  ]
}
