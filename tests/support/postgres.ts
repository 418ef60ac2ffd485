// postgres — a real PostgreSQL for tests: a private server on a free port of this machine, with a database of its own
// for whoever asks.
import { execFileSync, type ChildProcess } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import pg from 'pg'
import { goesWithUs } from './ends-with-us.js'
import { freePort } from './free-port.js'
import { begin, ended } from './process.js'
import { until } from './until.js'

/** Where `initdb` and `postgres` are: on PATH, or where Debian has them. The newest. */
export function postgresPrograms(): string | undefined {
  const debian = '/usr/lib/postgresql'
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : []
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...versions.map((one) => join(debian, one, 'bin'))]
  return folders.find((one) => ['initdb', 'postgres'].every((name) => existsSync(join(one, name))))
}

const password = 'test-only'

/** PostgreSQL does not run as root: then it is the user its package has made. */
function user(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const [, , uid, gid] =
    readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .map((line) => line.split(':'))
      .find(([name]) => name === 'postgres') ?? []
  if (uid === undefined) throw new Error('there is no user postgres for the test server to run as')
  return { uid: Number(uid), gid: Number(gid) }
}

export interface TestPostgres {
  /** A new database; the address of it. */
  database(): Promise<string>
  /** Takes every row out of a ledger's tables. */
  empty(url: string): Promise<void>
  /** Asks it as its owner. */
  ask<Row extends pg.QueryResultRow>(sql: string, database?: string): Promise<Row[]>
  /** Ends it as a crash does, or as an operator does (`fast`), and starts it again. */
  restart(how?: 'crash' | 'fast'): Promise<void>
  stop(how?: 'crash' | 'fast'): Promise<void>
  start(): Promise<void>
  remove(): Promise<void>
}

/**
 * @param durable with fsync, as in production; without, a crash of the machine (not of the server) would lose what it
 * holds
 * @param within the folder its own folder is made in
 */
export async function startPostgres({ durable = false, within = tmpdir() } = {}): Promise<TestPostgres> {
  const programs = postgresPrograms()
  if (!programs) throw new Error('no PostgreSQL (initdb, postgres) is on this machine')
  const owner = user()
  const dir = mkdtempSync(join(within, 'pg-'))
  goesWithUs(dir)
  if (owner) chownSync(dir, owner.uid, owner.gid)
  const as = owner ? { uid: owner.uid, gid: owner.gid } : {}
  const env = { ...process.env, LC_ALL: 'C', PGPASSWORD: password }
  execFileSync(
    join(programs, 'initdb'),
    ['-D', join(dir, 'data'), '-U', 'hub', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync'],
    { ...as, env, stdio: 'pipe', cwd: dir },
  )
  const port = await freePort()
  const options = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    shared_buffers: '32MB',
    max_connections: '60',
    fsync: durable ? 'on' : 'off',
    ...(durable ? {} : { full_page_writes: 'off' }),
  }
  let server: ChildProcess | undefined

  const address = (database: string) => `postgresql://hub:${password}@127.0.0.1:${port}/${database}`

  async function ask<Row extends pg.QueryResultRow>(sql: string, url = address('postgres')): Promise<Row[]> {
    const client = new pg.Client({ connectionString: url })
    client.on('error', () => {})
    await client.connect()
    try {
      return (await client.query<Row>(sql)).rows
    } finally {
      await client.end().catch(() => {})
    }
  }

  async function start(): Promise<void> {
    const settings = Object.entries(options).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    server = begin(join(programs!, 'postgres'), ['-D', join(dir, 'data'), ...settings], {
      cwd: dir,
      env,
      ...(owner ? { uid: owner.uid } : {}),
      // A signal nobody catches would leave its shared memory.
      atTheLatest: 'QUIT',
    })
    server.stderr!.resume()
    server.stdout!.resume()
    await until('PostgreSQL to answer', async () => (await ask('select 1').catch(() => [])).length === 1)
  }

  async function stop(how: 'crash' | 'fast' = 'fast'): Promise<void> {
    const child = server
    server = undefined
    if (!child) return
    child.kill(how === 'crash' ? 'SIGQUIT' : 'SIGINT')
    await ended(child)
  }

  await start()
  let made = 0
  return {
    async database() {
      const name = `hub_${process.pid}_${++made}`
      await ask(`create database ${name}`)
      return address(name)
    },
    async empty(url) {
      const tables = await ask<{ name: string }>(
        `select tablename as name from pg_tables where schemaname = 'public' and tablename <> 'hub_migration'
        order by tablename = 'partner'`,
        url,
      )
      await ask([...tables.map(({ name }) => `delete from ${name}`), 'delete from counter'].join('; '), url)
    },
    ask,
    start,
    stop,
    async restart(how) {
      await stop(how)
      await start()
    },
    async remove() {
      await stop('crash')
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** Where there is none and none can be had the tests say so aloud; where everything must be there they fail. */
export function withoutPostgres(): boolean {
  if (postgresPrograms()) return false
  if (process.env.CI) throw new Error('PostgreSQL is missing: apt-get install postgresql')
  console.error(
    '\n!! NO POSTGRESQL ON THIS MACHINE: the tests of the ledger on it are SKIPPED. apt-get install postgresql\n',
  )
  return true
}

/** One server for all hubs of a test file, ended with its process. */
let shared: Promise<TestPostgres> | undefined
const databases = new Map<string, Promise<string>>()

/** TEST_LEDGER=postgres: the journeys run on PostgreSQL, each data folder with a database of its own. */
export async function ledgerOf(dataDir: string): Promise<Record<string, string>> {
  if (process.env.TEST_LEDGER !== 'postgres') return {}
  shared ??= startPostgres()
  const { database } = await shared
  if (!databases.has(dataDir)) databases.set(dataDir, database())
  return { DATABASE_URL: await databases.get(dataDir)! }
}
