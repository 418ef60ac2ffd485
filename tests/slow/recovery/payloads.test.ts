// Bytes of messages in an object store: nothing is accepted before they are there, nothing is sent without them, and
// nothing is lost when the store goes away.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import type { Receipt } from '../../../messages/receipt.js'
import { cli, cleanEnv, root, startHub } from '../../support/hub.js'
import { freePort, ownAgency, ownRedis } from '../../support/neighbours.js'
import { freshOrder } from '../../support/orders.js'
import { ownObjectStore } from '../../support/object-store.js'
import { run } from '../../support/process.js'
import { tempDir } from '../../support/temp.js'
import { until } from '../../support/until.js'

const approved = (receipts: Receipt[]) => receipts.some((r) => r.status === 'approved')

test('while the object store is away nothing is accepted or sent; then each goes once (promises 1–3)', async () => {
  const store = await ownObjectStore()
  const httpPort = await freePort()
  const redis = await ownRedis()
  const agency = await ownAgency({ hubPort: httpPort })
  const dataDir = await tempDir('hub')
  const start = (env = store.env) =>
    startHub({ dataDir, config: agency.config, httpPort, env: { ...agency.env, REDIS_URL: redis.url, ...env } })
  const hub = await start()
  const bytes = freshOrder()
  const [taken] = (await hub.send(bytes)).receipts
  await hub.receiptsOf(taken!.messageId, approved)
  const content = async (id: string) => Buffer.from(await (await hub.get(`/v1/messages/${id}/content`)).arrayBuffer())
  expect((await content(taken!.messageId)).equals(bytes)).toBe(true)
  const [object] = await store.objects()
  expect((await readFile(store.file(object!))).equals(bytes)).toBe(true)
  expect(await store.objects()).toHaveLength(1)
  // The same bytes again are the same message, and the same object.
  expect((await hub.send(bytes)).status).toBe(200)
  expect(await store.objects()).toHaveLength(1)

  // What waits while the store is away is not sent, and what comes is not accepted.
  await hub.ops('/ops/agencies/gacc/pause', { why: 'so that one waits' })
  const [waiting] = (await hub.send(freshOrder())).receipts
  await store.stop()
  const refused = await hub.send(freshOrder())
  expect([refused.status, refused.body.code]).toEqual([503, 'HUB_PAYLOADS_UNAVAILABLE'])
  expect(refused.headers.get('retry-after')).toBe('5')
  await until('it to say that it is not ready', async () => (await hub.get('/readyz')).status === 503, 15_000)
  expect((await hub.get(`/v1/messages/${waiting!.messageId}/content`)).status).toBe(503)
  await hub.ops('/ops/agencies/gacc/resume', { why: 'the store is away' })
  await until('a claim that fails', async () =>
    (await hub.log()).some((line) => JSON.stringify(line).includes('HUB_PAYLOADS_UNAVAILABLE')),
  )
  expect((await agency.taken()).map(({ times }) => times)).toEqual([1])
  await store.start()
  await hub.receiptsOf(waiting!.messageId, approved)
  await until('readiness', async () => (await hub.get('/readyz')).ok, 15_000)

  // An orphan of long ago goes with the next walk; what a message needs stays.
  const orphan = `2020-01-01/${'a'.repeat(64)}`
  await mkdir(dirname(store.file(orphan)), { recursive: true })
  const like = store.file((await store.objects())[0]!)
  for (const end of ['_object', '_metadata.json', '_object.md5'])
    await writeFile(
      store.file(orphan).replace(/_object$/, end),
      await readFile(like.replace(/_object$/, end)).catch(() => Buffer.from('{}')),
    )
  expect(await store.objects()).toContain(orphan)
  await hub.ops('/ops/retention/walk', { why: 'swept' })
  await until('the orphan swept', async () => !(await store.objects()).includes(orphan))
  expect((await content(taken!.messageId)).equals(bytes)).toBe(true)
  await hub.stop()

  // `hub doctor --deep` reads the store too, and names what is missing or changed.
  const doctor = () =>
    run(process.execPath, [cli, 'doctor', '--deep', '--json', '--ledger', join(dataDir, 'ledger.db')], {
      env: { ...cleanEnv(), ...store.env, ...agency.env, HUB_DATA: dataDir },
    })
  expect((await doctor()).stdout).toContain('each as it came')
  await writeFile(store.file(object!), 'other bytes')
  expect((await doctor()).stdout).toContain(`message ${taken!.messageId}`)
  await rm(store.file(object!))
  expect((await doctor()).stdout).toContain(`message ${taken!.messageId}`)

  // Without its store a hub does not start on it.
  const without = await run(
    process.execPath,
    [cli, 'start', '--data', dataDir, '--http-port', '0', '--sftp-port', '0'],
    { env: { ...cleanEnv(), ...agency.env }, cwd: root },
  )
  expect([without.code, without.stderr]).toEqual([1, expect.stringContaining('HUB_PAYLOADS') as string])
})

test('a hub that is told of an object store without its keys does not start, and says which', async () => {
  const { code, stderr } = await run(process.execPath, [cli, 'start', '--data', await tempDir('hub')], {
    env: { ...cleanEnv(), HUB_PAYLOADS: 's3://hub', HUB_PAYLOADS_KEY_ID_FILE: '/nowhere' },
    cwd: root,
  })
  expect([code, stderr]).toEqual([1, expect.stringContaining('HUB_PAYLOADS_SECRET_FILE') as string])
  expect(stderr).toContain('HUB_PAYLOADS_KEY_ID')
})
