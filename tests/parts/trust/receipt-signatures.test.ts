// The signature of a receipt is believed only when the key of the hub made it by the one algorithm there is.
import { createHmac, createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import { chmod, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  createReceiptSigner,
  rotateReceiptKey,
  verifyReceipt,
  type PublicJwk,
} from '../../../adapters/trust/receipt-signatures.js'
import { tempDir } from '../../support/temp.js'
import { until } from '../../support/until.js'

const bytes = Buffer.from('{"receipts":[{"status":"accepted"}]}')
const head = (values: object) => Buffer.from(JSON.stringify(values)).toString('base64url')
const signed = { typ: 'hub-receipt+jws', b64: false, crit: ['b64'] }
const input = (protectedHead: string, over: Uint8Array = bytes) =>
  Buffer.concat([Buffer.from(`${protectedHead}.`), over])

async function signer() {
  const keyFile = join(await tempDir('keys'), 'receipt-keys.json')
  const troubles: unknown[] = []
  return { keyFile, troubles, ...(await createReceiptSigner({ keyFile, trouble: (error) => troubles.push(error) })) }
}
const why = (jws: string, keys: object[], over: Uint8Array = bytes) =>
  verifyReceipt({ bytes: over, jws, keys }).then(
    ({ as }) => as as string,
    (error: Error) => error.name,
  )

test('the same receipt has the same signature however often it is given out, and no other bytes have it', async () => {
  const { jws, keys } = await signer()
  const made = await jws(bytes)
  expect(await jws(bytes)).toBe(made)
  expect(await why(made, keys())).toBe('receipt')
  expect(await why(await jws(bytes, 'enclosure'), keys())).toBe('enclosure')
  for (let at = 0; at < bytes.length; at++) {
    const other = Buffer.from(bytes)
    other[at]! ^= 0x20
    expect(await why(made, keys(), other), `byte ${at}`).toBe('ReceiptNotProved')
  }
  expect(await why(made, keys(), Buffer.concat([bytes, Buffer.from('\n')]))).toBe('ReceiptNotProved')
})

test('no signature chooses its algorithm, its key or its kind', async () => {
  const { jws, keys } = await signer()
  const [key] = keys()
  const { kid, x } = key!
  const raw = Buffer.from(x, 'base64url')
  const spki = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }).export({
    type: 'spki',
    format: 'pem',
  })
  const mac = (secret: string | Buffer) => {
    const h = head({ ...signed, alg: 'HS256', kid })
    return `${h}..${createHmac('sha256', secret).update(input(h)).digest('base64url')}`
  }
  const foreign = generateKeyPairSync('ed25519')
  const by = (values: object, over = bytes) => {
    const h = head(values)
    return `${h}..${sign(null, input(h, over), foreign.privateKey).toString('base64url')}`
  }
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const ecHead = head({ ...signed, alg: 'ES256', kid })
  const byEc = sign('sha256', input(ecHead), { key: ec.privateKey, dsaEncoding: 'ieee-p1363' })
  const enclosure = { ...signed, typ: 'hub-enclosure+jws' }
  const good = await jws(bytes)
  const [goodHead, , signature] = good.split('.')
  const base64Head = head({ alg: 'EdDSA', typ: 'hub-receipt+jws', kid })
  const attacks: Record<string, string> = {
    'no algorithm': `${head({ ...signed, alg: 'none', kid })}..`,
    'no algorithm, with a signature': `${head({ ...signed, alg: 'none', kid })}..${signature}`,
    'HS256 with the public key as its secret': mac(raw),
    'HS256 with the public key as base64url': mac(x),
    'HS256 with the public key as PEM': mac(String(spki)),
    'HS256 with an empty secret': mac(''),
    'a foreign key under our name': by({ ...signed, alg: 'EdDSA', kid }),
    'a foreign key that comes along': by({
      ...signed,
      alg: 'EdDSA',
      kid,
      jwk: foreign.publicKey.export({ format: 'jwk' }),
    }),
    'a foreign key without a name': by({ ...signed, alg: 'EdDSA' }),
    'ES256 by a foreign key': `${ecHead}..${byEc.toString('base64url')}`,
    'another head before our signature': `${head({ ...enclosure, alg: 'EdDSA', kid })}..${signature}`,
    'over the base64url of the bytes': `${base64Head}..${signature}`,
    'with a payload of its own': `${goodHead}.${bytes.toString('base64url')}.${signature}`,
    'cut short': good.slice(0, -4),
    'nothing at all': '',
    'two dots': '..',
    'a head that is no JSON': `AAAA..${signature}`,
    'an extension nobody knows': by({ ...signed, alg: 'EdDSA', kid, crit: ['b64', 'own'], own: 1 }),
  }
  for (const [attack, text] of Object.entries(attacks)) expect(await why(text, keys()), attack).toBe('ReceiptNotProved')
  expect(await why(good, keys())).toBe('receipt')
})

test('a token or any other text that the key signs is no receipt', async () => {
  const { keyFile, keys } = await signer()
  const { keys: kept } = JSON.parse(await readFile(keyFile, 'utf8')) as { keys: (PublicJwk & { d: string })[] }
  const { createPrivateKey } = await import('node:crypto')
  const secret = createPrivateKey({ key: { kty: 'OKP', crv: 'Ed25519', x: kept[0]!.x, d: kept[0]!.d }, format: 'jwk' })
  for (const typ of ['at+jwt', 'JWT', undefined]) {
    const h = head({ ...signed, alg: 'EdDSA', kid: kept[0]!.kid, typ })
    const jws = `${h}..${sign(null, input(h), secret).toString('base64url')}`
    expect(await why(jws, keys()), String(typ)).toBe('ReceiptNotProved')
  }
})

test('of a set of keys those of receipts alone prove anything', async () => {
  const { jws, keys } = await signer()
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' })
  const more = [
    { kty: 'oct', k: keys()[0]!.x, kid: keys()[0]!.kid, alg: 'HS256' },
    { ...rsa, kid: keys()[0]!.kid },
  ]
  expect(await why(await jws(bytes), [...more, ...keys()])).toBe('receipt')
  expect(await why(await jws(bytes), more)).toBe('ReceiptNotProved')
  expect(await why(await jws(bytes), [])).toBe('ReceiptNotProved')
})

test('hubs that start at one moment have one key, and go on with it when the file is gone', async () => {
  const keyFile = join(await tempDir('keys'), 'receipt-keys.json')
  const troubles: unknown[] = []
  const both = await Promise.all(
    [1, 2, 3].map(() => createReceiptSigner({ keyFile, trouble: (e) => troubles.push(e) })),
  )
  const kids = both.map((one) =>
    one
      .keys()
      .map(({ kid }) => kid)
      .join(),
  )
  expect(new Set(kids).size).toBe(1)

  const first = await both[0]!.jws(bytes)
  const kid = await rotateReceiptKey(keyFile)
  await until('the new key', () => both[1]!.keys()[0]!.kid === kid)
  expect(await why(first, both[1]!.keys())).toBe('receipt')
  await writeFile(keyFile, '{"keys":')
  await until('the trouble', async () => (await both[1]!.jws(bytes), troubles.length > 0))
  expect(both[1]!.keys()[0]!.kid).toBe(kid)
  await chmod(keyFile, 0o600)
  await rm(keyFile)
  expect(await why(await both[1]!.jws(bytes), both[1]!.keys())).toBe('receipt')
})
