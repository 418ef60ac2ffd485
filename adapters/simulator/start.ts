// start — the simulator as a child process of a hub (or a test), gone when the hub is gone, however it went.
import { spawn } from 'node:child_process'
import { closeSync, existsSync, openSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** How a simulator is started. */
export interface SimulatorParts {
  /** Where receipts are posted; `{agency}` is replaced by the agency's code. Absent: `answerTo` says it later. */
  callback?: string
  /** The bearer token it shows the hub. */
  token: string
  /** What it has taken and still owes survives a restart in here. Absent: in memory only. */
  journal?: string
  /** The packs: family.yaml and answers.yaml of each. */
  families: string
  /** Default: a free one, on 127.0.0.1. */
  port?: number
  host?: string
  idempotent?: boolean
  /** Its log is added to this file. Absent: dropped. */
  logFile?: string
  /**
   * It posts its receipts also where the certificate cannot be checked. For a hub that starts it at its own machine.
   */
  anyCertificate?: boolean
}

/** A simulator that runs. */
export interface Simulator {
  url: string
  pid: number
  /** Resolves when it has ended, for whatever reason. */
  ended: Promise<void>
  /** Resolves once it has read what it answers, or cannot. What is wrong then, in a sentence. */
  answers: Promise<string | undefined>
  /** Resolves, with how, when it ends before it was stopped. */
  lost: Promise<string>
  /** Where receipts are posted, for one that was started without: what is owed waits until then. */
  answerTo(callback: string): void
  stop(signal?: NodeJS.Signals): Promise<void>
}

/**
 * Where programs and certificates are, and what language the machine speaks; nothing that was given to the hub alone.
 */
const shared = [
  'PATH',
  'HOME',
  'TMPDIR',
  'TEMP',
  'TMP',
  'LANG',
  'LC_ALL',
  'TZ',
  'SystemRoot',
  'SSL_CERT_FILE',
  'NODE_EXTRA_CA_CERTS',
]

const withoutSecrets = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(shared.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])))

/** Beside this file once built; the sources of a test run it from dist. */
function program(): string {
  const here = fileURLToPath(new URL('./main.js', import.meta.url))
  return existsSync(here) ? here : fileURLToPath(new URL('../../dist/bundle/simulator.js', import.meta.url))
}

/** Resolves once it listens. @throws Error with what it said, when it ends before. */
export async function startSimulator(parts: SimulatorParts): Promise<Simulator> {
  const { callback, token, journal, families, port = 0, host = '127.0.0.1', idempotent = false, logFile } = parts
  const { anyCertificate = false } = parts
  const args = [
    '--port',
    String(port),
    '--host',
    host,
    '--callback',
    callback ?? '-',
    '--families',
    families,
    '--die-with-parent',
  ]
  if (journal !== undefined) args.push('--journal', journal)
  if (idempotent) args.push('--idempotent')
  const log = logFile === undefined ? undefined : openSync(logFile, 'a', 0o600)
  // In a group of its own: Ctrl-C reaches the hub, which drains first and then lets this go.
  const child = spawn(process.execPath, [program(), ...args], {
    detached: true,
    stdio: ['pipe', 'pipe', log ?? 'pipe'],
    env: {
      ...withoutSecrets(process.env),
      SIMULATOR_CALLBACK_TOKEN: token,
      ...(anyCertificate ? { NODE_TLS_REJECT_UNAUTHORIZED: '0', NODE_NO_WARNINGS: '1' } : {}),
    },
  })
  if (log !== undefined) closeSync(log)
  let said = ''
  child.stderr?.on('data', (chunk) => (said = (said + String(chunk)).slice(-2000)))
  child.stdin!.on('error', () => {})
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()).once('error', () => resolve()))

  let stopped = false
  const how = () => `the simulator ended with ${child.exitCode ?? child.signalCode}`
  const lost = new Promise<string>((resolve) => void ended.then(() => !stopped && resolve(how())))
  const lines = createInterface({ input: child.stdout! })
  const answers = new Promise<string | undefined>((resolve) => {
    lines.on('line', (line) => {
      if (!line.startsWith('{"answers"')) return
      const { faults } = JSON.parse(line) as { faults?: string }
      resolve(faults === undefined ? undefined : `the simulator answers as the last build did: ${faults}`)
    })
    void ended.then(() => resolve(how()))
  })
  const url = await new Promise<string>((resolve, reject) => {
    child.once('error', reject)
    void ended.then(() => reject(new Error(`${how()}: ${said}`)))
    lines.on('line', (line) => {
      if (line.startsWith('{"ready"')) resolve((JSON.parse(line) as { url: string }).url)
    })
  })
  return {
    url,
    pid: child.pid!,
    ended,
    answers,
    lost,
    answerTo: (to) => void child.stdin!.write(`${to}\n`),
    async stop(signal = 'SIGTERM') {
      stopped = true
      if (child.exitCode === null && child.signalCode === null) child.kill(signal)
      await ended
    },
  }
}
