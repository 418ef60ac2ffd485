// What is on the machine beside the messages: a log that cannot be written costs its lines and nothing else, files are
// their owner's alone, and a folder that cannot be used is told in one sentence.
import { chmod, mkdir, open, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { cleanEnv, cli, sample, startHub } from '../support/hub.js'
import { freePort } from '../support/neighbours.js'
import { begin, ended, firstLine, run } from '../support/process.js'
import { tempDir } from '../support/temp.js'
import { until } from '../support/until.js'

const lost = async (url: string) =>
  Number(/^hub_log_lines_lost_total (\d+)$/m.exec(await (await fetch(`${url}/metrics`)).text())?.[1])

/** Everything below, with its mode. */
async function modes(dir: string): Promise<[path: string, mode: string][]> {
  const found = await readdir(dir, { recursive: true, withFileTypes: true })
  const kept = found.filter((entry) => entry.isFile() || entry.isDirectory())
  return Promise.all(
    kept.map(async (entry) => {
      const path = join(entry.parentPath, entry.name)
      return [path.slice(dir.length + 1), ((await stat(path)).mode & 0o777).toString(8)]
    }),
  )
}

describe('a log that nobody can write', () => {
  test('a full device costs log lines, which are counted; messages are taken, files are private', async () => {
    const dataDir = await tempDir('hub')
    // A folder an administrator made, a hub of old that left a file open to all, and the widest umask there is.
    await chmod(dataDir, 0o755)
    await writeFile(join(dataDir, 'simulator.log'), '', { mode: 0o644 })
    await mkdir(join(dataDir, 'backups'), { mode: 0o755 })
    const hub = await startHub({
      dataDir,
      env: { HUB_LOG_FILE: '/dev/full' },
      nodeArgs: ['--import', 'data:text/javascript,try{process.umask(0)}catch{}'],
    })
    expect((await hub.send(sample('ceb/CEB621Message.xml'))).status).toBe(202)
    expect(
      (await hub.sftp(`put ${join(import.meta.dirname, '../../xsd/families/manifest/samples/MT1101-9.xml')} OutBox/`))
        .code,
    ).toBe(0)
    await until('lines are counted', async () => (await lost(hub.url)) > 0)
    expect(await hub.cli('backup', '--why', 'test')).toMatchObject({ code: 0 })
    const found = await modes(dataDir)
    expect(found.map(([path]) => path)).toEqual(
      expect.arrayContaining(['ledger.db', 'ledger.db-wal', 'simulator.jsonl', 'sftp/demo/InBox']),
    )
    expect(found.filter(([path]) => /^backups\/ledger-/.test(path))).toHaveLength(1)
    const sockets = (path: string) => path.endsWith('.sock')
    expect(found.filter(([path, mode]) => !sockets(path) && mode !== '600' && mode !== '700')).toEqual([])
    expect(await hub.stop('SIGTERM')).toBe(0)
  })

  const start = async (stdout: number | 'pipe', env: Record<string, string> = {}) => {
    const [dir, port] = [await tempDir('hub'), await freePort()]
    const child = begin(
      process.execPath,
      [cli, 'start', '--json', '--data', dir, '--http-port', String(port), '--sftp-port', '0'],
      { env: { ...cleanEnv(), HUB_LOG_LEVEL: 'debug', ...env }, stdout },
    )
    onTestFinished(() => void child.kill('SIGKILL'))
    return { child, url: `http://127.0.0.1:${port}` }
  }
  test('standard output that is closed by its reader, or on a full device, costs lines only', async () => {
    const full = await open('/dev/full', 'w')
    const [closed, onFull] = await Promise.all([start('pipe'), start(full.fd)])
    await full.close()
    await firstLine(closed.child, (line) => (line.includes('"ready":true') ? true : undefined))
    closed.child.stdout!.destroy()
    for (const { child, url } of [closed, onFull]) {
      await until('it answers', async () => (await fetch(`${url}/healthz`)).ok)
      await until('lines are counted', async () => {
        // Each logs a line.
        child.kill('SIGHUP')
        return (await lost(url)) > 0
      })
      expect((await fetch(`${url}/healthz`)).status).toBe(200)
      child.kill('SIGTERM')
      expect(await ended(child)).toBe(0)
    }
  })
})

describe('a folder that cannot be used is one sentence', () => {
  const started = (dir: string, more: { uid?: number; env?: Record<string, string> } = {}) =>
    run(process.execPath, [cli, 'start', '--demo', '--data', dir, '--http-port', '0', '--sftp-port', '0'], {
      env: { ...cleanEnv(), ...more.env },
      ...(more.uid === undefined ? {} : { uid: more.uid }),
    })
  const sentence = ({ code, stderr }: { code: number | null; stderr: string }) => {
    expect([code, stderr.trim().split('\n')]).toEqual([
      1,
      [expect.stringMatching(/^hub: .*cannot be (used|written).*无法/)],
    ])
  }

  test('where none can be made, where a file is, and the same for a restore and a log file', async () => {
    const inNothing = { env: { HUB_LOG_FILE: '/dev/null/hub.log' } }
    const restore = ['restore', cli, '--data', '/proc/no-such-place/data', '--why', 'test']
    const tried = await Promise.all([
      started('/proc/no-such-place/data'),
      started('/dev/null/data'),
      started(await tempDir('hub'), inNothing),
      run(process.execPath, [cli, ...restore], { env: cleanEnv() }),
    ])
    tried.forEach(sentence)
  })

  test.runIf(process.getuid?.() === 0)('of another user', async (context) => {
    const readable = await run('/bin/sh', ['-c', `test -r ${cli}`], { uid: 65534 })
    context.skip(readable.code !== 0, 'another user cannot read this checkout')
    const tried = await started(await tempDir('hub'), { uid: 65534 })
    sentence(tried)
    expect(tried.stderr).toContain('belongs to user 0, and this process runs as user 65534')
  })
})
