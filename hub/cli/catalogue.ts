// catalogue — what can be sent: the operations, one operation, and how much of the catalogue works.
import { Option, type Command } from 'commander'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { folders } from '../config/folders.js'
import { CliError } from './client.js'
import { coverageRows, withCoverage, type Depth } from './coverage-table.js'
import { print, table } from './show.js'
import { jsonOption } from './options.js'

export function addCatalogue(program: Command): void {
  program
    .command('catalogue')
    .argument(
      '[code or name]',
      'an operation or a prefix such as 10.1; or a name, or part of one: 出口许可证, export licence',
    )
    .description('the operations 业务目录: codes, names, documents; --coverage counts those that work')
    .option('-a, --all', 'also planned operations')
    .option('--coverage', 'working and planned per category, system and service')
    .addOption(new Option('--by <level>', 'how deep the coverage goes').choices(['category', 'system', 'service']))
    .addOption(new Option('--readme', 'put the coverage into README.md').hideHelp())
    .option(...jsonOption)
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
        const [{ loadRouting }, { coverage }, { searchCatalogue }, { formIndex }] = await Promise.all([
          import('../../routing/load.js'),
          import('../../routing/coverage.js'),
          import('../../routing/search-catalogue.js'),
          import('../../xsd/form-store/store.js'),
        ])
        const routing = loadRouting(folders, folders.routingCopy, formIndex())
        if (counts) {
          const report = coverage(routing)
          if (readme)
            return writeFileSync(
              join(folders.root, 'README.md'),
              withCoverage(readFileSync(join(folders.root, 'README.md'), 'utf8'), report),
            )
          return print(report, json === true, () => table(coverageRows(report, by ?? 'service')))
        }
        const byName = code !== undefined && !/^\d+(\.\d+)*$/.test(code)
        const operations = byName
          ? searchCatalogue(routing.operations.values(), code)
          : [...routing.operations.values()].filter(
              (o) =>
                (code === undefined || o.code === code || o.code.startsWith(`${code}.`)) &&
                (all || code !== undefined || o.documents.length > 0),
            )
        if (operations.length === 0)
          throw new CliError(
            byName
              ? `no operation has a name like ${code}; try fewer words 没有名称相近的业务`
              : `the catalogue has nothing under ${code ?? 'that'}; \`hub catalogue --all\` lists everything`,
          )
        print({ operations }, json === true, () =>
          table([
            ['CODE', 'STATUS', 'DOCUMENTS', 'AGENCIES', 'NAME'],
            ...operations.map((o) => [
              o.code,
              o.documents.length > 0 ? 'working' : 'planned',
              [...new Set(o.documents.map((d) => d.type))].join(' '),
              o.agencies.join(' '),
              `${o.service.title.zh} / ${o.title.zh} ${o.title.en}`,
            ]),
          ]),
        )
      },
    )
}
