// What takes long beside the checking threads gives others their turn while it lasts: the event loop goes round
// meanwhile. (promise 10.)
import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { createAnswerReader } from '../../adapters/connectors/http/answer-rules.js'
import { zip } from '../../adapters/zip.js'
import { beforeTurns, inTurns, nextTurn } from '../../messages/turns.js'
import { readingXml } from '../../messages/xml-reading.js'

/** How often the event loop goes round while `work` lasts. */
async function roundsDuring(work: () => Promise<unknown>): Promise<number> {
  let rounds = 0
  let over = false
  const next = () => {
    rounds++
    if (!over) setImmediate(next)
  }
  setImmediate(next)
  await work().finally(() => (over = true))
  return rounds
}

test('a zip of megabytes for an agency’s import folder', async () => {
  const bytes = randomBytes(4 << 20)
  expect(await roundsDuring(() => zip([{ name: 'a.bin', bytes }]))).toBeGreaterThan(10)
})

test('an agency’s HTTP answer of megabytes that is told by its root element', async () => {
  const body = Buffer.from(`<Response>${'<a/>'.repeat(500_000)}</Response>`)
  const read = createAnswerReader({ taken: [{ status: 200, root: 'Response' }] }, () => false)
  const answer = { status: 200, headers: { 'content-type': 'application/xml' }, body }
  expect(await roundsDuring(async () => expect((await read(answer)).verdict).toBe('taken'))).toBeGreaterThan(10)
  // Cut off it is no answer, as before.
  expect((await read({ ...answer, body: body.subarray(0, -5) })).verdict).not.toBe('taken')
})

test('a document read in slices is what it is read at once, wherever the slices end', async () => {
  const text = `<?xml version="1.0"?>\r\n<a b="测试">${'<c>𠮷\r\n&amp;<![CDATA[<测>]]></c>'.repeat(20_000)}</a>`
  const { tree, root } = await inTurns(readingXml(Buffer.from(text)))
  expect([root, tree['@b']]).toEqual(['a', '测试'])
  expect(new Set(tree.c as string[])).toEqual(new Set(['𠮷\n&<测>']))
  expect(tree.c).toHaveLength(20_000)
})

test('what a filing hands to the ledger’s thread goes before the next piece of a question', async () => {
  const order: string[] = []
  const pieces = [1, 2, 3].map((n) => nextTurn().then(() => order.push(`piece ${n} of a question`)))
  beforeTurns(() => order.push('a filing to the ledger'))
  await pieces[0]
  beforeTurns(() => order.push('another filing'))
  await Promise.all(pieces)
  expect(order).toEqual([
    'a filing to the ledger',
    'piece 1 of a question',
    'another filing',
    'piece 2 of a question',
    'piece 3 of a question',
  ])
})
