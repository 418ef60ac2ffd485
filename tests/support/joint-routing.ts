// joint-routing — the hub's own routing data, with one operation owed to the three authorities that look after means of
// transport (MT1101-9.xml of the manifest pack is one of it).
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from './hub.js'

/**
 * Fills a folder with it, for the setting `routingDir`.
 * @param of the folder of the build that is to read it: each reads its own
 */
export async function jointRouting(dir: string, of = root): Promise<string> {
  await cp(join(of, 'routing'), dir, { recursive: true, filter: (file) => !file.endsWith('.ts') })
  const file = join(dir, 'catalogue/02-manifest.yaml')
  const text = await readFile(file, 'utf8')
  const joint = text
    .replace(/(code: 2\.1\.1\.1\.1\n(?:.*\n){1,3}?\s+agencies: )\[gacc\]/, '$1[mps, mot, gacc]')
    .replace(/(code: 2\.1\.1\.1\.1,.*agencies: )\[gacc\]/, '$1[mps, mot, gacc]')
  if (joint === text) throw new Error('operation 2.1.1.1.1 is not where it was')
  await writeFile(file, joint)
  return dir
}
