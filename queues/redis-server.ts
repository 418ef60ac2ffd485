// redis-server — a private Redis for a hub that was given none: a child on a Unix socket in the data folder,
// append-only file on.
//
//   hub ─ pipe ─▶ keeper (sh, a session of its own) ─▶ redis-server
//
// The keeper stops Redis when the pipe ends, so a hub that is killed leaves none behind; and Ctrl-C in the hub's
// terminal does not reach either, so Redis lives until the hub has drained.
import { spawn, type ChildProcess } from 'node:child_process'
import {
  accessSync,
  closeSync,
  constants,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import type { Log } from './log.js'

interface RedisServerParts {
  /** Its own folder: append-only file, log, pid file, socket. Made when it is not there. */
  dir: string
  /** Listen on 127.0.0.1 at this port instead of on a Unix socket. */
  port?: number
  /** Path of the server program. Default: what `findRedisServer` finds. */
  program?: string
  /** How long to wait for an old server to stop, and for the new one to answer. Default 20 s. */
  patienceMs?: number
  /** A server that dies by itself is started again after this long. Default 500. */
  againMs?: number
  log: Log
}

/**
 * A Redis of the hub's own, a child process that is started again when it dies.
 * @see [startRedis](./redis-server.ts)
 */
export interface RedisServer {
  /** For `createQueues`: stays the same when the server is started again. */
  url: string
  /** The server's process id at the moment; undefined while it is down. */
  pid(): number | undefined
  /** Ends it; what it holds is on disk afterwards. Safe to call twice. */
  stop(): Promise<void>
}

/** redis-server or valkey-server on PATH. */
export function findRedisServer(path = process.env.PATH ?? ''): string | undefined {
  const candidates = ['redis-server', 'valkey-server'].flatMap((name) =>
    path
      .split(delimiter)
      .filter(Boolean)
      .map((dir) => join(dir, name)),
  )
  return candidates.find((file) => {
    try {
      accessSync(file, constants.X_OK)
      return statSync(file).isFile()
    } catch {
      return false
    }
  })
}

/** The keeper. fd 3 is the hub's pipe: nothing is ever written to it, its end is the sign to stop. */
const keeper = `umask 077
exec 3<&0
"$@" 3<&- & server=$!
( read -r _ <&3; kill $server 2>/dev/null ) & watch=$!
trap 'kill $server 2>/dev/null' TERM INT HUP
while kill -0 $server 2>/dev/null; do wait $server; done
kill $watch 2>/dev/null
exit 0`

/**
 * Starts the server and resolves once it answers.
 * @throws Error that says what to do: no program, another server alive in the same folder, or the end of its log.
 */
export async function startRedis({
  dir,
  port,
  program = findRedisServer(),
  patienceMs = 20_000,
  againMs = 500,
  log,
}: RedisServerParts): Promise<RedisServer> {
  if (program === undefined)
    throw new Error('neither redis-server nor valkey-server is on PATH: install one, or set REDIS_URL')
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const logFile = join(dir, 'redis.log')
  await waitForOld(dir, patienceMs)

  const socket = port === undefined ? socketPath(dir) : undefined
  const url = socket ?? `redis://127.0.0.1:${port}`
  const listen =
    socket === undefined
      ? ['--port', String(port), '--bind', '127.0.0.1']
      : ['--port', '0', '--unixsocket', socket, '--unixsocketperm', '700']
  const keep = ['--appendonly', 'yes', '--appendfsync', 'everysec', '--save', '', '--maxmemory-policy', 'noeviction']
  const args = [...listen, ...keep, '--dir', dir, '--daemonize', 'no', '--logfile', logFile, '--pidfile', pidFile(dir)]

  let stopping = false
  let child: ChildProcess
  let gone: Promise<void>
  let again: NodeJS.Timeout | undefined

  function launch(): void {
    const out = openSync(logFile, 'a', 0o600)
    child = spawn('/bin/sh', ['-c', keeper, 'redis-keeper', program!, ...args], {
      detached: true,
      stdio: ['pipe', out, out],
      // What the hub was given is nobody else's: keys, passwords, tokens.
      env: { PATH: process.env.PATH, TMPDIR: process.env.TMPDIR },
    })
    closeSync(out)
    gone = new Promise((resolve) => child.once('exit', () => resolve()).once('error', () => resolve()))
    child.on('error', (error) => log.error({ error: error.message }, 'redis-server keeper failed'))
    child.stdin!.on('error', () => {})
    child.once('exit', () => {
      child.stdin!.destroy()
      if (stopping) return
      log.error({ dir }, 'redis-server ended by itself; starting it again')
      again = setTimeout(launch, againMs)
    })
  }

  async function stop(): Promise<void> {
    stopping = true
    clearTimeout(again)
    child.stdin!.end()
    const late = AbortSignal.timeout(10_000)
    await Promise.race([gone, sleep(10_000, undefined, { signal: late }).catch(() => {})])
    if (child.exitCode === null && child.signalCode === null) {
      // Its whole session: the keeper and a server that does not listen. The append-only file is safe with that.
      log.warn({ dir }, 'redis-server did not stop; killed')
      process.kill(-child.pid!, 'SIGKILL')
      await gone
    }
    if (socket !== undefined && dirname(socket) !== dir) rmSync(dirname(socket), { recursive: true, force: true })
  }

  launch()
  try {
    await answers(url, patienceMs, () => child.exitCode !== null)
  } catch (error) {
    await stop()
    throw new Error(
      `${program} did not start in ${dir}: ${error instanceof Error ? error.message : String(error)}\n${tail(logFile)}`,
    )
  }
  return { url, pid: () => livingPid(dir), stop }
}

async function answers(url: string, ms: number, ended: () => boolean): Promise<void> {
  const client = new Redis(url, {
    lazyConnect: true,
    retryStrategy: () => 25,
    maxRetriesPerRequest: null,
    commandTimeout: ms,
  })
  client.on('error', () => {})
  const until = Date.now() + ms
  try {
    // Not `ready` before its append-only file is loaded.
    void client.connect().catch(() => {})
    while (client.status !== 'ready') {
      if (ended()) throw new Error('it ended at once')
      if (Date.now() > until) throw new Error(`no answer in ${ms} ms`)
      await sleep(10)
    }
  } finally {
    client.disconnect()
  }
}

const pidFile = (dir: string) => join(dir, 'redis.pid')

/** A hub that was just killed leaves a server that is still writing its file: two must never share it. */
async function waitForOld(dir: string, ms: number): Promise<void> {
  const until = Date.now() + ms
  for (let pid = livingPid(dir); pid !== undefined; pid = livingPid(dir)) {
    if (Date.now() > until)
      throw new Error(`a redis-server (process ${pid}) is alive in ${dir}: does another hub run in this data folder?`)
    await sleep(50)
  }
}

/** The process of the pid file, if it lives and, where that can be seen, is a Redis: numbers are given out again. */
function livingPid(dir: string): number | undefined {
  const pid = Number(readOr(pidFile(dir), '').trim())
  if (!Number.isInteger(pid) || pid <= 1) return undefined
  try {
    process.kill(pid, 0)
  } catch {
    return undefined
  }
  const name = readOr(`/proc/${pid}/comm`, 'redis')
  return /redis|valkey/.test(name) ? pid : undefined
}

/** Unix socket paths end at about 100 bytes; a deeper data folder gets a private one in the temporary folder. */
function socketPath(dir: string): string {
  const near = join(dir, 'redis.sock')
  if (Buffer.byteLength(near) <= 100) return near
  const note = join(dir, 'redis.sock.path')
  const old = readOr(note, '')
  if (old !== '') rmSync(dirname(old), { recursive: true, force: true })
  const far = join(mkdtempSync(join(tmpdir(), 'hub-redis-')), 'redis.sock')
  writeFileSync(note, far, { mode: 0o600 })
  return far
}

function readOr(file: string, otherwise: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return otherwise
  }
}

const tail = (file: string) => readOr(file, '').trimEnd().split('\n').slice(-10).join('\n')
