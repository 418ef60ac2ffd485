// documents — messages that are costly to look at whatever they say: a million attributes, a flat file of megabytes
// with its listing; and the lists of partner and monitor, asked for as fast as they are answered.
import { expect } from 'vitest'
import { bounded, sized, type Attack } from '../attack.js'

const attributes = sized(1_000_000, 300_000)
const records = sized(60_000, 20_000)

const attacks: Attack[] = [
  {
    name: `a message with ${attributes.said} attributes`,
    async run({ hub }) {
      const body = `<a ${Array.from({ length: attributes.count }, (_, i) => `b${i}="1"`).join(' ')}/>`
      const { status, receipts } = await hub.send(body)
      expect([status, receipts.length]).toEqual([422, 1])
      return { tried: `${(body.length / 1e6).toFixed(0)} MB`, survived: `refused: ${receipts[0]!.code}` }
    },
  },
  {
    name: `a flat file of ${records.said} records, listed`,
    async run({ hub, key }) {
      const record = `51:TEST:${'测试'.repeat(5)}:1:2:3:4'\r\n`
      const body =
        `00:IFCSUM:MANIFEST:9:CARRIER:HUB:202611231200'\r\n${record.repeat(records.count)}99:${records.count + 2}'` +
        `\r\n`
      const answer = await fetch(`${hub.url}/v1/validate`, {
        method: 'POST',
        body,
        headers: { 'content-type': 'text/plain', accept: 'text/plain', authorization: `Bearer ${key}` },
      })
      const told = await answer.text()
      expect(answer.status).toBe(422)
      expect(told).toContain('错误')
      return { tried: `${(Buffer.byteLength(body) / 1e6).toFixed(0)} MB`, survived: 'refused, with a listing' }
    },
  },
  {
    name: 'lists of partner and monitor, 16 connections',
    async run({ hub, key }) {
      const until = Date.now() + (bounded ? 2000 : 10_000)
      const ops = hub.env.HUB_OPS_KEY!
      const calls: [string, string][] = [
        ['/v1/messages', key],
        ['/v1/receipts?limit=500', key],
        ['/ops/status', ops],
        ['/ops/orphans', ops],
        ['/ops/search?q=HOSTILE', ops],
        ['/ops/mailboxes', ops],
        ['/ops/receipts/undelivered', ops],
      ]
      const counts = new Map<number, number>()
      const caller = async (n: number) => {
        for (let i = n; Date.now() < until; i++) {
          const [path, bearer] = calls[i % calls.length]!
          const answer = await hub.get(path, { key: bearer })
          await answer.arrayBuffer()
          counts.set(answer.status, (counts.get(answer.status) ?? 0) + 1)
        }
      }
      await Promise.all(Array.from({ length: 16 }, (_, n) => caller(n)))
      const statuses = [...counts.keys()]
      expect(statuses.filter((status) => ![200, 429, 503].includes(status))).toEqual([])
      expect(counts.get(200)).toBeGreaterThan(20)
      return { tried: '7 calls in turn', survived: [...counts].map(([status, n]) => `${n} × ${status}`).join(', ') }
    },
  },
]
export default attacks
