// Where a webhook may lead: elsewhere, by https. What is inside is refused by its address, however it is written and
// whatever name leads there.
import { expect, test } from 'vitest'
import { addressFault, lookupWithin, urlFault } from '../../adapters/channels/webhook/reach.js'

const strict = { http: false, loopback: false, allow: [] }

test.each([
  'https://127.0.0.1/',
  'https://127.1/',
  'https://2130706433/',
  'https://[::1]/',
  'https://[::ffff:127.0.0.1]/',
  'https://localhost/',
  'https://a.localhost/',
  'https://169.254.169.254/',
  'https://[64:ff9b::7f00:1]/',
  'https://[64:ff9b:1::a9fe:a9fe]/',
  'https://[::ffff:0:7f00:1]/',
  'https://[2002:7f00:1::]/',
  'https://168.63.129.16/',
  'https://[fd20:ce::254]/',
  'http://partner.example/',
  'ftp://partner.example/',
  'https://user:secret@partner.example/',
])('%s is not taken', (url) => expect(urlFault(url, strict)).toBeDefined())

test('an address elsewhere is taken, and one inside where the configuration allows it', () => {
  expect(urlFault('https://partner.example/receipts', strict)).toBeUndefined()
  expect(addressFault('10.0.0.7', strict)).toBeUndefined()
  expect(urlFault('https://127.0.0.1/', { ...strict, allow: ['127.0.0.1'] })).toBeUndefined()
  expect(urlFault('http://127.0.0.1:8081/', { http: true, loopback: true, allow: [] })).toBeUndefined()
})

test('a name is looked at by the addresses it leads to, when it is called', async () => {
  const asked = (reach: typeof strict) =>
    new Promise<string>((resolve) =>
      lookupWithin(reach)('localhost', { all: true }, (error) => resolve(error ? error.message : 'found')),
    )
  expect(await asked(strict)).toMatch(/leads inside/)
  expect(await asked({ ...strict, loopback: true })).toBe('found')
})
