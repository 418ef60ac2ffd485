// One catalogue of codes, and a page that says the same: neither may have a code the other lacks.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { entriesOf } from '../../messages/errors/entries.js'
import { errorCodes, HubError } from '../../messages/errors.js'
import { fill } from '../../messages/text.js'
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

test('a code whose sentence was forgotten is named, with the file it belongs into', () => {
  const said = { text: 'Not sent.', remedy: 'Nothing.' }
  const codes = {
    HUB_NEW: { class: 'transient', status: 503 },
    HUB_NEWER: { class: 'transient', status: 503 },
  } as const
  expect(() => entriesOf(codes, { zh: { HUB_NEWER: said }, en: { HUB_NEW: said } })).toThrow(
    /^HUB_NEW has no sentence in messages\/errors\/zh\.ts; HUB_NEWER has no sentence in messages\/errors\/en\.ts$/,
  )
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

test('Chinese has a space beside Latin letters and digits, and none between two Chinese characters', () => {
  const text = { zh: '缺少 {place} 的值 {value}。', en: '{place} lacks {value}.' }
  expect(fill(text, { place: '记录', value: 'GBK' }).zh).toBe('缺少记录的值 GBK。')
  expect(fill(text, { place: 'LOC', value: '（空）' }).zh).toBe('缺少 LOC 的值（空）。')
  expect(fill(text, { value: 'GBK' }).zh).toBe('缺少 {place} 的值 GBK。')
})

test('what was not found has a name in each language', () => {
  const said = (what: string) => new HubError('HUB_OPS_NOT_FOUND', { what }).text
  expect(said('dead letter sub_1')).toEqual({
    zh: '没有死信 sub_1，或其状态不允许此操作。',
    en: 'No dead letter sub_1 found, or its state does not allow this.',
  })
  expect(said('key key_1 of partner demo').zh).toBe('没有企业 demo 的密钥 key_1，或其状态不允许此操作。')
  expect(said('identity provider').zh).toBe('没有身份提供方，或其状态不允许此操作。')
})
