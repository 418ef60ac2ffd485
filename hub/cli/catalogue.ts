// catalogue — what can be sent: the operations, one operation, and how much of the catalogue works.
import { Option, type Command } from 'commander'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { folders } from '../folders.js'
import { CliError } from './client.js'
import { coverageRows, withCoverage, type Depth } from './coverage-table.js'
import { print, table } from './show.js'

export function addCatalogue(program: Command): void {
  program
    .command('catalogue')
    .argument('[code]', 'an operation, or a prefix such as 10.1')
    .description('operations 业务目录: codes, names, documents; --coverage counts what works')
    .option('-a, --all', 'planned operations too')
    .option('--coverage', 'working and planned per category, system and service')
    .addOption(new Option('--by <level>', 'how deep the coverage goes').choices(['category', 'system', 'service']))
    .addOption(new Option('--readme', 'put the coverage into README.md').hideHelp())
    .option('--json', 'print JSON')
    .action(
      async (
        code: string | undefined,
        {
          all,
          coverage: counts,
          by,
          readme,
          json,
        }: { all?: boolean; coverage?: boolean; by?: Depth; readme?: boolean; json?: boolean },
      ) => {
        const [{ loadRouting }, { coverage }] = await Promise.all([
          import('../../routing/load.js'),
          import('../../routing/coverage.js'),
        ])
        const routing = loadRouting(folders.routing, folders.routingCopy)
        if (counts) {
          const report = coverage(routing)
          if (readme)
            return writeFileSync(
              join(folders.root, 'README.md'),
              withCoverage(readFileSync(join(folders.root, 'README.md'), 'utf8'), report),
            )
          return print(report, json === true, () => table(coverageRows(report, by ?? 'service')))
        }
        const operations = [...routing.operations.values()].filter(
          (o) =>
            (code === undefined || o.code === code || o.code.startsWith(`${code}.`)) &&
            (all || code !== undefined || o.documents.length > 0),
        )
        if (operations.length === 0) throw new CliError(`the catalogue has nothing under ${code ?? 'that'}`)
        print({ operations }, json === true, () =>
          table([
            ['CODE', 'DOCUMENTS', 'AGENCIES', 'NAME'],
            ...operations.map((o) => [
              o.code,
              o.documents.map((d) => d.type).join(' ') || 'planned',
              o.agencies.join(' '),
              `${o.service.title.zh} / ${o.title.zh} ${o.title.en}`,
            ]),
          ]),
        )
      },
    )
}
