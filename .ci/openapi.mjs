// openapi — lints the description of the HTTP interface by redocly.yaml. It is made of the built hub, without starting
// one; nothing is asked of the network. A warning fails it as an error does.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const folder = mkdtempSync(join(tmpdir(), 'openapi-'))
const file = join(folder, 'openapi.json')
/** @param {string[]} args */
const run = (...args) =>
  spawnSync(process.execPath, args, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
  })

try {
  const made = run(join(root, 'dist/hub/cli/main.js'), 'openapi', '--out', file)
  if (made.status !== 0) fail(`the description cannot be made (built with npm run build?):\n${made.stderr}`)
  const cli = join(root, 'node_modules/@redocly/cli/bin/cli.js')
  const linted = run(cli, 'lint', file, '--config', join(root, 'redocly.yaml'), '--format', 'json')
  const { totals, problems } = readReport(linted)
  for (const { ruleId, message, location } of problems)
    process.stderr.write(`${ruleId}: ${message} at ${location?.[0]?.pointer ?? ''}\n`)
  if (totals.errors + totals.warnings > 0) fail(`OpenAPI: ${totals.errors} errors, ${totals.warnings} warnings`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** The report stands among other lines where the linter has something to say about itself. */
function readReport({ stdout, stderr }) {
  const text = stdout.slice(stdout.indexOf('{'), stdout.lastIndexOf('}') + 1)
  try {
    return JSON.parse(text)
  } catch {
    return fail(`the linter gave no report:\n${stdout}${stderr}`)
  }
}

/** @returns {never} */
function fail(text) {
  rmSync(folder, { recursive: true, force: true })
  process.stderr.write(`${text}\n`)
  process.exit(1)
}
