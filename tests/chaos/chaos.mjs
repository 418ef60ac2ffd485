// chaos — `npm run chaos -- --seed N --minutes M --faults a,b --on sqlite,postgres --rate N`: builds what is not built,
// then runs tests/slow/chaos.test.ts with these settings, and ends everything with it.
import { spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const root = join(fileURLToPath(import.meta.url), '../../..')
const text = { type: 'string' }
const { values } = parseArgs({
  options: {
    seed: text,
    minutes: text,
    faults: text,
    on: text,
    rate: text,
    evidence: text,
    help: { type: 'boolean', short: 'h' },
  },
})

if (values.help) {
  process.stdout.write(`npm run chaos -- [options]
  --seed N        the same faults in the same order, as long as the machine keeps pace
                  (default: a new one, printed; with CI set, 1)
  --minutes M     how long faults go on, both installations together (default 10)
  --faults a,b    only these, by name; a name that is none lists all (default: all)
  --on a,b        sqlite (one hub), postgres (three hubs) (default: both)
  --rate N        messages a second (default 15)
  --evidence DIR  where a violated promise leaves logs, journal and history (default: the system's temporary folder)
`)
  process.exit(0)
}
for (const name of ['minutes', 'rate', 'seed'])
  if (values[name] !== undefined && !(Number(values[name]) >= 0)) {
    process.stderr.write(`--${name} ${values[name]}: a number is needed\n`)
    process.exit(2)
  }

const prepared = spawnSync(process.execPath, [join(root, 'setup.mjs'), 'prepare'], { cwd: root, stdio: 'inherit' })
if (prepared.status !== 0) process.exit(prepared.status ?? 1)

const { seed, minutes, faults, on, rate, evidence } = values
const settings = {
  CHAOS_SEED: seed,
  CHAOS_MINUTES: minutes ?? process.env.CHAOS_MINUTES ?? '10',
  CHAOS_FAULTS: faults,
  CHAOS_ON: on,
  CHAOS_RATE: rate,
  CHAOS_EVIDENCE: evidence,
}
const child = spawn(
  process.execPath,
  [
    join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--config',
    'vitest.slow.config.ts',
    // A run that failed is looked at, not hidden by another.
    '--retry=0',
    'tests/slow/chaos.test.ts',
  ],
  {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) },
  },
)
// Ctrl-C reaches everybody; who stands still or began elsewhere is ended by the test's own process.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
child.on('close', (code) => process.exit(code ?? 1))
