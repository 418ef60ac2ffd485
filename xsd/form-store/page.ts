// page — a page of docs/forms: the forms and the queries of one category.
import type { Bilingual } from '../../messages/text.js'
import type { Form } from '../form/node.js'
import { sectionOf } from '../form/print.js'
import { querySection, type PrintedQuery } from '../queries/print-query.js'
import type { Rule } from '../rules/rule.js'

/** The page of a category: the forms with their fields, rules and life cycles, then its queries. */
export function pageOf(
  category: string,
  title: Bilingual,
  all: readonly { form: Form; rules: Rule[]; query?: PrintedQuery['query'] }[],
): string {
  const forms = all.filter(({ query }) => !query)
  const queries = all.flatMap(({ form, query }) => (query ? [{ form, query }] : []))
  const name = (form: Form) =>
    `- [${form.title.zh}](#${form.document.toLowerCase()}) \`${form.document}\` ${form.title.en}`
  return [
    `# ${title.zh} ${title.en}`,
    '',
    `The forms and queries of category ${Number(category.slice(0, 2))}. Printed by \`hub form print\` from ` +
      `\`xsd/forms/${category}\`; never edited. [Forms](../forms.md) says how they are read.`,
    `✎ marks what is our own choice, and no published name or rule of the ` +
      `authority${forms.some(({ form }) => form.short) ? '; ◦ what a short message (简式) may leave out' : ''}.`,
    '',
    ...[...forms, ...queries].map(({ form }) => name(form)),
    '',
    ...forms.flatMap(({ form, rules }) => sectionOf(form, rules)),
    ...(queries.length > 0 ? ['[Queries](../queries.md) says how they are asked and who answers.', ''] : []),
    ...queries.flatMap(querySection),
  ].join('\n')
}
