// Every field of every published message, made wrong one at a time in the ways real files are: padded, nil, left out,
// unknown, twice, with an attribute too long. What holds for the one example of a fault holds for all its siblings.
import { describe, expect, test } from 'vitest'
import { foreignWords } from '../support/raw-text.js'
import { documents } from '../support/data.js'
import { engine, sampleBytes } from './conformance/samples.js'

interface Field {
  type: string
  name: string
  value: string
  /** The message with this in the field's place. */
  put: (text: string) => string
  element: (value: string, more?: string) => string
  attributes: RegExpMatchArray[]
}

const leaf = /<([\w:.-]+)((?:\s[^<>]*?)?)>([^<>]*)<\/\1>/g
/** Of XML signatures, which have a standard of their own. */
const signature = /Signature|Digest|X509|Key(Name|Info|Value)|Modulus|Exponent/
const nil = ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"'

/** The first of each name, of one sample of each document. */
function* fields(): Generator<Field> {
  for (const { family, documents: types } of documents) {
    if (['edifact', 'flatfile'].includes(family)) continue
    for (const { id, samples } of types) {
      const text = sampleBytes(samples[0]!).toString()
      const seen = new Set<string>()
      for (const found of text.matchAll(leaf)) {
        const [whole, tag, attributes, value] = found as unknown as [string, string, string, string]
        const name = tag.replace(/^.*:/, '')
        if (seen.has(name) || signature.test(name)) continue
        seen.add(name)
        yield {
          type: id,
          name,
          value,
          put: (one) => text.slice(0, found.index) + one + text.slice(found.index + whole.length),
          element: (one, more = attributes) => `<${tag}${more}>${one}</${tag}>`,
          attributes: [...attributes.matchAll(/\s(?!xmlns|xsi)([\w]+)="([^"]*)"/g)],
        }
      }
    }
  }
}

const faultsOf = (text: string) => {
  const { faults } = engine.inspect(Buffer.from(text))
  for (const one of faults) expect(foreignWords(one), JSON.stringify(one)).toEqual([])
  return faults
}
/** Its fields are published as names only, in no order. */
const open = new Set(['EmsMessage'])
/** By these alone a message is told from another of the same root. */
const telling = new Set(['UN_STRUCTURED UUID', 'SasAcmpRLMessage FileName'])
/** Text or base64, where a blank is a blank. */
const free = new Set(['ReceiveCity', 'SendCityEn', 'PaperInfo', 'FileContent', 'File'])

describe('of every field of every published message', () => {
  test('blanks around a code are refused', () => {
    let tried = 0
    const odd = new Set<string>()
    for (const { type, name, value, put, element } of fields()) {
      // A code: as many other signs are no value of it. A number takes one digit and two, and blanks, by XSD.
      if (!/^\S+$/.test(value) || free.has(name)) continue
      if (faultsOf(put(element('~'.repeat([...value].length)))).length === 0) continue
      const takes = (one: string) => !faultsOf(put(element(one))).some(({ code }) => code.startsWith('HUB_XSD'))
      if (/^[-\d]/.test(value) && ['1', '7', '12'].every(takes)) continue
      for (const padded of [` ${value}`, `${value} `, `\n${value}`, `${value}\t`])
        if (faultsOf(put(element(padded))).length === 0) odd.add(`${type} ${name} ${JSON.stringify(padded)}`)
      tried++
    }
    expect([...odd]).toEqual([])
    expect(tried).toBeGreaterThan(600)
  })

  test('nil and nothing at all are told of that field alone', () => {
    let missing = 0
    for (const { type, name, put, element } of fields()) {
      if (telling.has(`${type} ${name}`)) continue
      faultsOf(put(element('', nil)))
      const told = faultsOf(put('')).filter(({ code }) => code === 'HUB_XSD_ELEMENT_MISSING')
      expect({ type, name, rules: told.map(({ rule }) => rule).filter((rule) => rule !== `required=${name}`) }).toEqual(
        {
          type,
          name,
          rules: [],
        },
      )
      missing += told.length
    }
    expect(missing).toBeGreaterThan(1000)
  })

  test('a field that nobody knows beside it is told so, whatever the block; twice is told once', () => {
    let tried = 0
    for (const { type, name, value, put, element } of fields()) {
      if (open.has(type)) continue
      const itself = element(value)
      const strange = itself.replace(/^<((?:[\w.-]+:)?)[\s\S]*$/, '<$1Colour>red</$1Colour>')
      expect({ type, name, told: faultsOf(put(itself + strange)).map(({ rule }) => rule) }).toEqual({
        type,
        name,
        told: ['unknown'],
      })
      expect(faultsOf(put(itself + itself)).length, `${type} ${name}`).toBeLessThanOrEqual(1)
      tried++
    }
    expect(tried).toBeGreaterThan(2000)
  })

  test('an attribute that is too long, missing or unknown is told as one', () => {
    let tried = 0
    for (const { value, put, element, attributes } of fields())
      for (const [whole, name, old] of attributes) {
        const given = attributes.map(([one]) => one).join('')
        const long = faultsOf(put(element(value, given.replace(whole, ` ${name}="${old}${'9'.repeat(200)}"`))))
        for (const { path } of long) expect(path).toMatch(new RegExp(`/@${name}$`))
        faultsOf(put(element(value, given.replace(whole, ''))))
        const strange = faultsOf(put(element(value, `${given} colour="red"`)))
        expect(strange.map(({ text }) => text.en.includes('colour'))).toEqual([true])
        tried++
      }
    expect(tried).toBeGreaterThan(50)
  })
})
