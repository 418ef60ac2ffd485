// A hub with its bytes in an object store is killed again and again, between objects and rows: what it accepted has
// its bytes.
import { expect, test } from 'vitest'
import type { Receipt } from '../../messages/receipt.js'
import { startHub } from '../support/hub.js'
import { freePort, ownAgency, ownRedis } from '../support/neighbours.js'
import { freshOrder } from '../support/orders.js'
import { ownObjectStore } from '../support/object-store.js'
import { tempDir } from '../support/temp.js'
import { until } from '../support/until.js'

const approved = (receipts: Receipt[]) => receipts.some((r) => r.status === 'approved')

test('killed under load, whatever was accepted has its bytes, is sent once and answered (promises 1–3)', async () => {
  const store = await ownObjectStore()
  const httpPort = await freePort()
  const redis = await ownRedis()
  const agency = await ownAgency({ hubPort: httpPort })
  const dataDir = await tempDir('hub')
  const start = () =>
    startHub({ dataDir, config: agency.config, httpPort, env: { ...agency.env, ...store.env, REDIS_URL: redis.url } })
  let hub = await start()
  const content = async (id: string) => Buffer.from(await (await hub.get(`/v1/messages/${id}/content`)).arrayBuffer())
  // Killed again and again while it takes messages: whatever was accepted has its bytes.
  const accepted: { id: string; sent: Buffer }[] = []
  for (let kills = 0; kills < 3; kills++) {
    let sending = true
    const from = accepted.length
    const senders = Array.from({ length: 6 }, async () => {
      while (sending) {
        const sent = freshOrder()
        const answer = await hub.send(sent).catch(() => undefined)
        if (!answer) return
        if (answer.status === 202) accepted.push({ id: answer.receipts[0]!.messageId, sent })
      }
    })
    await until('messages under way', () => accepted.length >= from + 12)
    await hub.stop('SIGKILL')
    sending = false
    await Promise.all(senders)
    hub = await start()
  }
  for (const { id, sent } of accepted) {
    expect((await content(id)).equals(sent)).toBe(true)
    await hub.receiptsOf(id, approved, 60_000)
  }
  expect((await agency.taken()).filter(({ times }) => times !== 1)).toEqual([])
  await hub.stop()
})
