// Large EDIFACT: hundreds of messages in one interchange, thousands of interchanges in one body. What is right is filed
// once, what is too much is refused by a limit, and others are served meanwhile.
import { writeFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { arrival, closed, interchange } from '../support/arrivals.js'
import type { RunningHub } from '../support/hub.js'
import { sharedHub } from '../support/shared-hub.js'
import { tempDir } from '../support/temp.js'
import { until } from '../support/until.js'
import { zipOf } from '../support/zip.js'

let hub: RunningHub
beforeAll(async () => {
  const shared = await sharedHub()
  hub = shared.hub
  return shared.remove
})

const send = (text: string) => hub.send(Buffer.from(text, 'latin1'), { type: 'application/edifact' })

test('of five hundred messages in one interchange three faulty ones are named, the others filed once', async () => {
  const faulty = new Set([7, 250, 499])
  const messages = Array.from({ length: 500 }, (_, i) => {
    const segments = arrival(`BIG-${i}`, String(i + 1))
    return closed(faulty.has(i) ? segments.map((one) => one.replace('DTM+132', 'DTM+ZZZZ')) : segments, String(i + 1))
  })
  const { status, receipts } = await send(interchange(messages, 'BIG1'))
  expect([status, receipts.length]).toEqual([207, 500])
  expect(receipts.flatMap((r, i) => (r.status === 'refused' ? [i] : []))).toEqual([...faulty])
  const contrl = await (await hub.get(`/v1/messages/${receipts[0]!.messageId}/acknowledgement`)).text()
  expect(contrl.match(/UCM\+\d+\+CUSREP:D:96B:UN\+4/g)).toEqual(
    [8, 251, 500].map((reference) => `UCM+${reference}+CUSREP:D:96B:UN+4`),
  )
  await hub.receiptsOf(
    receipts[498]!.messageId,
    (found) => found.filter((r) => r.status === 'approved').length === 3,
    60_000,
  )
  const { taken } = await hub.simulator<{ taken: { reference: string; times: number }[] }>('GET', '/taken')
  const big = taken.filter(({ reference }) => reference.startsWith('BIG-'))
  await until(
    'every good one with its three authorities',
    async () =>
      (await hub.simulator<{ taken: { reference: string; times: number }[] }>('GET', '/taken')).taken.filter(
        ({ reference }) => reference.startsWith('BIG-'),
      ).length ===
      497 * 3,
    60_000,
  )
  expect(big.every(({ times }) => times === 1)).toBe(true)
})

/** The longest time /healthz took while the work lasted, and how long the work took, in milliseconds. */
async function longestHealthMs(work: () => Promise<unknown>): Promise<{ longest: number; all: number }> {
  const began = performance.now()
  let longest = 0
  let over = false
  const asking = (async () => {
    while (!over) {
      const begun = performance.now()
      await (await hub.get('/healthz')).text()
      longest = Math.max(longest, performance.now() - begun)
      await new Promise((wake) => setTimeout(wake, 10))
    }
  })()
  await work().finally(() => (over = true))
  await asking
  return { longest, all: performance.now() - began }
}
const emptyOnes = (n: number, references: (i: number) => string = () => '1') =>
  Array.from({ length: n }, (_, i) => `UNB+UNOC:3+A+B+200101:0000+${references(i)}'UNZ+0+${references(i)}'`).join('')

test('12,000 interchanges in one body are refused by a limit, and others are served meanwhile', async () => {
  const { longest, all } = await longestHealthMs(async () => {
    const { status, receipts } = await send(emptyOnes(12_000))
    expect([status, receipts.map(({ code, status }) => [code, status])]).toEqual([413, [['HUB_TOO_MANY', 'refused']]])
    expect(receipts[0]!.text.en).toContain('5000')
    expect(receipts[0]!.text.zh).toContain('5000')
    const found = await hub.get(`/v1/messages/${receipts[0]!.messageId}/acknowledgement`)
    const contrl = await found.text()
    expect(contrl).toMatch(/'UCI\+1\+A\+B\+4\+18/)
    expect(contrl.split('UNB+')).toHaveLength(2)
  })
  // On a busy machine all of it takes longer. Whoever is not served meanwhile waits for nearly all of it.
  expect(longest, 'at 62444e2 nobody was answered for 52 s').toBeLessThan(Math.max(3_000, all / 2))
})

test('3,000 interchanges in one body are each answered by a CONTRL, while others are served', async () => {
  const body = emptyOnes(3_000, (i) => `R${i}`)
  const { longest, all } = await longestHealthMs(async () => {
    const { status, body: answered } = await hub.send(body, {
      type: 'application/edifact',
      headers: { accept: 'application/edifact' },
    })
    expect(status).toBe(207)
    const text = String(answered.text)
    expect([...text.matchAll(/UCI\+(R\d+)\+A\+B\+4/g)].map(([, reference]) => reference)).toEqual(
      Array.from({ length: 3_000 }, (_, i) => `R${i}`),
    )
    const numbers = [...text.matchAll(/UNB\+UNOC:3\+B\+A\+\d+:\d+\+(\w+)/g)].map(([, number]) => number)
    expect(new Set(numbers).size, 'no CONTRL has the number of another').toBe(3_000)
  })
  expect(longest, 'at 62444e2 nobody was answered for 4.9 s').toBeLessThan(Math.max(2_500, all / 2))
})

test('one limit counts all files, interchanges, groups and messages of a delivery together', async () => {
  const groups = (n: number) => "UNG+CUSCAR+A+B+200101:0000+1+UN+D:95B'UNE+0+1'".repeat(n)
  const many = Array.from({ length: 3_000 }, (_, i) => `UNH+${i}+CUSCAR:D:95B:UN'UNT+2+${i}'`)
  for (const [what, bytes, type] of [
    ['files', zipOf(Array.from({ length: 60 }, (_, i) => [`${i}.edi`, emptyOnes(100)] as const)), 'application/zip'],
    ['messages', Buffer.from(interchange(many) + interchange(many)), 'application/edifact'],
    ['groups', Buffer.from(interchange([groups(6_000)], 'R', { count: 6_000 })), 'application/edifact'],
  ] as const) {
    const { status, receipts } = await hub.send(bytes, { type })
    expect([what, status, receipts.map(({ code }) => code)]).toEqual([what, 413, ['HUB_TOO_MANY']])
  }
  const long = `UNB+UNOA:2+A+B+200101:0000+1++${'X'.repeat(60_000)}'${many.join('')}UNZ+3000+1'`
  const { status, receipts } = await send(long)
  expect([status, receipts.map(({ code }) => code)], 'a long UNB is not copied before each message').toEqual([
    413,
    ['HUB_TOO_LARGE'],
  ])
})

test('too many interchanges in a file by SFTP: one receipt in FailBox names the limit', async () => {
  const dir = await tempDir('many')
  await writeFile(join(dir, 'many.edi'), emptyOnes(6_000))
  await hub.sftp(`put ${join(dir, 'many.edi')} OutBox/many.edi\n`)
  await hub.sftp(`get FailBox/many.edi.receipt.xml ${join(dir, 'receipt.xml')}\n`)
  const receipt = await readFile(join(dir, 'receipt.xml'), 'utf8')
  expect([...receipt.matchAll(/<Code>([^<]*)/g)].map(([, code]) => code)).toEqual(['HUB_TOO_MANY', 'HUB_TOO_MANY'])
})
