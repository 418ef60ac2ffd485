// The bill of materials: every package that the hub ships with, as CycloneDX in dist/sbom.cdx.json, and a table of
// their licences. From the lock file, so that it needs no network and says what `npm ci` installs. Fails on a licence
// that is not in the list below.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
/** Licences that ask for no more than to be named. */
const allowed = [
  'MIT',
  'ISC',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'BlueOak-1.0.0',
  'Unlicense',
  'OFL-1.1',
  'CC0-1.0',
  'WTFPL',
  'Python-2.0',
]

/** Packages that name their licence in an old form (`licenses`), or in a file only: MIT, each. */
const named = { ssh2: 'MIT', 'cpu-features': 'MIT', buildcheck: 'MIT', 'png-js': 'MIT' }

// With `--omit dev` npm leaves out packages that ship and that a development package asks for too: here the lock file
// says which ship.
const args = ['sbom', '--package-lock-only', '--sbom-format', 'cyclonedx']
const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
const ships = new Set(
  Object.entries(packages)
    .filter(([path, { dev }]) => path !== '' && !dev)
    .map(([path, { version }]) => `${path.replace(/^.*node_modules\//, '')}@${version}`),
)
const bill = JSON.parse(execFileSync('npm', args, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 }))
bill.components = bill.components.filter(({ name, version }) => ships.has(`${name}@${version}`))
const refs = new Set([bill.metadata.component['bom-ref'], ...bill.components.map((one) => one['bom-ref'])])
bill.dependencies = bill.dependencies
  .filter(({ ref }) => refs.has(ref))
  .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter((one) => refs.has(one)) }))
for (const component of bill.components)
  if (!component.licenses?.length && named[component.name])
    component.licenses = [{ license: { id: named[component.name] } }]
mkdirSync(join(root, 'dist'), { recursive: true })
writeFileSync(join(root, 'dist/sbom.cdx.json'), `${JSON.stringify(bill, null, 2)}\n`)

/** Of `(MIT OR WTFPL)` one is enough. */
const fits = (licence) =>
  licence
    .replace(/[()]/g, '')
    .split(' OR ')
    .some((one) => allowed.includes(one.trim()))
const byLicence = new Map()
for (const { name, version, licenses = [] } of bill.components) {
  const licence =
    licenses.map(({ license, expression }) => expression ?? license.id ?? license.name).join(' AND ') || 'none named'
  byLicence.set(licence, [...(byLicence.get(licence) ?? []), `${name}@${version}`])
}
let wrong = 0
for (const [licence, packages] of [...byLicence].sort(([, a], [, b]) => b.length - a.length)) {
  const fine = fits(licence)
  if (!fine) wrong += packages.length
  console.log(
    `${fine ? ' ' : '✗'} ${licence.padEnd(40)} ${String(packages.length).padStart(4)}` +
      `${fine ? '' : `  ${packages.join(' ')}`}`,
  )
}
console.log('dist/sbom.cdx.json')
if (wrong > 0) process.exitCode = 1
