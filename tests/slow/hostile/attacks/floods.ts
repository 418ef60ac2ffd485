// floods — one partner sends all it can, by every door: what the others feel is what they feel when it is quiet, and
// the memory holds.
import { writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect } from 'vitest'
import { zipOf } from '../../../support/zip.js'
import { sized, type Attack, type Ground } from '../attack.js'

const mb = 1 << 20
const bodies = sized(110, 20)
const gzip = { 'content-encoding': 'gzip' }
/** Bodies that cost: seven million elements, and white space alone. */
const elements = () => Buffer.from(`<a>${'<b/>'.repeat(7_000_000)}</a>`)
const spaces = () => Buffer.from(`<a>${' '.repeat(31 * mb)}`)

/** `senders` at once send what `one` sends, for `seconds`; how many answers of each status there were. */
async function flood(
  { senders, seconds }: { senders: number; seconds: number },
  one: (n: number) => Promise<number>,
): Promise<Record<number, number>> {
  const until = Date.now() + seconds * 1000
  const counts: Record<number, number> = {}
  const sender = async (n: number) => {
    while (Date.now() < until) {
      const status = await one(n)
      counts[status] = (counts[status] ?? 0) + 1
    }
  }
  await Promise.all(Array.from({ length: senders }, (_, n) => sender(n)))
  return counts
}
const told = (counts: Record<number, number>) =>
  Object.entries(counts)
    .map(([status, count]) => `${count} × ${status}`)
    .join(', ')
async function send(
  { hub, key }: Ground,
  body: Buffer | string,
  headers: Record<string, string> = {},
  type = 'application/xml',
): Promise<number> {
  // Not copied: the attacker's memory is not the question.
  const answer = await fetch(`${hub.url}/v1/messages`, {
    method: 'POST',
    body: typeof body === 'string' ? body : new Uint8Array(body.buffer, body.byteOffset, body.length),
    headers: { 'content-type': type, authorization: `Bearer ${key}`, ...headers },
  })
  await answer.arrayBuffer()
  return answer.status
}
/**
 * fetch copies each body first: a hundred copies keep the attacker's connections silent for longer than a door waits.
 */
const sendUncopied = ({ hub, key }: Ground, body: Buffer): Promise<number> =>
  new Promise((resolve, reject) => {
    const headers = {
      'content-type': 'application/xml',
      'content-length': body.length,
      authorization: `Bearer ${key}`,
    }
    const asked = request(`${hub.url}/v1/messages`, { method: 'POST', headers, agent: false }, (answer) => {
      answer.resume().once('end', () => resolve(answer.statusCode!))
      answer.once('error', reject)
    })
    asked.once('error', reject).end(body)
  })
const expectOnly = (counts: Record<number, number>, statuses: number[]) =>
  expect(
    Object.keys(counts)
      .map(Number)
      .filter((status) => !statuses.includes(status)),
  ).toEqual([])

const attacks: Attack[] = [
  {
    name: `31 MB bodies from ${bodies.said} connections at once`,
    async run(ground) {
      const body = spaces()
      const counts: Record<number, number> = {}
      await Promise.all(
        Array.from({ length: bodies.count }, async () => {
          const status = await sendUncopied(ground, body)
          counts[status] = (counts[status] ?? 0) + 1
        }),
      )
      expectOnly(counts, [422, 429, 503])
      expect(counts[422]).toBeGreaterThan(5)
      return { tried: `${bodies.count * 31} MB`, survived: told(counts) }
    },
    mostMb: 2048,
    longestP99Ms: 15_000,
  },
  {
    name: 'flood: 28 MB of elements, gzip, 8 connections',
    fair: true,
    async run(ground) {
      const body = gzipSync(elements(), { level: 1 })
      const counts = await flood({ senders: 8, seconds: ground.bounded ? 4 : 30 }, () => send(ground, body, gzip))
      expectOnly(counts, [422, 429, 503])
      return { tried: '8 connections', survived: told(counts) }
    },
    mostMb: 2048,
  },
  {
    name: 'flood: 31 MB of white space, 8 connections',
    big: true,
    fair: true,
    async run(ground) {
      const body = spaces()
      const counts = await flood({ senders: 8, seconds: 30 }, () => send(ground, body))
      expectOnly(counts, [422, 429, 503])
      return { tried: '8 connections', survived: told(counts) }
    },
    mostMb: 2048,
  },
  {
    name: 'flood: small messages, 32 connections',
    fair: true,
    async run(ground) {
      const counts = await flood({ senders: 32, seconds: ground.bounded ? 3 : 20 }, () => send(ground, '<a/>'))
      expectOnly(counts, [422, 429, 503])
      return { tried: '32 connections', survived: told(counts) }
    },
  },
  {
    name: 'flood: 200 kB of elements, 32 connections',
    fair: true,
    async run(ground) {
      const body = `<a>${'<b/>'.repeat(50_000)}</a>`
      const counts = await flood({ senders: 32, seconds: ground.bounded ? 3 : 20 }, () => send(ground, body))
      expectOnly(counts, [422, 429, 503])
      return { tried: '32 connections', survived: told(counts) }
    },
  },
  {
    name: 'flood: zips of 30 MB, 8 connections',
    big: true,
    fair: true,
    async run(ground) {
      const zip = zipOf(Array.from({ length: 30 }, (_, i) => [`${i}.xml`, lines(mb)] as const))
      const counts = await flood({ senders: 8, seconds: 20 }, () => send(ground, zip, {}, 'application/zip'))
      expectOnly(counts, [207, 422, 429, 503])
      return { tried: '8 connections', survived: told(counts) }
    },
    mostMb: 2048,
  },
  {
    name: 'flood: 30 MB files over SFTP, 4 sessions',
    big: true,
    fair: true,
    async run(ground) {
      const file = join(ground.dir, 'large.xml')
      await writeFile(file, spaces())
      const counts = await flood({ senders: 4, seconds: 20 }, async (n) => {
        const { code } = await ground.hub.sftp(`put ${file} OutBox/large-${n}.xml\n`)
        return code ?? -1
      })
      return { tried: '4 sessions', survived: told(counts) }
    },
    mostMb: 2048,
  },
]
export default attacks

/** Text that packs ten to one, as documents do. */
function lines(size: number): string {
  let text = '<a>'
  for (let i = 0; text.length < size; i++) text += `<line n="${i}">${(i * 2654435761) % 4294967296}</line>\n`
  return `${text}</a>`
}
