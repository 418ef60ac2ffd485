// build — which build of the hub this is: the version of package.json, and what it was built from, as the build wrote
// it down (setup.mjs). Two hubs of one version and of different commits look different, side by side during an upgrade.
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { folders } from './folders.js'

/** As package.json says it: of the interface, `0.1.0`. */
export const { version: packageVersion } = JSON.parse(readFileSync(join(folders.root, 'package.json'), 'utf8')) as {
  version: string
}

/**
 * The commit the build was made of, with `.changed` where files differed from it; of a tree without git the hash of
 * what was built. `development`: something was compiled since, as by `npm run dev`.
 */
export const buildId: string = readBuildId(join(folders.root, 'dist'))

/** What people are shown as the version of a hub: `0.1.0+3f2a9c1b7d04`. */
export const buildVersion = `${packageVersion}+${buildId}`

/** @param dist the folder the build writes to. Of one without the build's note: `unknown` */
export function readBuildId(dist: string): string {
  const modifiedAt = (file: string) => statSync(join(dist, file), { throwIfNoEntry: false })?.mtimeMs ?? 0
  // As hub/cli/main.ts chooses what it runs.
  if (modifiedAt('bundle/hub.js') < modifiedAt('.tsbuildinfo')) return 'development'
  try {
    const { build } = JSON.parse(readFileSync(join(dist, 'build.json'), 'utf8')) as { build: string }
    return build
  } catch {
    return 'unknown'
  }
}
