// Hubs that do one part of the work: the doors alone, or the workers alone.
import { writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { sample, samplePath, startHub } from '../support/hub.js'
import { freshOrder } from '../support/orders.js'
import { partnerServer } from '../support/partner-server.js'
import { until } from '../support/until.js'

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
