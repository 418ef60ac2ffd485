// A customs declaration goes to the agency through the Single Window client's import folders, and everything the client
// answers comes back to the partner. The client is a process of its own. (promises 2, 3 and 5.)
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { stringify } from 'yaml'
import type { Receipt } from '../../messages/receipt.js'
import { sample, startHub } from '../support/hub.js'
import { importClient } from '../support/import-client.js'
import { sharedHub } from '../support/shared-hub.js'
import { tempDir } from '../support/temp.js'
import { until } from '../support/until.js'

const declaration = () => sample('dec/DecMessage.xml')
const another = (seq: string) =>
  Buffer.from(
    declaration()
      .toString()
      .replace(/<ClientSeqNo>[^<]*</, `<ClientSeqNo>${seq}<`),
  )

const configOf = (root: string, policy: object) => ({
  agencies: {
    gacc: { connector: 'folder', root, pollSeconds: 0.1, settleSeconds: 0.1, retrySeconds: [0.3], ...policy },
  },
})
async function clientAt() {
  const root = await tempDir('imp')
  const client = await importClient('--root', root, '--folders', 'Deccus001')
  return { root, client, box: (name: string) => join(root, 'Deccus001', name) }
}
async function hubWithClient(policy: object = {}) {
  const at = await clientAt()
  return { ...at, hub: await startHub({ config: configOf(at.root, policy) }) }
}
/** One hub for tests that differ in their client alone: hub.yaml names another while it runs. */
let ofFile: ReturnType<typeof sharedHub> | undefined
afterAll(async () => (await ofFile)?.remove())
async function sharedHubWithClient(policy: object = {}) {
  const at = await clientAt()
  const config = configOf(at.root, policy)
  if (ofFile === undefined) return { ...at, hub: (await (ofFile = sharedHub({ config }))).hub }
  const { hub } = await ofFile
  await writeFile(join(hub.dataDir, 'hub.yaml'), stringify(config))
  await hub.ops('/ops/config/reload', { why: '测试' })
  return { ...at, hub }
}

test('a declaration is imported by the client once, its receipts come in order (promises 2, 3, 5)', async () => {
  const { client, hub, box, root } = await sharedHubWithClient()
  const { status, receipts } = await hub.send(declaration())
  expect(status).toBe(202)
  const all = await hub.receiptsOf(receipts[0]!.messageId, (got) => got.some((r) => r.status === 'released'))
  const business = all.filter((r) => r.stage === 'business')
  expect(business[0]).toMatchObject({ status: 'submitted', code: '0', agency: 'gacc' })
  expect(business[0]!.body?.content).toContain('DecImportResponse')
  expect(await client.all()).toMatchObject([{ times: 1 }])
  await until('an empty InBox', async () => (await readdir(box('InBox'))).length === 0)
  expect(await readdir(box('OutBox'))).toEqual([])

  // Declarations filed elsewhere that the company has subscribed to come into a folder of their own (报关单数据订阅推送).
  await hub.ops('/ops/partners/demo/subscriptions', { operation: '18.2.1.1.3' })
  const decsub = join(root, 'Decsub', 'InBox')
  await mkdir(decsub, { recursive: true })
  await writeFile(join(decsub, '900020260000000077.xml'), another('PUSHED0001'))
  const notice = await until('the pushed declaration', async () =>
    (await hub.read<{ receipts: Receipt[] }>('/v1/receipts')).receipts.find((r) => r.stage === 'notice'),
  )
  expect(notice).toMatchObject({ operation: '18.2.1.1.3', documentType: 'DecMessage', agency: 'gacc' })
  await until('the file to be taken away', async () => (await readdir(decsub)).length === 0)
})

test('what the client cannot import is reported in its own words; the corrected one goes through', async () => {
  const { client, hub } = await sharedHubWithClient()
  await client.behave({ refuse: '企业内部编号重复' })
  const { receipts } = await hub.send(another('REFUSED001'))
  const all = await hub.receiptsOf(receipts[0]!.messageId, (got) => got.some((r) => r.status === 'rejected'))
  expect(all.at(-1)).toMatchObject({ text: { zh: '企业内部编号重复' }, status: 'rejected' })
  expect(await hub.state(receipts[0]!.messageId)).toBe('rejected')
  await client.behave({})
  const mended = await hub.send(another('MENDED0001'))
  await hub.receiptsOf(mended.receipts[0]!.messageId, (got) => got.some((r) => r.status === 'released'))
})

test('a hub killed as it hands over looks, and the client gets the file once (promises 2, 3, 7)', async () => {
  const { client, hub, root, box } = await hubWithClient({ deadlineSeconds: 1 })
  await client.behave({ hang: true })
  const sent = []
  for (let n = 0; n < 20; n++) sent.push(hub.send(another(`KILL${String(n).padStart(6, '0')}`)))
  const messages = (await Promise.all(sent)).map(({ receipts }) => receipts[0]!.messageId)
  await until('the first file', async () => (await readdir(box('OutBox'))).length > 0)
  await hub.stop('SIGKILL')
  await mkdir(box('OutBox'), { recursive: true })
  await client.behave({})
  const again = await startHub({ dataDir: hub.dataDir, config: configOf(root, { deadlineSeconds: 1 }) })
  for (const messageId of messages)
    await again.receiptsOf(messageId, (got) => got.some((r) => r.status === 'released'), 60_000)
  const taken = await client.all()
  expect(taken).toHaveLength(messages.length)
  expect(taken.map((one) => one.times)).toEqual(messages.map(() => 1))
})

test('a client that hangs is reported to the ops team, and the rest waits until it goes on', async () => {
  const { client, hub, box } = await sharedHubWithClient({ stuckMinutes: 0.02 })
  const metric = async (name: string) =>
    Number(
      new RegExp(`^hub_connector_${name}\\{agency="gacc"\\} (.*)$`, 'm').exec(
        await (await hub.get('/metrics', { key: hub.env.HUB_OPS_KEY! })).text(),
      )?.[1],
    )
  await client.behave({ hang: true })
  const first = await hub.send(another('HANGING001'))
  await until(
    'the file to be too old',
    async () => (await metric('oldest_file_seconds')) >= (await metric('limit_seconds')),
  )
  expect([await metric('limit_seconds'), await metric('files_waiting')]).toEqual([1.2, 1])
  await until('the agency to be called stuck', async () => (await metric('up')) === 0)
  expect((await hub.cli('agency', 'show', 'gacc')).stdout).toContain('has not been fetched')
  const second = await hub.send(another('WAITING001'))
  await until('a try that was held back', async () => (await hub.log()).some(({ code }) => code === 'HUB_AGENCY_BUSY'))
  expect(await readdir(box('OutBox'))).toHaveLength(1)
  await client.behave({})
  for (const { receipts } of [first, second])
    await hub.receiptsOf(receipts[0]!.messageId, (got) => got.some((r) => r.status === 'released'))
  await until('it to be well', async () => (await metric('up')) === 1 && (await metric('files_waiting')) === 0)
})
