// Two hubs on one PostgreSQL with their bytes in one object store: what one takes the other sends, and a hub that is
// killed takes no bytes with it.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Receipt } from '../../messages/receipt.js'
import { startFleet } from '../support/fleet.js'
import type { RunningHub } from '../support/hub.js'
import { ownObjectStore } from '../support/object-store.js'
import { freshOrder } from '../support/orders.js'
import { startPostgres, withoutPostgres, type TestPostgres } from '../support/postgres.js'
import { until } from '../support/until.js'

const approved = (receipts: Receipt[]) => receipts.some((r) => r.status === 'approved')
const contentAt = async (hub: RunningHub, id: string) =>
  Buffer.from(await (await hub.get(`/v1/messages/${id}/content`)).arrayBuffer())

describe.skipIf(withoutPostgres())('two hubs with their bytes in an object store', () => {
  let server: TestPostgres
  beforeAll(async () => {
    server = await startPostgres({ durable: true })
  })
  afterAll(() => server?.remove())

  test('what one hub takes the other sends; killed, it takes no bytes with it (promises 1–3, 5)', async () => {
    const url = await server.database()
    const store = await ownObjectStore()
    // The first takes, and sends nothing; the second sends.
    const fleet = await startFleet(url, {
      env: store.env,
      policy: { deadlineSeconds: 5 },
      roles: ['doors', 'doors,workers'],
    })
    const [door, worker] = fleet.hubs as [RunningHub, RunningHub]
    const sent = new Map<string, Buffer>()
    async function post(hub: RunningHub): Promise<string> {
      const bytes = freshOrder()
      const { status, receipts } = await hub.send(bytes)
      expect(status).toBe(202)
      const { messageId } = receipts[0]!
      sent.set(messageId, bytes)
      return messageId
    }
    for (let i = 0; i < 5; i++) await worker.receiptsOf(await post(door), approved)
    expect((await store.objects()).length).toBeGreaterThanOrEqual(5)
    for (const [id, bytes] of sent) {
      expect((await contentAt(door, id)).equals(bytes)).toBe(true)
      expect((await contentAt(worker, id)).equals(bytes)).toBe(true)
    }

    // It is killed while it takes: what it said yes to is sent by the other, from the bytes of the store.
    let sending = true
    const senders = Array.from({ length: 4 }, async () => {
      while (sending) await post(door).catch(() => (sending = false))
    })
    await until('more taken', () => sent.size >= 15)
    await door.stop('SIGKILL')
    sending = false
    await Promise.all(senders)
    for (const [id, bytes] of sent) {
      await worker.receiptsOf(id, approved, 60_000)
      expect((await contentAt(worker, id)).equals(bytes)).toBe(true)
    }

    // Without the store nothing is said yes to; with it back everything goes on.
    await store.stop()
    expect((await worker.send(freshOrder())).status).toBe(503)
    await store.start()
    await until('the store to be taken up again', async () => {
      const bytes = freshOrder()
      const { status, receipts } = await worker.send(bytes)
      if (status === 202) sent.set(receipts[0]!.messageId, bytes)
      return status === 202
    })
    for (const id of sent.keys()) await worker.receiptsOf(id, approved, 60_000)
    const taken = await fleet.agency.taken()
    expect(taken.filter(({ times }) => times !== 1)).toEqual([])
    expect(taken.length).toBeGreaterThanOrEqual(sent.size)
  })
})
