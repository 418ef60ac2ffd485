// site — what is attacked: one hub on SQLite or three on PostgreSQL, with Redis, an agency and three partners, each as
// a process of its own, behind a load balancer that can cut connections.
import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import { cuttingProxy, type CuttingProxy } from '../support/cutting-proxy.js'
import { cli, launchHub, root, type RunningHub } from '../support/hub.js'
import { freePort } from '../support/free-port.js'
import { jointRouting } from '../support/joint-routing.js'
import { ownAgency, ownRedis, type OwnAgency, type OwnRedis } from '../support/neighbours.js'
import { startPostgres, type TestPostgres } from '../support/postgres.js'
import { smallDisk, type SmallDisk } from '../support/small-disk.js'
import { tempDir } from '../support/temp.js'
import type { LoadPartner } from './load.js'
import { agencyWitness, type AgencyWitness } from './witness.js'

export interface HubProcess {
  name: string
  logFile: string
  start(): Promise<void>
  kill(): Promise<void>
  /** As an operator ends it: what it holds it gives back first. */
  stop(): Promise<void>
  /** Which build starts next time. */
  program: string
  signal(signal: NodeJS.Signals): void
}

export interface Site {
  name: string
  hubs: HubProcess[]
  redis: OwnRedis
  agency: OwnAgency
  witness: AgencyWitness
  partners: LoadPartner[]
  postgres?: { server: TestPostgres; url: string }
  /** The way of partners, of their files, and of hubs to the agency. */
  lines: { http: CuttingProxy; sftp: CuttingProxy; agency: CuttingProxy }
  /** Undefined where no file system can be mounted. */
  disks: { ledger: SmallDisk | undefined; sftp: SmallDisk | undefined }
  /** How far all hubs' clocks are ahead, in ms. */
  clockFile: string
  /** May set them back, too. */
  setClock(aheadMs: number): Promise<void>
  /** A call at any hub, with a key or as the operator. */
  ask(path: string, key?: string): Promise<Response>
  /** The agency killed and begun again, as slow as before. */
  restartAgency(betweenMs: number): Promise<void>
  /** To be kept when a run ends badly. */
  evidence: string[]
}

/** An agency takes a moment to answer: so there is always something under way that a kill can hit. */
const agencySlowMs = 150
const ledgerMegabytes = { sqlite: 256, postgres: 1024 }

export interface SiteOptions {
  /** What the hubs believe of the agency, beside what is true. */
  policy?: object
  /** The build they begin with. */
  program?: string
}

/** The folder of a build, of which this is the command line (`dist/hub/cli/main.js`). */
const buildRoot = (program: string) => join(dirname(program), '../../..')

export async function startSite(
  kind: 'sqlite' | 'postgres',
  { policy = {}, program = cli }: SiteOptions = {},
): Promise<Site> {
  const dataDir = await tempDir('chaos')
  const logs = await tempDir('chaos-log')
  const ledgerDir = kind === 'sqlite' ? dataDir : await tempDir('chaos-pg')
  const disks = { ledger: smallDisk(ledgerDir, ledgerMegabytes[kind]), sftp: smallDisk(join(dataDir, 'sftp'), 64) }
  let postgres: Site['postgres']
  if (kind === 'postgres') {
    const server = await startPostgres({ durable: true, ...(disks.ledger ? { within: ledgerDir } : {}) })
    onTestFinished(() => server.remove())
    postgres = { server, url: await server.database() }
  }
  const count = kind === 'sqlite' ? 1 : 3
  const ports = async () => Promise.all(Array.from({ length: count }, () => freePort()))
  const [httpPorts, sftpPorts, agencyPort] = [await ports(), await ports(), await freePort()]
  const lines = {
    http: await cuttingProxy(httpPorts),
    sftp: await cuttingProxy(sftpPorts),
    agency: await cuttingProxy([agencyPort]),
  }
  const redis = await ownRedis()
  const agency = await ownAgency({
    hubPort: lines.http.port,
    port: agencyPort,
    policy: {
      url: `http://127.0.0.1:${lines.agency.port}/{agency}`,
      receiptsPath: 'receipts/{id}',
      deadlineSeconds: 5,
      retrySeconds: [0.2, 0.5, 1],
      askSeconds: [0.5, 1],
      breaker: { minimum: 10, openSeconds: [0.3, 1], probes: 2 },
      ...policy,
    },
  })
  const witness = agencyWitness(agency.journal)
  await agency.control({ slowMs: agencySlowMs })
  const clockFile = join(logs, 'ahead')
  await writeFile(clockFile, '0\n')
  const routingDirs = new Map<string, Promise<string>>()
  const routingFor = (build: string) => {
    const made = routingDirs.get(build) ?? tempDir('routing').then((dir) => jointRouting(dir, buildRoot(build)))
    routingDirs.set(build, made)
    return made
  }
  const env = {
    ...agency.env,
    REDIS_URL: redis.url,
    ...(postgres ? { DATABASE_URL: postgres.url } : {}),
    HUB_LOG_LEVEL: 'info',
    SHIFTED_CLOCK: clockFile,
  }

  const running: (RunningHub | undefined)[] = []
  const hubs = httpPorts.map((httpPort, n): HubProcess => {
    const logFile = join(logs, `hub-${n + 1}.log`)
    const own: HubProcess = {
      name: `hub ${n + 1}`,
      logFile,
      program,
      async start() {
        running[n] ??= await launchHub({
          dataDir,
          config: { ...agency.config, routingDir: await routingFor(own.program), minFreeMegabytes: 0 },
          httpPort,
          program: own.program,
          sftpPort: sftpPorts[n]!,
          env: { ...env, HUB_LOG_FILE: logFile },
          nodeArgs: ['--import', join(root, 'tests/support/shifted-clock.mjs')],
          refereed: false,
        })
      },
      kill: () => end('SIGKILL'),
      stop: () => end('SIGTERM'),
      signal: (signal) => void (running[n] && process.kill(running[n].pid, signal)),
    }
    const end = async (signal: NodeJS.Signals) => {
      const hub = running[n]
      running[n] = undefined
      await hub?.stop(signal)
    }
    return own
  })
  onTestFinished(async () => void (await Promise.all(hubs.map((hub) => hub.kill()))))
  for (const hub of hubs) await hub.start()
  const first = running[0]!
  // Its own folder has it under this name only as long as nobody else starts there.
  await copyFile(join(dataDir, 'demo_sftp_key'), join(logs, 'sftp_key'))

  const ask = (path: string, key = first.env.HUB_OPS_KEY!) =>
    fetch(`http://127.0.0.1:${lines.http.port}${path}`, {
      headers: { authorization: `Bearer ${key}` },
      signal: AbortSignal.timeout(20_000),
    })
  const publicKey = (await readFile(join(dataDir, 'demo_sftp_key.pub'), 'utf8')).trim()
  const partners: LoadPartner[] = []
  for (const [partner, name] of [
    ['forwarder', '测试货运代理有限公司'],
    ['terminal', '测试码头有限公司'],
    ['broker', '测试报关有限公司'],
  ] as const) {
    await first.ops('/ops/partners', {
      partnerId: partner,
      name,
      settings: { rights: ['*'] },
      sshKeys: [publicKey],
    })
    const { secret: key } = await first.ops<{ secret: string }>(`/ops/partners/${partner}/keys`, { kind: 'http' })
    const inBox = join(dataDir, 'sftp', partner, 'InBox')
    const files = { privateKey: await readFile(join(logs, 'sftp_key')), inBox }
    partners.push({ partner, key, ...(partner === 'broker' ? { sftp: files } : {}) })
  }
  return {
    name: kind === 'sqlite' ? 'one hub on SQLite' : 'three hubs on PostgreSQL',
    hubs,
    redis,
    agency,
    witness,
    partners,
    ...(postgres ? { postgres } : {}),
    lines,
    disks,
    clockFile,
    setClock: (aheadMs) => writeFile(clockFile, `${Math.round(aheadMs)}\n`),
    ask,
    async restartAgency(betweenMs) {
      await agency.stop()
      await witness.look()
      await pause(betweenMs)
      await agency.start()
      await agency.control({ slowMs: agencySlowMs })
    },
    evidence: [agency.journal, ...hubs.map(({ logFile }) => logFile)],
  }
}
