// The n-th write of the ledger in a real hub fails, and that of `hub ledger copy`: a message posted at the HTTP door is
// kept whole or not at all, its receipts reach the webhook, and a copy is whole or nobody works by it.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Receipt } from '../../messages/receipt.js'
import { openSqliteLedger } from '../../store/sqlite/open.js'
import { every, failing, some } from '../support/failing.js'
import { cleanEnv, cli, startHub, type RunningHub } from '../support/hub.js'
import { unread } from '../support/ledger-log.js'
import { freshOrder } from '../support/orders.js'
import { run } from '../support/process.js'
import { tempDir } from '../support/temp.js'
import { until } from '../support/until.js'

const longMs = every ? 1_800_000 : 300_000

/** A hub of which the n-th write of the ledger fails. */
async function failingHub() {
  const dataDir = await tempDir('hub')
  const disk = await failing(dataDir, { ledger: true })
  return { disk, hub: await startHub({ dataDir, nodeArgs: disk.nodeArgs, env: disk.env }) }
}

const keptOf = async (hub: RunningHub) =>
  (await hub.read<{ messages: { messageId: string }[] }>('/v1/messages?limit=500')).messages
const takenBy = async (hub: RunningHub) => (await hub.simulator<{ taken: { times: number }[] }>('GET', '/taken')).taken

/** Until it is taken; how often it had to be sent. */
async function sendUntilTaken(hub: RunningHub, bytes: Buffer): Promise<{ messageId: string; refused: number }> {
  let refused = 0
  const answer = await until(
    'an answer that it is taken',
    async () => {
      const said = await hub.send(bytes)
      if (said.status === 202 || said.status === 200) return said
      expect(said.status).toBe(503)
      refused++
      return undefined
    },
    60_000,
  )
  return { messageId: answer.receipts[0]!.messageId, refused }
}

test(
  'a message posted while a write of the ledger fails is kept whole, or its sender hears 503 and nothing is kept',
  async () => {
    const { disk, hub } = await failingHub()
    await hub.ops('/ops/agencies/gacc/pause', { why: 'only the door is looked at' })
    await disk.at(0)
    await sendUntilTaken(hub, freshOrder())
    const counted = (await disk.calls()).length
    expect(counted).toBeGreaterThan(5)
    let refused = 0
    for (let nth = 1; nth <= counted; nth++) {
      const bytes = freshOrder()
      const before = (await keptOf(hub)).length
      await disk.at(nth)
      const { status, receipts } = await hub.send(bytes)
      const failed = await disk.failed()
      await disk.off()
      const after = await keptOf(hub)
      if (status === 202) expect(after.length, failed).toBe(before + 1)
      else {
        refused++
        expect([status, after.length, receipts], failed).toEqual([503, before, []])
      }
      const { messageId } = await sendUntilTaken(hub, bytes)
      expect((await keptOf(hub)).length, failed).toBe(before + 1)
      const content = await hub.get(`/v1/messages/${messageId}/content`)
      expect(Buffer.from(await content.arrayBuffer()).equals(bytes), failed).toBe(true)
    }
    // Not only the writes of what runs beside it were hit.
    expect(refused).toBeGreaterThan(2)
    await hub.ops('/ops/agencies/gacc/resume', { why: 'it has been looked at' })
    await until('all with the agency', async () => (await takenBy(hub)).length === counted + 1, 60_000)
    expect((await takenBy(hub)).filter(({ times }) => times !== 1)).toEqual([])
  },
  longMs,
)

test(
  'a receipt reaches the webhook, whichever write of the ledger fails on its message’s way',
  async () => {
    const { disk, hub } = await failingHub()
    const got: Receipt[] = []
    const server = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        got.push(JSON.parse(Buffer.concat(chunks).toString()) as Receipt)
        response.writeHead(204).end()
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => new Promise<void>((resolve) => (server.closeAllConnections(), server.close(() => resolve()))))
    await hub.ops('/ops/partners/demo/webhook', { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` })

    async function goesItsWay(): Promise<void> {
      const { messageId } = await sendUntilTaken(hub, freshOrder())
      await until(
        'its last receipt at the webhook',
        () => got.some((one) => one.messageId === messageId && one.status === 'approved'),
        60_000,
      )
      // What was given back is not owed any more, or it would be given for ever.
      await until(
        'nothing owed',
        async () => (await hub.ops<{ receiptsOwed: number }>('/ops/status')).receiptsOwed === 0,
        60_000,
      )
    }
    await disk.at(0)
    await goesItsWay()
    const counted = (await disk.calls()).length
    expect(counted).toBeGreaterThan(20)
    let hit = 0
    for (const nth of some(counted)) {
      await disk.at(nth)
      await goesItsWay()
      if (await disk.failed()) hit++
      await disk.off()
    }
    // Writes of one turn are one commit: a way may have fewer of them than the one that was counted.
    expect(hit).toBeGreaterThanOrEqual(some(counted).length - 2)
    expect((await takenBy(hub)).map(({ times }) => times)).toEqual([1, ...some(counted).map(() => 1)])
    expect((await keptOf(hub)).length).toBe(1 + some(counted).length)
  },
  longMs,
)

test(
  'a copy of the ledger made while a write fails is whole, or is made again by the same command',
  async () => {
    const base = await tempDir('copy')
    const source = join(base, 'source')
    await mkdir(source, { mode: 0o700 })
    const hub = await startHub({ dataDir: source })
    const { messageId } = (await hub.send(freshOrder())).receipts[0]!
    await hub.receiptsOf(messageId, (all) => all.some((one) => one.status === 'approved'))
    await hub.stop()
    const disk = await failing(base, { ledger: true })
    const copyTo = (to: string) =>
      run(
        process.execPath,
        [...disk.nodeArgs, cli, 'ledger', 'copy', '--from', source, '--to', to, '-w', 'a move', '--source-stays'],
        { env: { ...cleanEnv(), ...disk.env } },
      )
    const isWhole = async (to: string) => {
      const ledger = await openSqliteLedger({ file: join(to, 'ledger.db'), log: unread })
      try {
        return (
          (await ledger.getMessage(messageId))?.receipts.some(({ receipt }) => receipt.status === 'approved') === true
        )
      } finally {
        await ledger.close()
      }
    }
    await disk.at(0)
    expect((await copyTo(join(base, 'counted'))).code).toBe(0)
    const counted = (await disk.calls()).length
    expect(counted).toBeGreaterThan(20)
    for (const nth of some(counted)) {
      const to = join(base, `to-${nth}`)
      await disk.at(nth)
      const first = await copyTo(to)
      const failed = await disk.failed()
      await disk.off()
      expect(failed, `write ${nth} of ${counted}`).toBeDefined()
      expect(first.code, failed).toBe(1)
      const second = await copyTo(to)
      // The last write is the word of it in the audit: by then the copy is whole, and there is nothing to begin again.
      if (second.code !== 0) expect(second.stderr, failed).toMatch(/not empty|was copied|already/)
      expect(await isWhole(to), `${failed}: ${second.stderr}`).toBe(true)
    }
  },
  longMs,
)
