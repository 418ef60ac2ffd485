// built-sources — a test that imports a source gets what the build made of it, where nothing was changed since: Node
// loads that as it is. Else each process has the sources transformed, compiled and run as functions of vitest.
import { existsSync, readdirSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Plugin } from 'vitest/config'

const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
const folders = ['messages', 'xsd', 'routing', 'store', 'queues', 'adapters', 'hub', 'monitoring']

/** All sources or none: of a module that is loaded from both places there would be two. */
export function builtSources(): Plugin[] {
  return builtLast() && process.argv.includes('run') ? [plugin] : []
}

const plugin: Plugin = {
  name: 'built-sources',
  enforce: 'pre',
  resolveId(id, importer) {
    if (importer === undefined || !id.startsWith('.') || !id.endsWith('.js')) return null
    const source = relative(root, resolve(dirname(importer), id))
    const ours = folders.includes(source.split(sep)[0]!) && existsSync(join(root, source.replace(/\.js$/, '.ts')))
    return ours ? { id: join(root, 'dist', source), external: true } : null
  },
}

/** The bundle is the last thing the build writes. */
function builtLast(): boolean {
  const built = statSync(join(root, 'dist/bundle/hub.js'), { throwIfNoEntry: false })?.mtimeMs
  if (built === undefined) return false
  return folders.every((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).every(
      (file) => !file.endsWith('.ts') || statSync(join(root, folder, file)).mtimeMs <= built,
    ),
  )
}
