// Tables of the command line: they fit the terminal, and what must be copied stays whole.
import { expect, test } from 'vitest'
import { table, when } from '../../hub/cli/show.js'
import { cell } from '../../adapters/channels/http/routes/ops-messages-routes.js'
import { afterItsCause } from '../../hub/cli/message.js'
import { moment } from '../../hub/cli/search.js'

const rows = [
  ['MESSAGE', 'NAME', 'WHY'],
  [
    'msg_01ARZ3NDEKTSV4RRFFQ69G5FAV',
    '测试国际货运代理有限公司上海分公司',
    'the agency asked to wait, and nobody knows how long',
  ],
]

test('a table is as wide as its texts where there is room, and no wider than the terminal where there is none', () => {
  expect(table(rows, Infinity)).toContain('nobody knows how long')
  const narrow = table(rows, 72)
  expect(narrow).toContain('msg_01ARZ3NDEKTSV4RRFFQ69G5FAV')
  expect(narrow).toContain('…')
  for (const line of narrow.split('\n')) {
    const columns = [...line].reduce((sum, ch) => sum + (ch.charCodeAt(0) > 0x2e7f && ch !== '…' ? 2 : 1), 0)
    expect(columns).toBeLessThanOrEqual(72)
  }
})

test('times are told by the clock in Beijing, and taken by it', () => {
  expect(when('2026-11-28T16:30:00.000Z')).toBe('2026-11-29 00:30:00')
  expect(when('tonight')).toBe('tonight')
  expect(moment('2026-11-28', '--from', 'first')).toBe('2026-11-27T16:00:00.000Z')
  expect(moment('2026-11-28', '--to', 'last')).toBe('2026-11-28T16:00:00.000Z')
  expect(moment('2026-11-28T08:00', '--from', 'first')).toBe('2026-11-28T00:00:00.000Z')
  expect(moment('2026-11-28T08:00:00Z', '--from', 'first')).toBe('2026-11-28T08:00:00.000Z')
})

test('what came of a try stands behind it, also when its end was written a moment later', () => {
  const tries = [
    { startedAt: '2026-11-28T12:40:37.600Z', endedAt: '2026-11-28T12:40:37.662Z' },
    { startedAt: '2026-11-28T12:50:00.000Z' },
  ]
  expect(afterItsCause('2026-11-28T12:40:37.656Z', tries)).toBe('2026-11-28T12:40:37.662Z')
  expect(afterItsCause('2026-11-28T12:40:37.662Z', tries)).toBe('2026-11-28T12:40:37.662Z')
  expect(afterItsCause('2026-11-28T12:45:00.000Z', tries)).toBe('2026-11-28T12:45:00.000Z')
  expect(afterItsCause('2026-11-28T12:51:00.000Z', tries)).toBe('2026-11-28T12:51:00.000Z')
})

test('a cell of a CSV file is never a formula of the spreadsheet that opens it', () => {
  expect(cell('=1+1')).toBe("'=1+1")
  expect(cell('@SUM(A1)')).toBe("'@SUM(A1)")
  expect(cell('-2,5')).toBe(`"'-2,5"`)
  expect(cell('say "yes"')).toBe('"say ""yes"""')
  expect(cell(undefined)).toBe('')
})
