// print-settings — `npm run docs`: puts the tables of docs/configuration.md right.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { folders } from './folders.js'
import { printSettings } from './settings-page.js'

const file = join(folders.root, 'docs/configuration.md')
writeFileSync(file, printSettings(readFileSync(file, 'utf8')))
process.stdout.write('docs/configuration.md\n')
