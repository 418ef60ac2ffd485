// openapi — prints the description of the HTTP interface, without a hub: for generators of clients, and for those who
// compare two versions.
import { writeFile } from 'node:fs/promises'
import type { Command } from 'commander'

export function addOpenApi(program: Command, version: string): void {
  program
    .command('openapi')
    .description('print the OpenAPI file of the HTTP interface 接口描述; a running hub gives it at /openapi.json')
    .option('-o, --out <file>', 'write it to this file')
    .action(async ({ out }: { out?: string }) => {
      const [{ describeInterface }, { readData }, { loadConfig }] = await Promise.all([
        import('../doors/describe.js'),
        import('../boot/data.js'),
        import('../config/load-config.js'),
      ])
      const { routing, queries } = readData(loadConfig({}))
      const text = `${JSON.stringify(await describeInterface({ routing, queries, version }), null, 2)}\n`
      await (out === undefined ? process.stdout.write(text) : writeFile(out, text))
    })
}
