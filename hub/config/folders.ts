// folders — where the project's data lies, seen from the built hub (dist/hub) or from its sources (hub).
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { placeInPack } from '../../messages/pack.js'

const here = dirname(fileURLToPath(import.meta.url))
const root = [join(here, '../..'), join(here, '../../..')].find((dir) => existsSync(join(dir, 'package.json')))!

/** Absolute paths, whether the hub runs from `dist` or from its sources. */
export const folders = {
  root,
  routing: join(root, 'routing'),
  /** Made by the build (routing/compile.ts); may be missing. */
  routingCopy: join(root, 'dist/routing.json'),
  rulesCopy: join(root, 'dist/rules.json'),
  /** What `hub doctor` remembers of the packs it has checked. */
  soundPacks: join(root, 'dist/sound-packs.json'),
  /** The packs, one a published family. */
  families: join(root, 'xsd/families'),
  forms: join(root, 'xsd/forms'),
  page: join(root, 'monitoring/page'),
} as const

/** The SFTP mailboxes of all partners, a folder each; it may be a volume that several hubs share. */
export const mailboxesOf = (dataDir: string): string => join(dataDir, 'sftp')

/** Where a sample lies that a document type names `<family>/<name>`. */
export const samplePath = (name: string): string => join(folders.families, placeInPack('samples', name))

/** The data a hub works by: its own, or the copies its settings name. `copy` is what the build keeps of its own. */
export function dataFolders({ routingDir, familiesDir }: { routingDir?: string; familiesDir?: string }): {
  routing: string
  families: string
  copy: string | undefined
} {
  const own = routingDir === undefined && familiesDir === undefined
  return {
    routing: routingDir ?? folders.routing,
    families: familiesDir ?? folders.families,
    copy: own ? folders.routingCopy : undefined,
  }
}
