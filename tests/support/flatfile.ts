// flatfile — the record tables as the tests use them, read once.
import { join } from 'node:path'
import { readFlatTables } from '../../xsd/flat-tables.js'
import type { FlatTables } from '../../messages/flatfile/table.js'
import { root } from './hub.js'

let opened: FlatTables | undefined

export const flatTables = (): FlatTables => (opened ??= readFlatTables(join(root, 'xsd/families/flatfile/tables')))
