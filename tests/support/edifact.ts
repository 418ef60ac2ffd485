// edifact — the directories as the tests use them: the committed tables, read once.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  openDirectories,
  type Directories,
  type DirectoryTables,
} from '../../messages/edifact/directory/directories.js'
import { type CodeTables } from '../../messages/edifact/directory/codes.js'
import { root } from './hub.js'

let opened: Directories | undefined

export function directories(): Directories {
  const table = (name: string): unknown =>
    JSON.parse(readFileSync(join(root, 'messages/edifact/directory/tables', name), 'utf8'))
  return (opened ??= openDirectories(table('directories.json') as DirectoryTables, table('codes.json') as CodeTables))
}
