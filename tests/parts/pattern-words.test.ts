// A pattern of a schema is told in words: whoever fills in a form reads no regular expressions.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { patternWords } from '../../xsd/explain/pattern-words.js'
import { root } from '../support/hub.js'

test.each([
  ['[0-9]{4}', '4 位数字', '4 digits'],
  ['[0-9]{10}|[0-9]{12}', '10 位数字，或12 位数字', '10 digits, or 12 digits'],
  ['([0-9]{8,13})?', '8 至 13 位数字，可为空', '8 to 13 digits, or empty'],
  [
    '[A-Z]{1,2}[0-9]{2}[0-9A-Z]{9}',
    '1 至 2 位大写字母，后接 2 位数字，后接 9 位数字或大写字母',
    '1 to 2 capital letters, then 2 digits, then 9 digits or capital letters',
  ],
  [
    '([0-9]{1,14}(\\.[0-9]{1,5})?)?',
    '数值，整数部分最多 14 位，小数最多 5 位，可为空',
    'a number, at most 14 digits before the point and 5 behind it, or empty',
  ],
  ['[0-9]{4}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])', '日期 yyyyMMdd', 'a date of the form yyyyMMdd'],
  [
    '([0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01]) ([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9])?',
    '日期 yyyy-MM-dd HH:mm:ss，可为空',
    'a date of the form yyyy-MM-dd HH:mm:ss, or empty',
  ],
])('%s', (pattern, zh, en) => {
  expect(patternWords(pattern)).toEqual({ zh, en })
})

test('a pattern that no words are known for is shown as it is, and they are few', () => {
  expect(patternWords('(a|b)+c')).toEqual({ zh: '符合正则表达式 (a|b)+c', en: 'text of the pattern (a|b)+c' })
  const schemas = readdirSync(join(root, 'xsd/families'), { recursive: true, encoding: 'utf8' })
  const patterns = new Set(
    schemas
      .filter((file) => file.endsWith('.xsd'))
      .flatMap((file) => [
        ...readFileSync(join(root, 'xsd/families', file), 'utf8').matchAll(/<xs:pattern value="([^"]*)"/g),
      ])
      .map(([, pattern]) =>
        pattern!
          .replace(/&#x(\w+);/g, (_, code: string) => String.fromCodePoint(parseInt(code, 16)))
          .replaceAll('&amp;', '&'),
      ),
  )
  const raw = [...patterns].filter((one) => patternWords(one).en.startsWith('text of the pattern'))
  expect(patterns.size).toBeGreaterThan(60)
  // Of a text of blanks alone faults.ts speaks in words of its own.
  expect(raw).toEqual(['(\\s*\\S[\\s\\S]*)?'])
})
