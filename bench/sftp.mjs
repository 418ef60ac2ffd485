// sftp — files put by eight sessions of OpenSSH's own client: into the hub, whose receipts come back meanwhile, and
// beside it into OpenSSH's sftp-server, which does nothing but store them (`npm run bench -- --only sftp`;
// `BENCH_SFTP` files, default 800). Left out where OpenSSH is not on the machine.
import { execFileSync, spawn } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { cpuSeconds } from './support/cpu.mjs'
import { startHub } from './support/hub.mjs'
import { freshSample } from './support/sample.mjs'

const sessions = 8
const sshd = '/usr/sbin/sshd'
const sftpServer = [
  '/usr/lib/openssh/sftp-server',
  '/usr/libexec/openssh/sftp-server',
  '/usr/lib/ssh/sftp-server',
].find((file) => existsSync(file))

export async function sftp() {
  if (!existsSync(sshd) || sftpServer === undefined) return undefined
  const files = Number(process.env.BENCH_SFTP ?? 800)
  const folder = mkdtempSync(join(tmpdir(), 'bench-sftp-'))
  try {
    const shares = Array.from({ length: sessions }, (_, s) => {
      const from = join(folder, `from-${s}`)
      mkdirSync(from)
      for (let i = s; i < files; i += sessions) writeFileSync(join(from, `CEB621_${i}.xml`), freshSample())
      return from
    })
    return { files, stored: await stored(folder, shares, files), hub: await taken(folder, shares, files) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

export function sftpTable(measured) {
  if (!measured) return ['SFTP: left out, for OpenSSH’s server is not on this machine']
  const { files, stored, hub } = measured
  return [
    `| ${files} files of 12 KB over SFTP, ${sessions} sessions of OpenSSH’s client | files/s | server’s CPU ` +
      `ms a file |`,
    '|---|---:|---:|',
    `| OpenSSH’s sftp-server, stored | ${stored.perSecond.toFixed(0)} | |`,
    `| the hub, accepted on disk, receipt in the InBox | ${hub.perSecond.toFixed(0)} | ${hub.cpuMs.toFixed(1)} |`,
    '',
    `OpenSSH’s ÷ the hub’s: ${(stored.perSecond / hub.perSecond).toFixed(2)}; receipts in the InBox when the ` +
      `last file was put: ${hub.receipts}`,
  ]
}

async function stored(folder, shares, files) {
  const keyFile = key(folder, 'user')
  const hostKey = key(folder, 'host')
  const to = join(folder, 'to')
  mkdirSync(to)
  writeFileSync(join(folder, 'authorized'), readFileSync(`${keyFile}.pub`))
  chmodSync(join(folder, 'authorized'), 0o600)
  const port = await freePort()
  const settings = [
    ['ListenAddress', `127.0.0.1:${port}`],
    ['HostKey', hostKey],
    ['AuthorizedKeysFile', join(folder, 'authorized')],
    ['StrictModes', 'no'],
    ['UsePAM', 'no'],
    ['PidFile', 'none'],
    ['PermitRootLogin', 'yes'],
    ['LogLevel', 'INFO'],
    ['MaxStartups', '100'],
    ['Subsystem', `sftp ${sftpServer}`],
  ]
  writeFileSync(join(folder, 'sshd_config'), settings.map((pair) => `${pair.join(' ')}\n`).join(''))
  mkdirSync('/run/sshd', { recursive: true })
  const server = spawn(sshd, ['-D', '-e', '-f', join(folder, 'sshd_config')], { stdio: ['ignore', 'ignore', 'pipe'] })
  try {
    await listening(server)
    const seconds = await put({ shares, port, user: userInfo().username, keyFile, to })
    const there = readdirSync(to).length
    if (there !== files) throw new Error(`OpenSSH stored ${there} of ${files} files`)
    return { perSecond: files / seconds }
  } finally {
    server.kill()
  }
}

async function taken(folder, shares, files) {
  const hub = await startHub({ HUB_ROLES: 'doors' })
  try {
    const before = cpuSeconds(hub.pid)
    const { port, user, keyFile } = hub.sftp
    const seconds = await put({ shares, port, user, keyFile, to: 'OutBox' })
    const cpuMs = ((cpuSeconds(hub.pid) - before) * 1000) / files
    const listing = sh(['-q', '-b', '-', ...options(port, keyFile), `${user}@127.0.0.1`], 'ls -1 InBox\n')
    const receipts = listing.split('\n').filter((line) => line.includes('.xml')).length
    if (receipts < files) throw new Error(`${receipts} receipts for ${files} files`)
    return { perSecond: files / seconds, cpuMs, receipts }
  } finally {
    await hub.stop()
  }
}

/** Seconds until all sessions have put all of theirs. */
async function put({ shares, port, user, keyFile, to }) {
  const begun = performance.now()
  await Promise.all(
    shares.map(
      (from) =>
        new Promise((/** @type {(value?: undefined) => void} */ resolve, reject) => {
          const client = spawn('sftp', ['-q', '-b', '-', ...options(port, keyFile), `${user}@127.0.0.1`], {
            stdio: ['pipe', 'ignore', 'pipe'],
          })
          let said = ''
          client.stderr.on('data', (chunk) => (said += chunk))
          client.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`sftp ended with ${code}: ${said}`))))
          client.stdin.end(
            readdirSync(from)
              .map((name) => `put ${join(from, name)} ${to}/${name}\n`)
              .join(''),
          )
        }),
    ),
  )
  return (performance.now() - begun) / 1000
}

const options = (port, keyFile) => [
  ...['-P', String(port), '-i', keyFile, '-F', '/dev/null', '-o', 'IdentitiesOnly=yes'],
  ...['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'LogLevel=ERROR'],
]

function sh(args, input) {
  return execFileSync('sftp', args, { input, encoding: 'utf8', maxBuffer: 1 << 26 })
}

function key(folder, name) {
  const file = join(folder, name)
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file])
  return file
}

function listening(server) {
  return new Promise((/** @type {(value?: undefined) => void} */ resolve, reject) => {
    let said = ''
    server.stderr.on('data', (chunk) => {
      said += chunk
      if (said.includes('Server listening')) resolve()
    })
    server.on('close', () => reject(new Error(`sshd ended: ${said}`)))
  })
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
      server.close(() => resolve(port))
    })
  })
}
