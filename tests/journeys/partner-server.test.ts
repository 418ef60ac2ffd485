// The hub fetches from a partner's own SFTP server, a real OpenSSH one, and brings every receipt back there.
import { mkdir, readFile, readdir, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { sample, samplePath, startHub } from '../support/hub.js'
import { openSsh } from '../support/openssh.js'
import { freshOrder } from '../support/orders.js'
import { tempDir } from '../support/temp.js'
import { until } from '../support/until.js'

const boxes = ['OutBox', 'SentBox', 'InBox', 'FailBox'] as const

/** A partner with a server of its own, the hub's partner `port` that may send manifests. */
async function partnerServer() {
  const [server, home] = [await openSsh(), await tempDir('partner')]
  for (const box of boxes) await mkdir(join(home, box))
  const { port, user: username, keyFile, hostKey } = server
  const partner = {
    partnerId: 'port',
    name: '测试港口有限公司',
    settings: {
      rights: ['2'],
      poll: { host: '127.0.0.1', port, username, keyFile, hostKey, directory: home, everySeconds: 1 },
    },
  }
  return {
    partner,
    /** The folder with its key is one that partners' settings may name. */
    partnerSecrets: { folder: dirname(keyFile) },
    in: (box: (typeof boxes)[number]) => readdir(join(home, box)),
    at: (box: (typeof boxes)[number], name: string) => join(home, box, name),
  }
}

test('files on the partner’s server are fetched, answered there, and end with their receipts', async () => {
  const server = await partnerServer()
  const hub = await startHub({ config: { partnerSecrets: server.partnerSecrets } })
  await hub.ops('/ops/partners', server.partner)
  await writeFile(server.at('OutBox', 'manifest.xml.tmp'), sample('manifest/MT2101-9.xml'))
  await rename(server.at('OutBox', 'manifest.xml.tmp'), server.at('OutBox', 'manifest.xml'))
  await writeFile(server.at('OutBox', 'order.xml'), sample('ceb/CEB311Message.xml'))
  const inBox = await until(
    'the business receipt',
    async () => {
      const names = await server.in('InBox')
      return names.some((n) => n.startsWith('Receipt_')) && names.some((n) => n.startsWith('Failed_')) && names
    },
    30_000,
  )
  expect(inBox.filter((n) => /^Successed_manifest_\d{21}\.xml$/.test(n))).toHaveLength(1)
  expect(await server.in('OutBox')).toEqual([])
  expect(await server.in('SentBox')).toEqual(['manifest.xml'])
  // The port may send manifests only; what else it sends is refused, with the reason.
  expect((await server.in('FailBox')).sort()).toEqual(['order.xml', 'order.xml.receipt.xml'])
  expect(await readFile(server.at('FailBox', 'order.xml.receipt.xml'), 'utf8')).toContain('HUB_OPERATION_FORBIDDEN')
  const business = inBox.find((n) => n.startsWith('Receipt_'))!
  expect(await readFile(server.at('InBox', business), 'utf8')).toContain('<DocumentType>MT2101</DocumentType>')
  const { taken } = await hub.simulator<{ taken: { times: number }[] }>('GET', '/taken')
  expect(taken.map((t) => t.times)).toEqual([1])
})

test('a hub with doors alone takes and sends nothing; one with workers alone sends it (promise 1)', async () => {
  const server = await partnerServer()
  const doors = await startHub({
    config: { partnerSecrets: server.partnerSecrets },
    env: { HUB_ROLES: 'doors' },
  })
  await doors.ops('/ops/partners', server.partner)
  await writeFile(server.at('OutBox', 'first.xml'), sample('manifest/MT2101-9.xml'))
  const order = (await doors.send(freshOrder())).receipts[0]!
  // The partner has its receipt, over its own server too. The agency has nothing.
  await until(
    'the technical receipt',
    async () => (await server.in('InBox')).some((name) => name.startsWith('Successed_first')),
    30_000,
  )
  const standing = await doors.ops<{ agencies: { agency: string; open: boolean }[] }>('/ops/agencies')
  expect(standing.agencies.filter(({ open }) => open)).toEqual([])
  expect(await doors.state(order.messageId)).toBe('accepted')
  expect((await doors.simulator<{ taken: unknown[] }>('GET', '/taken')).taken).toEqual([])
  await doors.stop()

  const workers = await startHub({ dataDir: doors.dataDir, env: { HUB_ROLES: 'workers' } })
  await writeFile(server.at('OutBox', 'second.xml'), sample('manifest/MT1101-9.xml'))
  await workers.receiptsOf(order.messageId, (got) => got.some(({ stage }) => stage === 'business'))
  await until(
    'the business receipt on the partner’s server',
    async () => (await server.in('InBox')).some((name) => name.startsWith('Receipt_')),
    30_000,
  )
  const turned = await workers.send(freshOrder())
  expect([turned.status, turned.body.code, turned.headers.get('retry-after')]).toEqual([503, 'HUB_DRAINING', '60'])
  expect((await workers.sftp(`put ${samplePath('ceb/CEB311Message-minimal.xml')} OutBox/later.xml`)).code).not.toBe(0)
  // Partners' servers are looked at by who takes: the file waits there for one that has doors.
  expect(await server.in('OutBox')).toEqual(['second.xml'])
  // Whoever looks is told.
  expect((await workers.cli('status')).stdout).toContain('accepts no new messages')
  const ready = await workers.get('/readyz')
  expect([ready.status, ((await ready.json()) as { status: string }).status]).toEqual([200, 'degraded'])
  await workers.stop()

  const both = await startHub({ dataDir: doors.dataDir })
  await until('the file that stayed is taken', async () => (await server.in('SentBox')).includes('second.xml'), 30_000)
  await until(
    'all is sent',
    async () => (await both.simulator<{ taken: { times: number }[] }>('GET', '/taken')).taken.length === 3,
  )
  expect(
    (await both.simulator<{ taken: { times: number }[] }>('GET', '/taken')).taken.map(({ times }) => times),
  ).toEqual([1, 1, 1])
})
