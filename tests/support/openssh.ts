// openssh — a real OpenSSH server with keys of its own, on a free port, for this user. It can be stopped and started
// again.
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { userInfo } from 'node:os'
import { onTestFinished } from 'vitest'
import { endsWithUs } from './ends-with-us.js'
import { freePort } from './neighbours.js'
import { ended } from './process.js'
import { tempDir } from './temp.js'
import { until } from './until.js'

export interface OpenSsh {
  port: number
  user: string
  keyFile: string
  /** `SHA256:…`, what the server shows. */
  hostKey: string
  start(): Promise<void>
  stop(signal?: NodeJS.Signals): Promise<void>
}

const answers = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, '127.0.0.1', () => (socket.destroy(), resolve(true)))
    socket.once('error', () => resolve(false))
  })

/** Since 9.8 OpenSSH lets nobody in for a while from where one was turned away; before, it knows no such option. */
function patient(): string[] {
  const [, major, minor] = /OpenSSH_(\d+)\.(\d+)/.exec(spawnSync('ssh', ['-V']).stderr.toString()) ?? []
  return Number(major) * 100 + Number(minor) < 908 ? [] : ['PerSourcePenalties no']
}

/** Gone when the test is over, with everyone logged in. */
export async function openSsh(): Promise<OpenSsh> {
  const server = await sshServer(await tempDir('sshd'))
  await server.start()
  onTestFinished(() => server.stop('SIGKILL'))
  return server
}

/** The same, to be started and stopped by the caller; `dir` holds its keys. */
export async function sshServer(dir: string): Promise<OpenSsh> {
  const port = await freePort()
  for (const key of ['host', 'client'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'test', '-f', join(dir, key)])
  await writeFile(join(dir, 'authorized'), await readFile(join(dir, 'client.pub')), { mode: 0o600 })
  const config = [
    'ListenAddress 127.0.0.1',
    `HostKey ${dir}/host`,
    `AuthorizedKeysFile ${dir}/authorized`,
    'StrictModes no',
    'PermitRootLogin yes',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'UsePAM no',
    'PidFile none',
    'Subsystem sftp internal-sftp',
    'ForceCommand internal-sftp',
    'LogLevel QUIET',
    'UseDNS no',
    // It turns nobody away because many come at once, or slowly.
    'MaxStartups 1000',
    'LoginGraceTime 0',
    ...patient(),
  ]
  await writeFile(join(dir, 'sshd_config'), config.join('\n'))
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true })
  let sshd: ChildProcess | undefined
  return {
    port,
    user: userInfo().username,
    keyFile: join(dir, 'client'),
    hostKey:
      execFileSync('ssh-keygen', ['-lf', join(dir, 'host.pub')])
        .toString()
        .split(' ')[1] ?? '',
    async start() {
      // Without pipes: its sessions would hold them open after it.
      sshd = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', join(dir, 'sshd_config'), '-p', String(port)], {
        stdio: 'ignore',
      })
      endsWithUs(sshd)
      await until('sshd to answer', () => answers(port))
    },
    async stop(signal = 'SIGTERM') {
      sshd?.kill(signal)
      if (sshd) await ended(sshd)
      sshd = undefined
    },
  }
}
