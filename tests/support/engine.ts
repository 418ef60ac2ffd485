// engine — the check as a checking thread does it, in this process: files that share a process compile each schema
// once. That the threads do the same, parts/engine.test.ts says.
import { join } from 'node:path'
import { createEngine } from '../../xsd/engine.js'
import { readSchemaFiles } from '../../xsd/schema-files.js'
import { documents, mappings, rules } from './data.js'
import { root } from './hub.js'

export const schemas = readSchemaFiles(join(root, 'xsd/families'))

export const engine = createEngine({ documents, mappings, rules, schemas, faultLimit: 100 })
