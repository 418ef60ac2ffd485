// A newcomer's first minutes, exactly as the README tells them: clone, `npm start`, send by curl, by OpenSSH sftp and
// by the command line, read every receipt; Ctrl-C; kill -9; start again.
import { execFile } from 'node:child_process'
import { cp, link, mkdir, readFile, readdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import type { Receipt } from '../../messages/receipt.js'
import { cleanEnv, root } from '../support/hub.js'
import { freePort } from '../support/neighbours.js'
import { alive, begin, ended, firstLine, run } from '../support/process.js'
import { tempDir } from '../support/temp.js'
import { until } from '../support/until.js'

/** What git would hand out, with the packages already in place (linking them saves minutes of compiling). */
async function freshClone(): Promise<string> {
  // A blank and Chinese in the path: every line of the block must work there too.
  const dir = join(await tempDir('clone'), 'hub 中心')
  const { stdout } = await promisify(execFile)(
    'git',
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard'],
    { cwd: root, maxBuffer: 1 << 26 },
  )
  for (const file of stdout.split('\0').filter((f) => f !== '' && !f.startsWith('tests/'))) {
    await mkdir(dirname(join(dir, file)), { recursive: true })
    await cp(join(root, file), join(dir, file)).catch((error: NodeJS.ErrnoException) => {
      // Deleted in the working tree but not committed yet.
      if (error.code !== 'ENOENT') throw error
    })
  }
  await linkTree(join(root, 'node_modules'), join(dir, 'node_modules'))
  return dir
}

async function linkTree(from: string, to: string): Promise<void> {
  const copied = await run('cp', ['-al', from, to])
  if (copied.code === 0) return
  // Another file system, or no such cp: file by file.
  await mkdir(to, { recursive: true })
  for (const entry of await readdir(from, { withFileTypes: true })) {
    if (entry.isDirectory()) await linkTree(join(from, entry.name), join(to, entry.name))
    else
      await link(join(from, entry.name), join(to, entry.name)).catch(() =>
        cp(join(from, entry.name), join(to, entry.name), { verbatimSymlinks: true }),
      )
  }
}

interface Started {
  child: ReturnType<typeof begin>
  env: Record<string, string>
  printed: () => string
}

async function npmStart(dir: string, http: number, sftp: number): Promise<Started> {
  const child = begin('npm', ['start'], {
    cwd: dir,
    env: { ...cleanEnv(), HUB_HTTP_PORT: String(http), HUB_SFTP_PORT: String(sftp) },
  })
  let printed = ''
  child.stdout!.on('data', (chunk) => (printed += String(chunk)))
  await firstLine(child, (line) => (line.includes('Ctrl-C stops it') ? true : undefined), 240_000)
  const lines = (await readFile(join(dir, 'data/demo.env'), 'utf8')).trim().split('\n')
  return {
    child,
    env: Object.fromEntries(
      lines.flatMap((line) => {
        const [, name, value] = /^(\w+)='(.*)'$/.exec(line) ?? []
        return name === undefined ? [] : [[name, value] as [string, string]]
      }),
    ),
    printed: () => printed,
  }
}

/** A line of the printed block, run by a shell after `source data/demo.env`, as a newcomer would paste it. */
const shell = (dir: string, command: string) =>
  run('bash', ['-c', `set -e; source data/demo.env; ${command}`], { cwd: dir, env: cleanEnv() })

async function descendants(pid: number): Promise<number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-e', '-o', 'pid=,ppid='])
  const pairs = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number) as [number, number])
  const below = (parent: number): number[] =>
    pairs.filter(([, ppid]) => ppid === parent).flatMap(([child]) => [child, ...below(child)])
  return below(pid)
}

test('npm start on a fresh clone takes declarations by curl, sftp and hub send', async () => {
  const dir = await freshClone()
  const [http, sftp] = [await freePort(), await freePort()]
  const started = await npmStart(dir, http, sftp)
  try {
    expect(started.env.HUB_URL).toBe(`http://127.0.0.1:${http}`)
    expect((await stat(join(dir, 'data/demo.env'))).mode & 0o777).toBe(0o600)

    // The lines of the block, copied as they are printed.
    const block = started.printed()
    expect(block).toContain(`${started.env.HUB_URL}/monitor`)
    const root = await fetch(`${started.env.HUB_URL}/`, { headers: { accept: 'text/html' }, redirect: 'manual' })
    expect([root.status, root.headers.get('location')]).toEqual([302, '/monitor'])
    // What is sourced reaches the programs a script starts, also from another folder.
    const child = await run(
      'bash',
      ['-c', `source "$1/data/demo.env"; cd /; node "$1/dist/hub/cli/main.js" status`, '-', dir],
      {
        env: cleanEnv(),
      },
    )
    expect(child.code, child.stderr).toBe(0)
    const curl = /^ {4}(curl [\s\S]*?\/v1\/messages)$/m.exec(block)![1]!
    const sent = await shell(dir, curl)
    expect(sent.code, sent.stderr).toBe(0)
    const { receipts } = JSON.parse(sent.stdout) as { receipts: Receipt[] }
    expect(receipts[0]).toMatchObject({ status: 'accepted', operation: '10.1.3.1.1' })
    const mailbox = await shell(dir, /^ {4}(curl .*\/v1\/receipts\?wait=10")$/m.exec(block)![1]!)
    expect((JSON.parse(mailbox.stdout) as { receipts: Receipt[] }).receipts[0]).toMatchObject({
      stage: 'business',
      messageId: receipts[0]!.messageId,
    })

    const hubSend = await shell(dir, /^ {4}(node .* send .* --wait)$/m.exec(block)![1]!)
    expect(hubSend.code, hubSend.stderr).toBe(0)
    expect(hubSend.stdout).toContain('RELEASED')

    const [drop, look] = [...block.matchAll(/^ {4}(echo '[\s\S]*?\$HUB_SFTP_USER@\$HUB_SFTP_HOST)$/gm)].map(
      (m) => m[1]!,
    )
    const put = await shell(dir, drop!)
    expect(put.code, put.stderr).toBe(0)
    await until('the receipts in InBox', async () => /Successed_MT1101[\s\S]*/.test((await shell(dir, look!)).stdout))
    await until('the business receipt in InBox', async () => (await shell(dir, look!)).stdout.includes('Receipt_'))

    // Every command teaches.
    for (const command of [
      '',
      'send',
      'receipts',
      'validate',
      'status',
      'simulate',
      'partner',
      'partner add',
      'schema list',
      'schema check',
      'doctor',
      'catalogue',
    ]) {
      const help = await shell(dir, `node dist/hub/cli/main.js ${command} --help`)
      expect(help.code, command).toBe(0)
      expect(help.stdout, command).toContain('Usage: hub')
    }
    const doctor = await shell(dir, 'node dist/hub/cli/main.js doctor --json')
    expect(doctor.code, doctor.stdout).toBe(0)
    const wrong = await shell(dir, 'node dist/hub/cli/main.js send README.md; true')
    expect(wrong.stdout + wrong.stderr).toContain('HUB_SYNTAX_UNKNOWN')

    // A second hub on the same ports, or on the same folder, is told so.
    const second = await run('npm', ['start'], {
      cwd: dir,
      env: { ...cleanEnv(), HUB_DATA: join(dir, 'data2'), HUB_HTTP_PORT: String(http), HUB_SFTP_PORT: '0' },
    })
    expect(second.code).not.toBe(0)
    expect(second.stderr).toContain(`port ${http} is taken`)
    const sameData = await run('npm', ['start'], {
      cwd: dir,
      env: { ...cleanEnv(), HUB_HTTP_PORT: '0', HUB_SFTP_PORT: '0' },
    })
    expect(sameData.code).not.toBe(0)
    expect(sameData.stderr).toMatch(/another hub|in use/)

    // kill -9 of the hub alone: nothing it started outlives it.
    const family = await descendants(started.child.pid!)
    expect(family.length).toBeGreaterThan(2)
    process.kill(await hubProcess(family), 'SIGKILL')
    await ended(started.child)
    await until('every child to be gone', () => family.every((pid) => !alive(pid)))

    // A second start on the same folder finds everything again, keys too.
    const again = await npmStart(dir, http, sftp)
    try {
      expect(again.env.HUB_KEY).toBe(started.env.HUB_KEY)
      const found = await shell(dir, `node dist/hub/cli/main.js receipts --message ${receipts[0]!.messageId} --json`)
      expect((JSON.parse(found.stdout) as { receipts: Receipt[] }).receipts.map((r) => r.status)).toContain('released')
      const repeat = await shell(dir, curl)
      expect((JSON.parse(repeat.stdout) as { receipts: Receipt[] }).receipts[0]!.receiptId).toBe(receipts[0]!.receiptId)

      // Ctrl-C reaches the whole foreground group; the hub drains, and no process is left.
      const below = await descendants(again.child.pid!)
      const runners = below.filter((pid) => pid !== again.child.pid)
      const hub = await hubProcess(below)
      process.kill(hub, 'SIGINT')
      await ended(again.child)
      await until('no process to be left', () => runners.every((pid) => !alive(pid)))
    } finally {
      again.child.kill('SIGKILL')
    }
  } finally {
    started.child.kill('SIGKILL')
  }
})

async function hubProcess(pids: number[]): Promise<number> {
  const { stdout } = await promisify(execFile)('ps', ['-e', '-o', 'pid=,args='])
  const line = stdout
    .split('\n')
    .find(
      (l) => pids.includes(Number(l.trim().split(' ')[0])) && /node setup\.mjs start/.test(l) && !/^\s*\d+ sh /.test(l),
    )
  return Number(line!.trim().split(' ')[0])
}
