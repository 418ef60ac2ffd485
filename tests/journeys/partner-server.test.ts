// The hub fetches from a partner's own SFTP server, a real OpenSSH one, and brings every receipt back there.
import { mkdir, readFile, readdir, rename, writeFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { sample, startHub } from '../support/hub.js'
import { freePort } from '../support/neighbours.js'
import { begin, ended, run } from '../support/process.js'
import { tempDir } from '../support/temp.js'
import { until } from '../support/until.js'

async function partnerServer(): Promise<{ port: number; home: string; keyFile: string; hostKey: string }> {
  const dir = await tempDir('partner')
  const port = await freePort()
  for (const key of ['host', 'client']) expect((await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(dir, key)])).code).toBe(0)
  const settings = [`Port ${port}`, 'ListenAddress 127.0.0.1', `HostKey ${dir}/host`, `AuthorizedKeysFile ${dir}/client.pub`, 'StrictModes no', 'PermitRootLogin yes', 'PasswordAuthentication no', 'KbdInteractiveAuthentication no', 'UsePAM no', 'PidFile none', 'UseDNS no', 'Subsystem sftp internal-sftp', 'ForceCommand internal-sftp']
  await writeFile(join(dir, 'sshd_config'), settings.join('\n'))
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true })
  const sshd = begin('/usr/sbin/sshd', ['-D', '-e', '-f', join(dir, 'sshd_config')])
  onTestFinished(async () => {
    sshd.kill()
    await ended(sshd)
  })
  const home = join(dir, 'files')
  for (const box of ['OutBox', 'SentBox', 'InBox', 'FailBox']) await mkdir(join(home, box), { recursive: true })
  const { stdout } = await run('ssh-keygen', ['-lf', join(dir, 'host.pub')])
  return { port, home, keyFile: join(dir, 'client'), hostKey: stdout.split(' ')[1]! }
}

test('files put on the partner’s server are fetched, answered there, and end with their business receipts', async () => {
  const server = await partnerServer()
  const hub = await startHub()
  await hub.ops('/ops/partners', {
    partnerId: 'port', name: '测试港口有限公司',
    settings: { rights: ['2'], poll: { host: '127.0.0.1', port: server.port, username: userInfo().username, keyFile: server.keyFile, hostKey: server.hostKey, directory: server.home, everySeconds: 1 } },
  })
  const outBox = join(server.home, 'OutBox')
  await writeFile(join(outBox, 'manifest.xml.tmp'), sample('manifest/MT2101-9.xml'))
  await rename(join(outBox, 'manifest.xml.tmp'), join(outBox, 'manifest.xml'))
  await writeFile(join(outBox, 'order.xml'), sample('ceb/CEB311Message.xml'))
  const inBox = await until('the business receipt', async () => {
    const names = await readdir(join(server.home, 'InBox'))
    return names.some((n) => n.startsWith('Receipt_')) && names.some((n) => n.startsWith('Failed_')) && names
  }, 30_000)
  expect(inBox.filter((n) => /^Successed_manifest_\d{21}\.xml$/.test(n))).toHaveLength(1)
  expect(await readdir(outBox)).toEqual([])
  expect(await readdir(join(server.home, 'SentBox'))).toEqual(['manifest.xml'])
  // The port may send manifests only; what else it sends is refused, with the reason.
  expect((await readdir(join(server.home, 'FailBox'))).sort()).toEqual(['order.xml', 'order.xml.receipt.xml'])
  expect(await readFile(join(server.home, 'FailBox/order.xml.receipt.xml'), 'utf8')).toContain('HUB_OPERATION_FORBIDDEN')
  const business = inBox.find((n) => n.startsWith('Receipt_'))!
  expect(await readFile(join(server.home, 'InBox', business), 'utf8')).toContain('<DocumentType>MT2101</DocumentType>')
  const { taken } = await hub.simulator<{ taken: { times: number }[] }>('GET', '/taken')
  expect(taken.map((t) => t.times)).toEqual([1])
}, 60_000)
