// neighbours — a Redis and an agency that are not the hub's children, so that they live on when the hub is killed.
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { freePort } from './free-port.js'
import { root } from './hub.js'
import { begin, ended, firstLine } from './process.js'
import { tempDir } from './temp.js'
import { until } from './until.js'
import { Redis } from 'ioredis'

export { freePort }

export interface OwnRedis {
  url: string
  stop(signal?: NodeJS.Signals): Promise<void>
  start(): Promise<void>
  flush(): Promise<void>
  /** To its process: SIGSTOP and SIGCONT. */
  signal(signal: NodeJS.Signals): void
  /** Any command, over a connection of its own. */
  call(command: string, ...args: string[]): Promise<unknown>
}

/** A redis-server with an append-only file in a folder of its own; it can be killed and started again. */
export async function ownRedis(): Promise<OwnRedis> {
  const dir = await tempDir('redis')
  const port = await freePort()
  const url = `redis://127.0.0.1:${port}`
  let child: ReturnType<typeof begin> | undefined
  const ping = async () => {
    const client = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: 0, retryStrategy: () => null })
    client.on('error', () => {})
    try {
      await client.connect()
      return (await client.ping()) === 'PONG'
    } finally {
      client.disconnect()
    }
  }
  const own: OwnRedis = {
    url,
    async start() {
      child = begin('redis-server', [
        '--port',
        String(port),
        '--bind',
        '127.0.0.1',
        '--dir',
        dir,
        '--appendonly',
        'yes',
        '--save',
        '',
        '--maxmemory-policy',
        'noeviction',
      ])
      child.stdout!.resume()
      child.stderr!.resume()
      await until('redis to answer', ping)
    },
    async stop(signal = 'SIGTERM') {
      child?.kill(signal)
      if (child) await ended(child)
      child = undefined
    },
    flush: async () => void (await own.call('flushall')),
    signal: (signal) => void child?.kill(signal),
    async call(command, ...args) {
      const client = new Redis(url)
      try {
        return await client.call(command, ...args)
      } finally {
        client.disconnect()
      }
    },
  }
  onTestFinished(() => own.stop('SIGKILL'))
  await own.start()
  return own
}

export interface Taken {
  submissionId: string
  agency: string
  documentType: string
  reference: string
  times: number
}

/** With which it comes to the hub's door. */
export const agencyToken = 'agency-token-of-this-test'

export interface OwnAgency {
  url: string
  /** The file in which it writes down what it takes, owes and has posted. */
  journal: string
  /** What hub.yaml must say to send here. */
  config: object
  env: Record<string, string>
  taken(): Promise<Taken[]>
  control(body: object): Promise<void>
  clear(): Promise<void>
  /** Its process is killed: nobody answers at its address. */
  stop(): Promise<void>
  /** Begun again at the same address, with everything it had taken and still owes. */
  start(): Promise<void>
  /** To its process: SIGSTOP and SIGCONT. */
  signal(signal: NodeJS.Signals): void
}

export interface AgencyOptions {
  hubPort: number
  idempotent?: boolean
  policy?: object
  /** Default: a free one. */
  port?: number
}

/** A simulator of its own on a fixed port, that keeps posting receipts to the hub's door until the hub takes them. */
export async function ownAgency(options: AgencyOptions): Promise<OwnAgency> {
  const agency = await launchAgency({ ...options, dir: await tempDir('agency') })
  onTestFinished(agency.stop)
  return agency
}

/** The same, to be stopped by the caller; `dir` holds its journal. */
export async function launchAgency({
  hubPort,
  idempotent = false,
  policy = {},
  port,
  dir,
}: AgencyOptions & { dir: string }): Promise<OwnAgency> {
  const journal = join(dir, 'journal.jsonl')
  port ??= await freePort()
  const args = [
    '--port',
    String(port),
    '--callback',
    `http://127.0.0.1:${hubPort}/agency/{agency}/receipts`,
    '--journal',
    journal,
    '--families',
    join(root, 'xsd/families'),
  ]
  let child: ReturnType<typeof begin>
  const stop = async () => {
    child.kill('SIGKILL')
    await ended(child)
  }
  async function start(): Promise<string> {
    child = begin(
      process.execPath,
      [join(root, 'dist/bundle/simulator.js'), ...args, ...(idempotent ? ['--idempotent'] : [])],
      { env: { ...process.env, SIMULATOR_CALLBACK_TOKEN: agencyToken } },
    )
    const { url } = await firstLine(child, (line) =>
      line.startsWith('{"ready"') ? (JSON.parse(line) as { url: string }) : undefined,
    )
    child.stdout!.resume()
    child.stderr!.resume()
    return url
  }
  const url = await start()
  const call = async (method: string, path: string, body?: object) => {
    const response = await fetch(url + path, {
      method,
      ...(body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}),
    })
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
    return response
  }
  return {
    url,
    journal,
    config: {
      agencies: {
        default: {
          connector: 'http',
          url: `${url}/{agency}`,
          callbackTokenEnv: 'AGENCY_TOKEN',
          statusQuery: true,
          idempotent,
          deadlineSeconds: 20,
          retrySeconds: [0.2, 0.5, 1],
          ...policy,
        },
      },
    },
    env: { AGENCY_TOKEN: agencyToken },
    taken: async () => ((await (await call('GET', '/taken')).json()) as { taken: Taken[] }).taken,
    control: async (body) => void (await call('POST', '/control', body)),
    clear: async () => void (await call('DELETE', '/control')),
    stop,
    start: async () => void (await start()),
    signal: (signal) => void child.kill(signal),
  }
}
