// Ledger, log and mailboxes on one disk that is full: messages are turned away, the hub answers all the while, and ends
// when it is told to. Needs a file system of its own: Linux, where a user may mount one in a namespace of his own.
import { spawnSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { cleanEnv, cli, sample } from '../../support/hub.js'
import { freePort } from '../../support/neighbours.js'
import { begin, ended } from '../../support/process.js'
import { tempDir } from '../../support/temp.js'
import { until } from '../../support/until.js'

const mayMount = spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', '/mnt']).status === 0

/** An order of its own, with so many characters that do not compress well. */
function order(padding: number): Buffer {
  const noise = Array.from({ length: Math.ceil(padding / 8) }, () => Math.random().toString(36).slice(2, 10)).join('')
  return Buffer.from(
    sample('ceb/CEB311Message.xml')
      .toString()
      .replace(/[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}/g, () => crypto.randomUUID().toUpperCase())
      .replace(/<((?:ceb:)?orderNo)>[^<]*</, (_, name) => `<${name}>${crypto.randomUUID().slice(0, 18)}<`)
      .replace(/(<\/[^>]+>)\s*$/, `<!--${noise}-->$1`),
  )
}

test.runIf(mayMount)(
  'a full disk under ledger and log costs what comes meanwhile, and SIGTERM ends the hub',
  async () => {
    const [dir, settings, port] = [await tempDir('full'), await tempDir('config'), await freePort()]
    // No reserve: the disk itself is the limit.
    await writeFile(join(settings, 'hub.yaml'), 'minFreeMegabytes: 0\n')
    const start = `exec ${process.execPath} ${cli} start --demo --json --data ${dir} --http-port ${port} --sftp-port 0`
    const mounted = `mount -t tmpfs -o size=40m tmpfs ${dir} && ${start}`
    const child = begin('unshare', ['-rm', '/bin/sh', '-c', mounted], {
      env: { ...cleanEnv(), HUB_LOG_LEVEL: 'debug', HUB_CONFIG: join(settings, 'hub.yaml') },
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    const url = `http://127.0.0.1:${port}`
    // Seen through the process: the disk is its own.
    const demoEnv = join('/proc', String(child.pid), 'root', dir, 'demo.env')
    await until('it runs', async () => (await fetch(`${url}/healthz`)).ok, 60_000)
    const key = /HUB_KEY='?([^'\n]*)/.exec(await until('its keys', () => readFile(demoEnv, 'utf8')))![1]!
    const send = async () => {
      const { status } = await fetch(`${url}/v1/messages`, {
        method: 'POST',
        body: new Uint8Array(order(600_000)),
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/xml' },
        signal: AbortSignal.timeout(20_000),
      })
      return status
    }
    const statuses: number[] = []
    const refused = () => statuses.filter((status) => status === 503).length
    while (statuses.length < 400 && refused() < 30) statuses.push(await send())
    expect([...new Set(statuses)].sort()).toEqual([202, 503])
    expect(refused()).toBe(30)
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
    expect(await (await fetch(`${url}/metrics`)).text()).toMatch(/^hub_log_lines_lost_total [1-9]\d*$/m)
    child.kill('SIGTERM')
    expect(await ended(child)).toBe(0)
  },
)
