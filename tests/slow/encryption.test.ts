// Encryption at rest: whoever has the data folder, a backup or the archive has nothing of what partners and agencies
// wrote; and the hub works as before. Without its key, or with another one, it does not start and says why.
import { randomBytes } from 'node:crypto'
import { chmod, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { clock } from '../support/clock.js'
import { startHub, type RunningHub } from '../support/hub.js'
import { startFleet } from '../support/fleet.js'
import { freshOrder } from '../support/orders.js'
import { startPostgres, withoutPostgres } from '../support/postgres.js'
import { tempDir } from '../support/temp.js'
import { until } from '../support/until.js'

const key = () => `${randomBytes(32).toString('base64')}\n`

async function keyFile(content: string): Promise<string> {
  const file = join(await tempDir('key'), 'master.key')
  await writeFile(file, content, { mode: 0o600 })
  return file
}

/** Every file below, as it is and unpacked. */
async function allBytes(dir: string): Promise<{ file: string; bytes: Buffer }[]> {
  const found: { file: string; bytes: Buffer }[] = []
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
    // The simulated agency's own book: another house.
    if (!entry.isFile() || entry.name.startsWith('simulator')) continue
    const file = join(entry.parentPath, entry.name)
    const bytes = await readFile(file)
    found.push({ file, bytes })
    if (file.endsWith('.gz')) found.push({ file, bytes: gunzipSync(bytes) })
  }
  return found
}

async function filesWith(dir: string, planted: readonly string[]): Promise<string[]> {
  const found = await allBytes(dir)
  return found.flatMap(({ file, bytes }) =>
    planted.flatMap((text) => {
      const forms = [text, Buffer.from(text).toString('base64').slice(2, -4), Buffer.from(text).toString('hex')]
      return forms.some((form) => bytes.includes(form)) ? [`${file}: ${text}`] : []
    }),
  )
}

/** An order whose text holds words that are nowhere else. */
const marked = (word: string) =>
  Buffer.from(
    freshOrder()
      .toString()
      .replace(/(<(?:ceb:)?itemName>)[^<]*</, (_, tag: string) => `${tag}${word}<`),
  )

async function filed(hub: RunningHub, bytes: Buffer): Promise<string> {
  const { messageId } = (await hub.send(bytes)).receipts[0]!
  await until('the last receipt', async () => (await hub.state(messageId)) === 'approved')
  expect((await hub.cli('receipts')).code).toBe(0)
  return messageId
}

test('planted words are nowhere in data, backup and archive; keys turn while the hub runs', async () => {
  const archive = await tempDir('archive')
  const file = await keyFile(key())
  const time = await clock()
  const options = {
    config: { encryption: { key: { file } }, retention: { days: 1100, archive } },
    env: time.env,
    nodeArgs: time.nodeArgs,
  }
  const hub = await startHub(options)
  const [first, second, refusedWord] = ['植入甲乙丙丁其一', '植入甲乙丙丁其二', 'PLANTED-REFUSED-WORD']
  const order = marked(first)
  expect(order.includes(first)).toBe(true)
  const old = await filed(hub, order)
  await hub.send(Buffer.from(`<nothing>${refusedWord}</nothing>`))
  const planted = [first, second, refusedWord]

  const before = JSON.parse((await hub.cli('keys', '--json')).stdout) as { encrypted: boolean; keys: { id: string }[] }
  expect(before).toMatchObject({ encrypted: true, keys: [{ current: true, cipher: 'aes-256-gcm' }] })
  expect((await hub.cli('keys', 'rotate', '-w', '季度轮换')).code).toBe(0)
  const kept = marked(second)
  const young = await filed(hub, kept)
  const turned = await until('all bytes under the new key', async () => {
    const view = JSON.parse((await hub.cli('keys', '--json')).stdout) as {
      keys: { id: string; current: boolean }[]
      resealing: { running: boolean; resealed: number; endedAt?: string }
    }
    return view.resealing.endedAt === undefined ? undefined : view
  })
  expect(turned.keys.map(({ current }) => current)).toEqual([false, true])
  expect(turned.resealing.resealed).toBeGreaterThan(3)
  expect((await hub.cli('audit', 'ledger')).stdout).toContain('季度轮换')

  expect((await hub.cli('backup', '-w', '夜间备份')).code).toBe(0)
  expect(await filesWith(hub.dataDir, planted)).toEqual([])
  const verified = await hub.cli('audit', 'verify', '--json')
  expect(verified).toMatchObject({ code: 0 })
  expect(JSON.parse(verified.stdout)).toMatchObject({ faults: 0 })
  const doctor = await hub.cli('doctor', '--deep')
  expect(doctor.stdout).toMatch(/✓ ledger, all of it: .* each as it came/)
  const out = join(await tempDir('evidence'), 'evidence.zip')
  expect((await hub.cli('evidence', young, '-o', out)).code).toBe(0)

  await time.advance(hub, 1200 * 86_400)
  expect((await hub.cli('retention', 'walk', '-w', '归档')).stdout).toMatch(/^3 messages/)
  expect(await filesWith(archive, planted)).toEqual([])
  const archived = await hub.get(`/v1/messages/${old}/content`)
  expect(Buffer.from(await archived.arrayBuffer())).toEqual(order)
  await hub.stop()
  expect(await filesWith(hub.dataDir, planted)).toEqual([])

  // Another key, none, one that others can read: it says what to do, and never shows a key.
  const right = await readFile(file, 'utf8')
  const refusals: [content: string | undefined, mode: number, says: RegExp][] = [
    [key(), 0o600, /encrypted with master key [0-9a-f]{16}.*Put that key back/s],
    ['not a key\n', 0o600, /line 1: no key.*openssl rand -base64 32/s],
    [right, 0o644, /can be read by others: chmod 600/],
  ]
  for (const [content, mode, says] of refusals) {
    await writeFile(file, content!)
    await chmod(file, mode)
    const failed = await startHub({ ...options, dataDir: hub.dataDir }).then(
      () => 'started',
      (error: unknown) => String(error),
    )
    expect(failed).toMatch(says)
    expect(failed).not.toContain(right.trim())
  }
  await chmod(file, 0o600)
  await writeFile(join(hub.dataDir, 'hub.yaml'), '')
  const unset = await startHub({ env: time.env, nodeArgs: time.nodeArgs, dataDir: hub.dataDir }).catch(String)
  expect(unset).toMatch(/the ledger is encrypted, and no key is configured: set `encryption.key`/)

  // A new master key above the old one opens it; after the next turn the old one is not needed any more.
  const next = key()
  await writeFile(file, next + right)
  await chmod(file, 0o600)
  const again = await startHub({ ...options, dataDir: hub.dataDir })
  expect((await again.cli('keys', 'rotate', '-w', '更换主密钥')).code).toBe(0)
  await again.stop()
  await writeFile(file, next)
  const last = await startHub({ ...options, dataDir: hub.dataDir })
  expect((await (await last.get(`/v1/messages/${young}/content`)).arrayBuffer()).byteLength).toBe(kept.length)
  await last.stop()
})

test.skipIf(withoutPostgres())(
  'two hubs on one PostgreSQL read each other while keys turn; one without the key, or with another, does not start',
  async () => {
    const server = await startPostgres()
    onTestFinished(() => server.remove())
    const url = await server.database()
    const file = await keyFile(key())
    const { hubs, agency, redis } = await startFleet(url, { config: { encryption: { key: { file } } } })
    const [a, b] = [hubs[0]!, hubs[1]!]
    const sent: { messageId: string; bytes: Buffer; word: string }[] = []
    const send = async (hub: RunningHub) => {
      const word = `植入其${sent.length}号`
      const bytes = marked(word)
      const { messageId } = (await hub.send(bytes)).receipts[0]!
      sent.push({ messageId, bytes, word })
    }
    for (const hub of [a, b, a, b]) await send(hub)
    // Messages come at both while one of them, then the other, makes a new key.
    for (const [turning, other] of [
      [a, b],
      [b, a],
      [a, b],
    ] as const) {
      const turned = turning.cli('keys', 'rotate', '-w', '轮换')
      for (const hub of [other, turning, other]) await send(hub)
      expect((await turned).code).toBe(0)
      await send(other)
    }
    for (const { messageId, bytes } of sent)
      for (const hub of [a, b]) {
        await until('its last receipt', async () => (await hub.state(messageId)) === 'approved')
        const content = await hub.get(`/v1/messages/${messageId}/content`)
        expect(Buffer.from(await content.arrayBuffer()).equals(bytes)).toBe(true)
      }
    const view = JSON.parse((await b.cli('keys', '--json')).stdout) as { keys: { current: boolean }[] }
    expect(view.keys.map(({ current }) => current)).toEqual([false, false, false, true])
    const plain = await server.ask<{ n: number }>(
      `select count(*)::integer as n from payload where position(convert_to('植入其', 'UTF8') in bytes) > 0`,
      url,
    )
    expect(plain).toEqual([{ n: 0 }])

    for (const [config, says] of [
      [agency.config, /the ledger is encrypted, and no key is configured: set `encryption.key`/],
      [
        { ...agency.config, encryption: { key: { file: await keyFile(key()) } } },
        /encrypted with master key [0-9a-f]{16}.*Put that key back/s,
      ],
    ] as const) {
      const env = { ...agency.env, REDIS_URL: redis.url, DATABASE_URL: url }
      const refused = await startHub({ config, env }).then(() => 'started', String)
      expect(refused).toMatch(says)
    }
    for (const hub of hubs) await hub.stop()
  },
)
