// One catalogue of codes, and a page that says the same: neither may have a code the other lacks.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { errorCodes, HubError } from '../../messages/errors.js'
import { root } from '../support/hub.js'

const page = readFileSync(join(root, 'docs/errors.md'), 'utf8')
const rows = new Map(
  [...page.matchAll(/^\| `(HUB_[A-Z_]+)` \| (\w+) \| (\d+) \| (.*) \| (.*) \|$/gm)].map(
    ([, code, cls, status, text, remedy]) => [code!, { cls, status: Number(status), text, remedy }],
  ),
)

test('docs/errors.md names every code, and no other', () => {
  expect([...rows.keys()].sort()).toEqual(Object.keys(errorCodes).sort())
})

test('it tells class, status, sentence and remedy as the hub says them, in both languages', () => {
  for (const [code, entry] of Object.entries(errorCodes)) {
    const cell = (text: { zh: string; en: string }) => `${text.zh}<br>${text.en}`.replaceAll('|', '\\|')
    expect({ code, ...rows.get(code) }).toEqual({
      code,
      cls: entry.class,
      status: entry.status,
      text: cell(entry.text),
      remedy: cell(entry.remedy),
    })
  }
})

test('every sentence is there in Chinese and in English', () => {
  for (const [code, { text, remedy }] of Object.entries(errorCodes))
    for (const { zh, en } of [text, remedy]) {
      expect(zh, code).toMatch(/[\u4e00-\u9fff]/)
      expect(en, code).toMatch(/^[^\u4e00-\u9fff]+$/)
    }
})

test('an error fills its places from its values', () => {
  expect(new HubError('HUB_TOO_LARGE', { limit: 1000 }).text).toEqual({
    zh: '报文超过上限 1000 字节。',
    en: 'Larger than the limit of 1000 bytes.',
  })
})
