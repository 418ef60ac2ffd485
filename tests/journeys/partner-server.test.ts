// The hub fetches from a partner's own SFTP server, a real OpenSSH one, and brings every receipt back there.
import { readFile, rename, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { sample, startHub } from '../support/hub.js'
import { partnerServer } from '../support/partner-server.js'
import { until } from '../support/until.js'

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
