// Numbers that check themselves: the examples their own standards give, and the slips a clerk makes.
import { describe, expect, test } from 'vitest'
import { checkDigits, type CheckDigitName } from '../../messages/check-digits/index.js'
import { containerDigit } from '../../messages/check-digits/container.js'
import { creditCodeDigit } from '../../messages/check-digits/credit-code.js'

const verdict = (name: CheckDigitName, value: string) =>
  checkDigits[name].applies(value) ? checkDigits[name].right(value) : 'not asked'

describe.each<[CheckDigitName, string, string[], string[], string[]]>([
  [
    'container',
    'container number, ISO 6346',
    ['CSQU3054383', 'TESU1234567', 'TESU7654320'],
    ['CSQU3054384', 'TESU1234568'],
    ['自备箱1', 'TEST1234567', 'TESU123456', 'tesu1234567', 'TESU 1234567', ''],
  ],
  [
    'credit-code',
    'unified social credit code, GB 32100',
    ['91350100M000100Y43', '91110000MATEXT0016', 'USCI+91110000MATEXT0016'],
    ['91350100M000100Y44', '91350100M00010YO43'.replace('O', '0'), 'USCI+91110000MATEXT0017'],
    ['1101919999', '91110000TEST000001', '无', '9135010M000100Y43', '110101200001010010'],
  ],
  [
    'organisation-code',
    'organisation code, GB 11714',
    ['D2143569X', 'D2143569-X'],
    ['D21435690'],
    ['D214356', 'D2143569x', '1101919999'],
  ],
  [
    'imo-number',
    'ship number, IMO',
    ['9074729', 'IMO 9074729', 'UN9990076'],
    ['9074728', 'UN9990077'],
    ['UN999007', 'B-9901', '412345678', '0074729'],
  ],
  ['hs-code-8', 'tariff number', ['84713000'], ['8471300000', '00713000', '77713000', '8471300A'], ['']],
  ['hs-code-10', 'commodity code of customs', ['8471300000'], ['84713000', '8471.30.00'], ['']],
  ['hs-code-13', 'commodity code with inspection', ['8471300000999'], ['8471300000'], ['']],
  ['base64', 'bytes as text, RFC 4648', ['VEVT', 'VEV\n T', 'VA==', 'VEU='], ['?~', 'VEV', 'VE=V', 'VEVT='], ['']],
  [
    'customs-registration',
    'customs registration',
    ['1101919999', '4403660A12'],
    ['TEST989998', '11019199a9'],
    ['110191999', '91110000MATEXT0016'],
  ],
])('%s: the %s', (name, _, right, wrong, other) => {
  test('what is right is taken', () => {
    for (const value of right) expect({ value, is: verdict(name, value) }).toEqual({ value, is: true })
  })
  test('what cannot exist is told', () => {
    for (const value of wrong) expect({ value, is: verdict(name, value) }).toEqual({ value, is: false })
  })
  test('what is another kind of number is left alone', () => {
    for (const value of other) expect({ value, is: verdict(name, value) }).toEqual({ value, is: 'not asked' })
  })
})

test('one wrong character of a credit code is always seen, and so are two neighbours changed about', () => {
  const alphabet = '0123456789ABCDEFGHJKLMNPQRTUWXY'
  const code = '91110000MATEXT001'
  const digit = creditCodeDigit(code)
  for (let i = 0; i < code.length; i++) {
    for (const other of alphabet)
      if (other !== code[i]) expect(creditCodeDigit(code.slice(0, i) + other + code.slice(i + 1))).not.toBe(digit)
    if (i > 0 && code[i] !== code[i - 1])
      expect(creditCodeDigit(code.slice(0, i - 1) + code[i]! + code[i - 1]! + code.slice(i + 1))).not.toBe(digit)
  }
})

test('a remainder of ten is written 0 on a container', () => {
  const serials = Array.from({ length: 200 }, (_, i) => `TESU${String(i).padStart(6, '0')}`)
  expect(new Set(serials.map(containerDigit))).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]))
})
