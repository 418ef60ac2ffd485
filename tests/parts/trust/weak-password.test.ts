// Which passwords are refused: those that are guessed first, made of what everybody uses and of words of the house.
import { expect, test } from 'vitest'
import { commonWords } from '../../../adapters/trust/common-words.js'
import { longestPassword, shortestPassword, weakPassword } from '../../../adapters/trust/weak-password.js'

/** As people make a common word long enough. */
const endings = [
  '123456',
  '12345678',
  '2026',
  '1234!',
  '@2025',
  '!!',
  '888888',
  '520',
  '1314520',
  '_19991231',
  'abc123',
]
const shapes: ((word: string) => string)[] = [
  (word) => word,
  (word) => word[0]!.toUpperCase() + word.slice(1),
  (word) => word.toUpperCase(),
  (word) => word.replaceAll('a', '@').replaceAll('o', '0').replaceAll('e', '3').replaceAll('s', '$'),
]
const made = [...commonWords].flatMap((word) =>
  shapes.flatMap((shape) => endings.flatMap((ending) => [shape(word) + ending, ending + shape(word)])),
)

test('common words with what people put behind or before them are refused, ten thousand of them', () => {
  const longEnough = [...new Set(made)].filter((one) => one.length >= shortestPassword)
  expect(longEnough.length).toBeGreaterThan(10_000)
  expect(longEnough.filter((one) => !weakPassword(one, 'li'))).toEqual([])
})

test.each([
  ...[
    'password1234',
    'Passw0rd!2026',
    'qwertyuiop123',
    'iloveyou1314',
    'woaini5201314',
    '1qaz2wsx3edc',
    'q1w2e3r4t5y6',
  ],
  ...[
    'abcabcabcabc',
    'letmein-letmein',
    '123456789012',
    'admin@123456',
    '!@#$%^&*()_+',
    'ChangeMe2026!',
    'aaaabbbbcccc',
  ],
  ...['13800138000a', '1999-12-31abc', 'zxcvbnm,./12', 'Summer2026!!!', 'mnbvcxz09876', 'Welcome@12345', 'short'],
])('refused: %s', (password) => {
  expect(weakPassword(password, 'li')).toBe(true)
})

test.each([
  ...['korrekt pferd batterie 7', 'noch ein langer satz 9', 'tK9#vQ2m!xLp', 'hw3kqzv8tn4r', '潮水退去才知道谁在裸泳'],
  ...[
    'gruen tasse fahrrad wolke',
    'correct horse battery staple',
    'niebieski rower pada deszcz',
    '山高月小水落石出曾日月之',
  ],
])('taken: %s', (password) => {
  expect(weakPassword(password.padEnd(shortestPassword, '。'), 'li')).toBe(false)
})

test('words of the house and of the account help nobody', () => {
  for (const one of ['singlewindow2026', 'Haiguan-2026-hub', 'customs.hub.2026', 'danyichuangkou1'])
    expect(weakPassword(one, 'li'), one).toBe(true)
  expect(weakPassword('tern harbour 42 xq', 'li')).toBe(false)
  expect(weakPassword('ternlogistics42', 'li', ['Tern Logistics', 'ternlogistics'])).toBe(true)
  expect(weakPassword('Tern-Logistics-42', 'li', ['Tern Logistics'])).toBe(true)
  expect(weakPassword('anna korrekt pferd batterie', 'anna')).toBe(true)
  expect(weakPassword('meyer.1999.meyer', 'a.meyer@example.com')).toBe(true)
})

test('the longest password there may be is judged at once', () => {
  const begun = process.cpuUsage()
  for (const one of ['a1'.repeat(longestPassword / 2), 'password'.repeat(25), 'x7q'.repeat(66) + 'ab'])
    weakPassword(one, 'li')
  expect(process.cpuUsage(begun).user / 1000).toBeLessThan(1_000)
  expect(weakPassword('tK9#vQ2m!xLp'.repeat(20), 'li')).toBe(true)
})
