// The catalogue by name: what somebody types who does not know the code.
import { expect, test } from 'vitest'
import { searchCatalogue } from '../../routing/search-catalogue.js'
import { routing } from '../support/data.js'

const { operations } = routing
const found = (typed: string) => searchCatalogue(operations.values(), typed).map(({ code }) => code)

test('an operation is found by its name in either language, also with a word left out or a letter wrong', () => {
  expect(found('出口许可证申请').slice(0, 4)).toContain('4.3.1.1.1')
  expect(found('出口许可证单证申请')[0]).toBe('4.3.1.1.1')
  expect(found('export licence')[0]).toBe('4.3.1.1.1')
  expect(found('exprot licence document')[0]).toBe('4.3.1.1.1')
  expect(found('CEB621')).toEqual(['10.1.3.1.1'])
  expect(found('出口许可证').length).toBeGreaterThan(2)
})

test('operations of every category are among those their own names find, in both languages', () => {
  const some = [...operations.values()].filter((_, i) => i % 9 === 0)
  const lost = some.filter(({ code, title }) => !found(title.zh).includes(code) || !found(title.en).includes(code))
  expect(lost.map(({ code }) => code)).toEqual([])
})

test('what no operation is called finds nothing', () => {
  for (const typed of ['', ' ', '!?', 'zzzzzz', '量子纠缠']) expect(found(typed), typed).toEqual([])
})
