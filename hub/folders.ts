// folders — where the project's data lies, seen from the built hub (dist/hub) or from its sources (hub).
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const root = [join(here, '..'), join(here, '../..')].find((dir) => existsSync(join(dir, 'package.json')))!

export const folders = {
  root,
  routing: join(root, 'routing'),
  /** Made by the build (routing/compile.ts); may be missing. */
  routingCopy: join(root, 'dist/routing.json'),
  rulesCopy: join(root, 'dist/rules.json'),
  documents: join(root, 'routing/documents'),
  schemas: join(root, 'xsd/schemas'),
  rules: join(root, 'xsd/rules'),
  forms: join(root, 'xsd/forms'),
  samples: join(root, 'xsd/samples'),
  page: join(root, 'monitoring/page'),
  answers: join(root, 'adapters/simulator/answers'),
} as const
