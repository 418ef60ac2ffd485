// postgres — a private PostgreSQL for a bench: a server on a free port, in a folder that goes with it.
import { execFileSync, spawn } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import pg from 'pg'

/** Where `initdb` and `postgres` are: on PATH, or where Debian has them; the newest. */
function programs() {
  const debian = '/usr/lib/postgresql'
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : []
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...versions.map((one) => join(debian, one, 'bin'))]
  const found = folders.find((one) => ['initdb', 'postgres'].every((name) => existsSync(join(one, name))))
  if (!found) throw new Error('no PostgreSQL (initdb, postgres) is on this machine')
  return found
}

/** PostgreSQL does not run as root: then it is the user its package has made. */
function owner() {
  if (process.getuid?.() !== 0) return {}
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((one) => one.startsWith('postgres:'))
  if (!line) throw new Error('there is no user postgres for the server to run as')
  const [, , uid, gid] = line.split(':')
  return { uid: Number(uid), gid: Number(gid) }
}

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
      server.close(() => resolve(port))
    })
  })

/** @param {Record<string, string>} [settings] beside the server's own: `fsync` is on unless they say otherwise */
export async function startPostgres(settings = {}) {
  const bin = programs()
  const as = owner()
  const dir = mkdtempSync(join(tmpdir(), 'bench-pg-'))
  if (as.uid !== undefined) chownSync(dir, as.uid, as.gid)
  const env = { ...process.env, LC_ALL: 'C' }
  execFileSync(
    join(bin, 'initdb'),
    ['-D', join(dir, 'data'), '-U', 'hub', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync'],
    { ...as, env, stdio: 'pipe', cwd: dir },
  )
  const port = await freePort()
  const options = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    shared_buffers: '256MB',
    ...settings,
  }
  const server = spawn(
    join(bin, 'postgres'),
    ['-D', join(dir, 'data'), ...Object.entries(options).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    { ...as, env, cwd: dir, stdio: 'ignore' },
  )
  const end = () => void server.kill('SIGQUIT')
  process.once('exit', end)
  const url = (database) => `postgresql://hub@127.0.0.1:${port}/${database}`
  const ask = async (sql, database = 'postgres') => {
    const client = new pg.Client({ connectionString: url(database) })
    client.on('error', () => {})
    await client.connect()
    try {
      return (await client.query(sql)).rows
    } finally {
      await client.end()
    }
  }
  for (let tries = 0; ; tries++)
    try {
      await ask('select 1')
      break
    } catch (error) {
      if (tries > 200) throw error
      await new Promise((again) => setTimeout(again, 50))
    }
  return {
    ask,
    /** Seconds of processor of all its processes so far. */
    cpuSeconds() {
      let ticks = 0
      for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name)))
        try {
          const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
          const [, parent, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
          // utime, stime; of the server itself also what its ended children took.
          const [user, system, ofUser, ofSystem] = rest.slice(9, 13).map(Number)
          if (Number(pid) === server.pid) ticks += user + system + ofUser + ofSystem
          else if (Number(parent) === server.pid) ticks += user + system
        } catch {
          // It has ended meanwhile.
        }
      return ticks / 100
    },
    async database(name) {
      await ask(`create database ${name}`)
      return url(name)
    },
    async stop() {
      const ended = new Promise((done) => server.once('exit', done))
      server.kill('SIGINT')
      await ended
      process.off('exit', end)
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
