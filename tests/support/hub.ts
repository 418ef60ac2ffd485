// hub — the built hub as a process of its own, with everything it needs, in a private folder and on free ports.
import { placeInPack } from '../../messages/pack.js'
import { open, readFile, writeFile } from 'node:fs/promises'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { stringify } from 'yaml'
import type { Receipt } from '../../messages/receipt.js'
import { ledgerOf } from './postgres.js'
import { command } from './commands.js'
import { begin, ended, firstLine, run, type Finished } from './process.js'
import { refereeAlways, refereedFetch } from './refereed.js'
import { tempDir } from './temp.js'
import { until } from './until.js'

export const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
export const cli = join(root, 'dist/hub/cli/main.js')
/** `dec/DecMessage.xml`; `dec/` is the folder of all samples of a family. */
export const samplePath = (file: string) => join(root, 'xsd/families', placeInPack('samples', file))
export const sample = (file: string) => readFileSync(samplePath(file))

export interface Answered {
  status: number
  headers: Headers
  receipts: Receipt[]
  /** The parsed body, whatever it is. */
  body: Record<string, unknown>
}

export interface RunningHub {
  dataDir: string
  env: Record<string, string>
  pid: number
  url: string
  /** Every answer is held against the hub's OpenAPI description. */
  refereed: boolean
  /** POST /v1/messages as the demo partner, or with another key. */
  send(
    bytes: Buffer | string,
    options?: { type?: string; headers?: Record<string, string>; key?: string; path?: string },
  ): Promise<Answered>
  get(path: string, options?: { key?: string; accept?: string }): Promise<Response>
  /** GET as JSON. */
  read<T = Record<string, unknown>>(path: string, options?: { key?: string }): Promise<T>
  ops<T = Record<string, unknown>>(path: string, body?: unknown): Promise<T>
  /** Waits until the message has a receipt that fits, and gives all it has. */
  receiptsOf(messageId: string, fits: (receipts: Receipt[]) => boolean, ms?: number): Promise<Receipt[]>
  state(messageId: string): Promise<string>
  /** Runs `hub …`: where it only calls the hub, in a thread that all commands of this process share. */
  cli(...args: string[]): Promise<Finished>
  sftp(batch: string, options?: { keyFile?: string; user?: string }): Promise<Finished>
  simulator<T = Record<string, unknown>>(method: string, path: string, body?: unknown): Promise<T>
  /** Every log line so far, parsed. */
  log(): Promise<Record<string, unknown>[]>
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

export interface HubOptions {
  dataDir?: string
  /** Written to <data>/hub.yaml. */
  config?: object
  env?: Record<string, string>
  demo?: boolean
  /** Default: a free one. */
  httpPort?: number
  /** Default: a free one. */
  sftpPort?: number
  /** For Node itself, before the program. */
  nodeArgs?: string[]
  /** The command line of another build. */
  program?: string
  /** Every answer is held against the hub's OpenAPI description. */
  refereed?: boolean
}

/** Starts a hub with simulator and demo partner. It is stopped, and its folder removed, when the test is over. */
export async function startHub(options: HubOptions = {}): Promise<RunningHub> {
  const hub = await launchHub({ ...options, dataDir: options.dataDir ?? (await tempDir('hub')) })
  onTestFinished(async () => void (await hub.stop('SIGKILL')))
  return hub
}

/** The same, to be stopped by the caller. */
export async function launchHub({
  dataDir: dir,
  config,
  env = {},
  demo = true,
  httpPort = 0,
  sftpPort = 0,
  nodeArgs = [],
  program = cli,
  refereed = refereeAlways,
}: HubOptions & { dataDir: string }): Promise<RunningHub> {
  if (config) await writeFile(join(dir, 'hub.yaml'), stringify(config))
  const child = begin(
    process.execPath,
    [
      ...nodeArgs,
      program,
      'start',
      '--json',
      '--data',
      dir,
      '--http-port',
      String(httpPort),
      '--sftp-port',
      String(sftpPort),
      ...(demo ? ['--demo'] : []),
    ],
    {
      env: {
        ...cleanEnv(),
        HUB_LOG_LEVEL: 'debug',
        HUB_LOG_FILE: join(dir, 'hub.log'),
        HUB_SWEEP_SECONDS: '1',
        ...(await ledgerOf(dir)),
        ...env,
      },
    },
  )
  const cliEnv = await ledgerOf(dir)
  let closed = false
  const stop = async (signal: NodeJS.Signals = 'SIGTERM') => {
    if (!closed) child.kill(signal)
    closed = true
    return ended(child)
  }
  const ready = await firstLine(child, (line) =>
    line.startsWith('{"ready"') ? (JSON.parse(line) as { httpUrl: string }) : undefined,
  )
  return hubAt({
    dataDir: dir,
    url: ready.httpUrl,
    pid: child.pid!,
    env: { HUB_OPS_KEY: env.HUB_OPS_KEY ?? '', ...(await readEnv(join(dir, 'demo.env'), demo)) },
    stop,
    refereed,
    cliEnv,
  })
}

/** What such a command holds of files, locks and all, is let go by the end of its process. */
const opensLedger = new Set(['restore', 'ledger', 'backup', 'audit', 'doctor', 'keys', 'receipt-keys', 'verify'])

/**
 * A hub that runs, as one of its partners reaches it: `env` has the keys and addresses, as demo.env does.
 * @param cliEnv what commands find in their environment beside HUB_DATA
 */
export function hubAt({
  dataDir,
  url,
  pid,
  env,
  cliEnv = {},
  stop,
  refereed = refereeAlways,
}: Pick<RunningHub, 'dataDir' | 'url' | 'pid' | 'env' | 'stop'> & {
  refereed?: boolean
  cliEnv?: NodeJS.ProcessEnv
}): RunningHub {
  const auth = (key?: string) => ({ authorization: `Bearer ${key ?? env.HUB_KEY ?? ''}` })

  const ask = (path: string, init: RequestInit) => (refereed ? refereedFetch(url, path, init) : fetch(url + path, init))

  const hub: RunningHub = {
    dataDir,
    env,
    pid,
    url,
    refereed,
    async send(bytes, { type = 'application/xml', headers = {}, key, path = '/v1/messages' } = {}) {
      const response = await ask(path, {
        method: 'POST',
        body: typeof bytes === 'string' ? bytes : new Uint8Array(bytes),
        headers: { 'content-type': type, ...auth(key), ...headers },
      })
      const text = await response.text()
      const body = (text.startsWith('{') ? JSON.parse(text) : { text }) as Record<string, unknown>
      return { status: response.status, headers: response.headers, receipts: (body.receipts ?? []) as Receipt[], body }
    },
    get: (path, { key, accept } = {}) => ask(path, { headers: { ...auth(key), ...(accept ? { accept } : {}) } }),
    async read<T>(path: string, options: { key?: string } = {}) {
      const response = await hub.get(path, options)
      if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
      return (await response.json()) as T
    },
    async ops<T>(path: string, body?: unknown) {
      const response = await ask(path, {
        headers: {
          ...auth(env.HUB_OPS_KEY),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
      })
      if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
      return (await response.json()) as T
    },
    receiptsOf: (messageId, fits, ms) =>
      until(
        `receipts of ${messageId}`,
        async () => {
          const { receipts } = await hub.read<{ receipts: Receipt[] }>(`/v1/messages/${messageId}/receipts`)
          return fits(receipts) && receipts
        },
        ms,
      ),
    state: async (messageId) => (await hub.read<{ state: string }>(`/v1/messages/${messageId}`)).state,
    cli(...args) {
      const given = { ...cleanEnv(), HUB_DATA: dataDir, ...cliEnv }
      return opensLedger.has(args[0]!) ? run(process.execPath, [cli, ...args], { env: given }) : command(args, given)
    },
    sftp: (batch, { keyFile = env.HUB_SFTP_KEYFILE!, user = env.HUB_SFTP_USER! } = {}) =>
      openSftp(env, keyFile, user, batch),
    async simulator<T>(method: string, path: string, body?: unknown) {
      const response = await fetch(env.HUB_SIMULATOR_URL! + path, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      })
      const text = await response.text()
      return (text === '' ? {} : JSON.parse(text)) as T
    },
    log: logOf(join(dataDir, 'hub.log')),
    stop,
  }
  return hub
}

/** Whoever waits for a line asks again and again: what was read before is not read and parsed another time. */
function logOf(file: string): RunningHub['log'] {
  const lines: Record<string, unknown>[] = []
  /** Bytes of whole lines that have been read. */
  let read = 0
  const look = async () => {
    const opened = await open(file)
    try {
      const { size } = await opened.stat()
      // The hub has begun a new file.
      if (size < read) lines.length = read = 0
      const { buffer, bytesRead } = await opened.read(Buffer.alloc(size - read), 0, size - read, read)
      const end = buffer.subarray(0, bytesRead).lastIndexOf('\n') + 1
      read += end
      for (const line of buffer.toString('utf8', 0, end).split('\n'))
        if (line.startsWith('{') && line.endsWith('}')) lines.push(JSON.parse(line) as Record<string, unknown>)
    } finally {
      await opened.close()
    }
    return [...lines]
  }
  let last: Promise<unknown> = Promise.resolve()
  return () => {
    const next = last.then(look)
    last = next.catch(() => {})
    return next
  }
}

/** OpenSSH's own client in batch mode, trusting this test's server only. */
export function openSftp(
  settings: Record<string, string>,
  keyFile: string,
  user: string,
  batch: string,
): Promise<Finished> {
  const options = [
    '-o',
    'StrictHostKeyChecking=no',
    '-o',
    'UserKnownHostsFile=/dev/null',
    '-o',
    'LogLevel=ERROR',
    '-o',
    'IdentitiesOnly=yes',
    '-o',
    'BatchMode=yes',
  ]
  return run(
    'sftp',
    ['-q', '-b', '-', '-i', keyFile, '-P', settings.HUB_SFTP_PORT!, ...options, `${user}@${settings.HUB_SFTP_HOST}`],
    { input: batch },
  )
}

/** The environment without anything that would point a hub or a command at another one. */
export function cleanEnv(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(HUB_|REDIS_URL|DATABASE_URL|SIMULATOR_|VITEST|NODE_ENV)/.test(name),
    ),
  )
}

async function readEnv(file: string, demo: boolean): Promise<Record<string, string>> {
  if (!demo) return {}
  const lines = (await readFile(file, 'utf8')).split('\n')
  return Object.fromEntries(
    lines.flatMap((line) =>
      (/^([A-Z_]+)='(.*)'$/.exec(line) ?? []).slice(1, 3).length === 2
        ? [/^([A-Z_]+)='(.*)'$/.exec(line)!.slice(1, 3) as [string, string]]
        : [],
    ),
  )
}
