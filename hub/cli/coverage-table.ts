// coverage-table — how much of the catalogue works, as rows for a terminal or as the table of the README.
import type { Coverage, CoveragePart } from '../../routing/coverage.js'

/** How far down the table goes. */
export type Depth = 'category' | 'system' | 'service'

/** What is counted in all, the smallest first. */
const levels = [
  ['operations', 'operations'],
  ['functions', 'functions, whole'],
  ['services', 'services, whole'],
  ['systems', 'systems, whole'],
  ['categories', 'categories, whole'],
] as const

/** One row a category, its systems and their services below it, down to `depth`; the totals last. */
export function coverageRows({ total, categories }: Coverage, depth: Depth): string[][] {
  const row = (part: CoveragePart, indent: string) => [
    part.code,
    `${indent}${part.title.zh} ${part.title.en}`,
    String(part.operations.working),
    String(part.operations.planned),
  ]
  return [
    ['', 'CATEGORY / SYSTEM / SERVICE', 'WORKING', 'PLANNED'],
    ...categories.flatMap((category) => [
      row(category, ''),
      ...(depth === 'category'
        ? []
        : category.systems.flatMap((system) => [
            row(system, '  '),
            ...(depth === 'system' ? [] : system.services.map((service) => row(service, '    '))),
          ])),
    ]),
    ...levels.map(([name, label]) => ['', label, String(total[name].working), String(total[name].planned)]),
  ]
}

/** The README's table. `npm run coverage` puts it there, and a test holds it there. */
function coverageMarkdown({ total, categories }: Coverage): string {
  const cell = ({ working, planned }: { working: number; planned: number }) => `${working} | ${planned}`
  return [
    '| | category 类别 | working | planned |',
    '|---|---|---|---|',
    ...categories.map((c) => `| ${c.code} | ${c.title.zh} ${c.title.en} | ${cell(c.operations)} |`),
    ...levels.map(([name, label]) => `| | ${name === 'operations' ? `**${label}**` : label} | ${cell(total[name])} |`),
  ].join('\n')
}

const begin = '<!-- coverage: hub catalogue --coverage --readme -->'
const end = '<!-- /coverage -->'

/** The text with its coverage table made anew. @throws Error when it has no place for one */
export function withCoverage(text: string, coverage: Coverage): string {
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`no ${begin} … ${end} in it`)
  return `${text.slice(0, from + begin.length)}\n${coverageMarkdown(coverage)}\n${text.slice(to)}`
}
