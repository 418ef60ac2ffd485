// faults — what is done to a site, each with its end: what was killed runs again, what stood still goes on, what was
// full has room. Drawn by the run's seed.
import { readFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import type { Random } from '../support/seeded.js'
import { until } from '../support/until.js'
import type { Load } from './load.js'
import { patienceMs } from './settling.js'
import type { HubProcess, Site } from './site.js'

export interface FaultParts {
  site: Site
  load: Load
  random: Random
  /** The longest anything stands still, in ms. */
  mostMs: number
}

interface Fault {
  /** Why it cannot be done here. */
  not?: (site: Site) => string | undefined
  /** Resolves when it is over, with what was done. */
  strike: (parts: FaultParts) => Promise<string>
}

const onSqlite = ({ postgres }: Site) => (postgres ? undefined : 'the ledger is in SQLite')
const mountless = (which: 'ledger' | 'sftp') => (site: Site) =>
  site.disks[which] ? undefined : 'no file system can be mounted here'
const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`
/** How long it lasts: a second at least. */
const lasting = ({ random, mostMs }: FaultParts) => random.int(1000, mostMs)
const oneHub = ({ site, random }: FaultParts): HubProcess => random.pick(site.hubs)

/** A hub that was started while something it needs is away ends; whoever runs hubs starts them again. */
async function startAgain(hub: HubProcess): Promise<void> {
  await until(`${hub.name} to start`, async () => {
    await hub.start()
    return true
  })
}

export const faults: Record<string, Fault> = {
  'hub-killed': {
    async strike(parts) {
      const hub = oneHub(parts)
      const [away, again] = [parts.random.int(0, 1000), parts.random.int(1, 3)]
      for (let n = 0; n < again; n++) {
        // Not at once after its start, when it does nothing yet: once something was taken again.
        const before = parts.load.accepted()
        await until('messages under way', () => parts.load.accepted() > before + 3)
        await hub.kill()
        await pause(away)
        await startAgain(hub)
      }
      return `${hub.name} killed ${again} times, each time away for ${seconds(away)}`
    },
  },
  'all-hubs-killed': {
    async strike({ site, random }) {
      const away = random.int(0, 1000)
      await Promise.all(site.hubs.map((hub) => hub.kill()))
      await pause(away)
      for (const hub of site.hubs) await startAgain(hub)
      return `all hubs killed at once, away for ${seconds(away)}`
    },
  },
  'hub-stands-still': {
    async strike(parts) {
      const [hub, ms] = [oneHub(parts), lasting(parts)]
      hub.signal('SIGSTOP')
      await pause(ms)
      hub.signal('SIGCONT')
      return `${hub.name} stands still for ${seconds(ms)}`
    },
  },
  'agency-killed': {
    async strike({ site, random }) {
      const ms = random.int(0, 2000)
      await site.restartAgency(ms)
      return `the agency killed, away for ${seconds(ms)}`
    },
  },
  'agency-stands-still': {
    async strike(parts) {
      const ms = lasting(parts)
      parts.site.agency.signal('SIGSTOP')
      await pause(ms)
      parts.site.agency.signal('SIGCONT')
      return `the agency stands still for ${seconds(ms)}`
    },
  },
  'redis-killed': {
    async strike(parts) {
      const ms = lasting(parts)
      await parts.site.redis.stop('SIGKILL')
      await pause(ms)
      await parts.site.redis.start()
      return `Redis killed, away for ${seconds(ms)}`
    },
  },
  'redis-flushed': {
    async strike({ site, random, load }) {
      const times = random.int(1, 3)
      for (let n = 0; n < times; n++) {
        const before = load.accepted()
        await until('messages under way', () => load.accepted() > before + 5)
        await site.redis.flush()
      }
      return `Redis flushed ${times} times`
    },
  },
  'redis-paused': {
    async strike(parts) {
      const ms = lasting(parts)
      await parts.site.redis.call('client', 'pause', String(ms), 'ALL')
      await pause(ms)
      return `Redis answers nobody for ${seconds(ms)}`
    },
  },
  'redis-stands-still': {
    async strike(parts) {
      const ms = lasting(parts)
      parts.site.redis.signal('SIGSTOP')
      await pause(ms)
      parts.site.redis.signal('SIGCONT')
      return `Redis stands still for ${seconds(ms)}`
    },
  },
  'redis-full': {
    async strike(parts) {
      const ms = lasting(parts)
      await parts.site.redis.call('config', 'set', 'maxmemory', '100kb')
      await pause(ms)
      await parts.site.redis.call('config', 'set', 'maxmemory', '0')
      return `Redis has no memory left for ${seconds(ms)}`
    },
  },
  'postgres-crashes': {
    not: onSqlite,
    async strike({ site, random }) {
      const ms = random.int(0, 3000)
      await site.postgres!.server.stop('crash')
      await pause(ms)
      await site.postgres!.server.start()
      return `PostgreSQL crashes, away for ${seconds(ms)}`
    },
  },
  'postgres-restarted': {
    not: onSqlite,
    async strike({ site }) {
      await site.postgres!.server.restart('fast')
      return 'PostgreSQL restarted'
    },
  },
  'postgres-backends-killed': {
    not: onSqlite,
    async strike({ site, random, load }) {
      const times = random.int(1, 4)
      for (let n = 0; n < times; n++) {
        const before = load.accepted()
        await until('messages under way', () => load.accepted() > before + 3)
        await site.postgres!.server.ask(
          `select pg_terminate_backend(pid) from pg_stat_activity
            where backend_type = 'client backend' and pid <> pg_backend_pid()`,
        )
      }
      return `every connection of PostgreSQL ended ${times} times`
    },
  },
  'postgres-connections-used-up': {
    not: onSqlite,
    async strike(parts) {
      const { server, url } = parts.site.postgres!
      const ms = lasting(parts)
      const held: pg.Client[] = []
      const takeAll = async () => {
        for (;;) {
          const client = new pg.Client({ connectionString: url })
          client.on('error', () => {})
          try {
            await client.connect()
          } catch {
            return
          }
          held.push(client)
        }
      }
      await takeAll()
      // Those that had one lose it, and find none. The place of one of ours is used to say so.
      await held.pop()?.end()
      const ours = held.map((client) => (client as unknown as { processID: number }).processID)
      await server.ask(
        `select pg_terminate_backend(pid) from pg_stat_activity where backend_type = 'client backend'
          and pid <> pg_backend_pid() and pid not in (${[0, ...ours].join(', ')})`,
      )
      await takeAll()
      await pause(ms)
      await Promise.allSettled(held.map((client) => client.end()))
      return `no connection of PostgreSQL left for ${seconds(ms)}`
    },
  },
  'ledger-disk-full': {
    not: mountless('ledger'),
    async strike(parts) {
      const { site } = parts
      const ms = lasting(parts)
      site.disks.ledger!.fill()
      await pause(ms)
      site.disks.ledger!.free()
      // PostgreSQL ends when it cannot write its log.
      if (site.postgres && !(await site.postgres.server.ask('select 1').catch(() => undefined))) {
        await site.postgres.server.stop('crash')
        await site.postgres.server.start()
      }
      return `the disk of the ledger full for ${seconds(ms)}`
    },
  },
  'sftp-disk-full': {
    not: mountless('sftp'),
    async strike(parts) {
      const ms = lasting(parts)
      parts.site.disks.sftp!.fill()
      await pause(ms)
      parts.site.disks.sftp!.free()
      return `the disk of the SFTP folders full for ${seconds(ms)}`
    },
  },
  'lines-cut': {
    async strike(parts) {
      const { site, random } = parts
      const ms = lasting(parts)
      const lines = Object.values(site.lines)
      const before = lines.reduce((sum, line) => sum + line.cuts(), 0)
      for (const line of lines) line.cutAfter(() => random.int(1, 60_000))
      await pause(ms)
      for (const line of lines) line.mend()
      const cuts = lines.reduce((sum, line) => sum + line.cuts(), 0) - before
      return `${cuts} connections cut in mid-transfer in ${seconds(ms)}: partners, their files, the agency`
    },
  },
  'answers-lost': {
    async strike({ site, load, random }) {
      const { agency } = site.lines
      const [before, lost] = [agency.cuts(), random.int(3, 20)]
      agency.loseAnswers()
      await until('answers lost', () => agency.cuts() >= before + lost, patienceMs)
      // Longer than a second try waits at the least: some are filed whose second try finds no answer either.
      const accepted = load.accepted()
      await until('messages under way', () => load.accepted() > accepted + 5, patienceMs)
      agency.mend()
      return `what is sent arrives at the agency, and ${agency.cuts() - before} of its answers do not come back`
    },
  },
  'clock-jumps': {
    async strike({ site, random }) {
      const [ahead, back] = [random.int(60, 26 * 3600), random.int(1, 20)]
      const now = Number(await readFile(site.clockFile, 'utf8'))
      await site.setClock(now + ahead * 1000)
      await pause(1000)
      await site.setClock(now + (ahead - back) * 1000)
      return `the hubs' clocks jump ${(ahead / 3600).toFixed(1)} h ahead, then ${back} s back`
    },
  },
}
