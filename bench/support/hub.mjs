// hub — the built hub for a measurement: its own folder, free ports, quiet log, gone afterwards.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** With `BENCH_PROFILE=<folder>` each thread of the hub leaves a V8 profile there when it ends. */
const profiled = process.env.BENCH_PROFILE ? ['--cpu-prof', `--cpu-prof-dir=${process.env.BENCH_PROFILE}`] : []

/** The command line. */
export const cli = fileURLToPath(new URL('../../dist/hub/cli/main.js', import.meta.url))

/**
 * @param {Record<string, string>} [env]
 * @param {(dataDir: string) => Promise<void>} [prepare] fills the hub's folder before it starts
 * @param {string} [kept] a folder of its own that stays
 */
export async function startHub(env = {}, prepare = async () => {}, kept) {
  const dataDir = kept ?? mkdtempSync(join(tmpdir(), 'bench-hub-'))
  await prepare(dataDir)
  const begun = performance.now()
  const child = spawn(
    process.execPath,
    [...profiled, cli, 'start', '--demo', '--json', '--data', dataDir, '--http-port', '0', '--sftp-port', '0'],
    {
      env: { ...process.env, HUB_LOG_LEVEL: 'warn', HUB_RATE_PER_SECOND: '1000000', ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const ready = await readyLine(child)
  const startMs = performance.now() - begun
  const settings = Object.fromEntries(
    readFileSync(join(dataDir, 'demo.env'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => /^(?:export )?(\w+)='(.*)'$/.exec(line).slice(1, 3)),
  )
  return {
    url: ready.httpUrl,
    pid: child.pid,
    startMs,
    key: settings.HUB_KEY,
    opsKey: settings.HUB_OPS_KEY,
    sftp: {
      port: Number(settings.HUB_SFTP_PORT),
      user: settings.HUB_SFTP_USER ?? 'demo',
      keyFile: settings.HUB_SFTP_KEYFILE,
    },
    headers: { authorization: `Bearer ${settings.HUB_KEY}`, 'content-type': 'application/xml' },
    async stop() {
      const gone = new Promise((resolve) => child.once('close', resolve))
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), 10_000)
      await gone
      clearTimeout(timer)
      if (!kept) rmSync(dataDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
    },
  }
}

/** The line of JSON a process prints when it is ready. */
export function readyLine(child) {
  return new Promise((resolve, reject) => {
    let seen = ''
    child.stdout.on('data', (chunk) => {
      seen += chunk
      const line = seen.split('\n').find((l) => l.startsWith('{') && l.endsWith('}'))
      if (line) resolve(JSON.parse(line))
    })
    child.once('close', (code) => reject(new Error(`ended with ${code}: ${seen}`)))
  })
}
