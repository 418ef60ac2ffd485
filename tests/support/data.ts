// data — the project's own routing and rules, from the copy the build keeps: a test need not parse a hundred files to
// look at one of them.
import { join } from 'node:path'
import { loadRouting } from '../../routing/load.js'
import { createYamlFiles } from '../../routing/yaml-files.js'
import { formIndex } from '../../xsd/form-store/store.js'
import { loadRules } from '../../xsd/rules/load.js'
import { root } from './hub.js'

export const routing = loadRouting(
  { routing: join(root, 'routing'), families: join(root, 'xsd/families') },
  join(root, 'dist/routing.json'),
  formIndex(),
)
/** Those that are published; forms, queries and prints have tests of their own. */
export const documents = routing.documents.filter(({ family }) => !/^(forms|queries|prints)-/.test(family))
export const { mappings } = routing
export const rules = loadRules(join(root, 'xsd/families'), documents, {
  read: createYamlFiles(join(root, 'dist/rules.json')).readAs,
})
