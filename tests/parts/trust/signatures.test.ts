// What is signed for customs is what customs check: by other people's libraries, by OpenSSL, and by the hub itself.
import { execFileSync } from 'node:child_process'
import { createPrivateKey, sign as signBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SignedXml } from 'xml-crypto'
import { algorithmsOf } from '../../../adapters/trust/algorithms.js'
import { readSigningCertificate, signedBy } from '../../../adapters/trust/signing-certificate.js'
import { signSm2, verifySm2 } from '../../../adapters/trust/sm2.js'
import { createSignatures, UnsignableError, type Signatures } from '../../../hub/trust/signatures.js'
import { prepareSignature } from '../../../xsd/signature/enveloped.js'
import { readSignature, type ReadSignature } from '../../../xsd/signature/read.js'
import { signingKey, type SigningKey } from '../../support/signing-certificates.js'
import { tempDir } from '../../support/temp.js'

const sample = (name: string) => readFileSync(new URL(`../../../xsd/families/ceb/samples/${name}`, import.meta.url))
/** The samples bear a signature that is one in form only. */
const unsigned = (bytes: Buffer) =>
  Buffer.from(bytes.toString('latin1').replace(/<((?:\w+:)?Signature)[\s>][\s\S]*<\/\1>/, ''), 'latin1')
const order = unsigned(sample('CEB311Message.xml'))
const inGbk = unsigned(sample('CEB311Message-gbk.xml'))

const dir = mkdtempSync(join(tmpdir(), 'signing-'))
let rsa: SigningKey
let sm2: SigningKey
let signatures: Signatures
beforeAll(async () => {
  ;[rsa, sm2] = await Promise.all([signingKey('rsa', { dir }), signingKey('sm2', { dir })])
  signatures = createSignatures({ memoryMb: 256 })
})
afterAll(async () => {
  await signatures.close()
  rmSync(dir, { recursive: true })
})

async function signed(message: Buffer, by: SigningKey, also: { keyName?: string } = {}): Promise<Buffer> {
  const { algorithms, number, base64 } = readSigningCertificate(by.cert)
  const { signedInfo, complete } = await signatures.prepare(message, {
    kind: algorithms.kind,
    keyName: also.keyName ?? number,
    certificate: base64,
  })
  const key = createPrivateKey(by.key)
  return complete(algorithms.kind === 'sm2' ? signSm2(signedInfo, key) : signBytes('sha256', signedInfo, key))
}
const verified = (message: Buffer, by: SigningKey[], now = new Date()) =>
  signatures.verify(message, { certificates: by.map(({ cert }) => ({ pem: cert })), now })
/** A signature that is there and of one of the two forms. */
function readOf(message: Buffer): ReadSignature {
  const read = readSignature(message)
  if (read.found !== 'signature') throw new Error(JSON.stringify(read))
  return read.signature
}

/** Another library's word on an RSA signature. */
function holdsForOthers(message: string, cert: string): boolean {
  const signature = /<ds:Signature[\s\S]*<\/ds:Signature>/.exec(message)![0]
  const other = new SignedXml({ publicCert: cert })
  other.loadSignature(signature)
  return other.checkSignature(message)
}

describe('a message signed with RSA', () => {
  test('holds for another library, and keeps every byte that came beside the signature', async () => {
    const whole = await signed(order, rsa)
    expect(holdsForOthers(whole.toString('utf8'), rsa.cert)).toBe(true)
    expect(whole.toString('utf8').replace(/<ds:Signature[\s\S]*<\/ds:Signature>/, '')).toBe(order.toString('utf8'))
  })

  test('in GBK stays in GBK, and its signature is of what it says', async () => {
    const whole = await signed(inGbk, rsa)
    expect(await verified(whole, [rsa])).toMatchObject({ outcome: 'good' })
    const without = Buffer.from(whole.toString('latin1').replace(/<ds:Signature[\s\S]*<\/ds:Signature>/, ''), 'latin1')
    expect(without.equals(inGbk)).toBe(true)
  })

  test('bears the number of the certificate as its KeyName, and the certificate', async () => {
    const { number, base64 } = readSigningCertificate(rsa.cert)
    const read = readOf(await signed(order, rsa))
    expect(read.keyName).toBe(number)
    expect(read.certificates[0]!.toString('base64')).toBe(base64)
    expect(read.signatureMethod).toBe('http://www.w3.org/2001/04/xmldsig-more#rsa-sha256')
  })

  test('is read as good when another library has signed it', async () => {
    const other = new SignedXml({
      privateKey: rsa.key,
      publicCert: rsa.cert,
      signatureAlgorithm: algorithmsOf.rsa.signatureMethod,
      canonicalizationAlgorithm: 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315',
    })
    other.addReference({
      xpath: '/*',
      isEmptyUri: true,
      transforms: ['http://www.w3.org/2000/09/xmldsig#enveloped-signature'],
      digestAlgorithm: algorithmsOf.rsa.digestMethod,
    })
    other.computeSignature(order.toString('utf8'), { location: { reference: '/*', action: 'append' } })
    expect(await verified(Buffer.from(other.getSignedXml()), [rsa])).toMatchObject({ outcome: 'good' })
  })

  test('whose place was kept by an empty signature has one signature, not two', async () => {
    const method = (name: string, uri: string) => `<${name} Algorithm="${uri}"/>`
    const empty =
      '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo>' +
      `${method('CanonicalizationMethod', 'x')}</SignedInfo><SignatureValue/></Signature>`
    const kept = Buffer.from(order.toString('utf8').replace(/<\/(\w+:)?CEB311Message>\s*$/, `${empty}$&`))
    const whole = await signed(kept, rsa)
    expect(whole.toString('utf8').match(/:?Signature[ >]/g)).toHaveLength(2)
    expect(await verified(whole, [rsa])).toMatchObject({ outcome: 'good' })
  })

  test('that only talks of signatures, a hundred thousand times, holds up nobody', async () => {
    const { before, after } = {
      before: `<!--${'<Signature '.repeat(100_000)}-->`,
      after: '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/>',
    }
    const kept = Buffer.from(order.toString('utf8').replace(/<\/(\w+:)?CEB311Message>\s*$/, `${before}${after}$&`))
    const begun = performance.now()
    await expect(signed(kept, rsa)).rejects.toThrow(UnsignableError)
    expect(performance.now() - begun).toBeLessThan(5_000)
  })

  test('is not signed once more', async () => {
    await expect(signed(await signed(order, rsa), rsa)).rejects.toThrow(UnsignableError)
  })
})

describe('a message signed with SM2', () => {
  test('has the names customs gave to SM2 and SM3', async () => {
    const read = readOf(await signed(order, sm2))
    expect([read.signatureMethod, read.digestMethod]).toEqual([
      'http://www.chinaport.gov.cn/2022/04/xmldsig#sm2-sm3',
      'http://www.chinaport.gov.cn/2022/04/xmldsig#sm3',
    ])
  })

  test('holds for OpenSSL, which has SM2 of its own', async () => {
    const dir = await tempDir('sm2')
    const { signedInfo, value } = readOf(await signed(order, sm2))
    const file = (name: string) => join(dir, name)
    writeFileSync(file('info'), signedInfo)
    writeFileSync(file('value'), value)
    const options = ['-rawin', '-digest', 'sm3', '-pkeyopt', 'distid:1234567812345678']
    const said = execFileSync('openssl', [
      ...['pkeyutl', '-verify', '-certin', '-inkey', sm2.certFile, '-in', file('info'), '-sigfile', file('value')],
      ...options,
    ])
    expect(said.toString()).toContain('Success')
  })

  test('by OpenSSL holds for the hub', async () => {
    const dir = await tempDir('sm2')
    const data = Buffer.from('单一窗口报文')
    writeFileSync(join(dir, 'data'), data)
    const options = ['-rawin', '-digest', 'sm3', '-pkeyopt', 'distid:1234567812345678']
    const value = execFileSync('openssl', [
      'pkeyutl',
      '-sign',
      '-inkey',
      sm2.keyFile,
      '-in',
      join(dir, 'data'),
      ...options,
    ])
    expect(signedBy(readSigningCertificate(sm2.cert), data, value)).toBe(true)
    expect(signedBy(readSigningCertificate(sm2.cert), Buffer.from('另一份'), value)).toBe(false)
  })

  test('is not what Node signs with the same key: nobody who checks by GM/T 0003 takes that', () => {
    const data = Buffer.from('报文')
    const { publicKey } = readSigningCertificate(sm2.cert)
    expect(verifySm2(data, signBytes('sm3', data, createPrivateKey(sm2.key)), publicKey)).toBe(false)
    expect(verifySm2(data, signSm2(data, createPrivateKey(sm2.key)), publicKey)).toBe(true)
  })

  test('SM3 is the SM3 of GM/T 0004: the first vector of its appendix', () => {
    expect(algorithmsOf.sm2.digest(Buffer.from('abc')).toString('hex')).toBe(
      '66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0',
    )
  })
})

describe.each(['rsa', 'sm2'] as const)('a signature made with %s does not hold', (kind) => {
  const key = () => (kind === 'rsa' ? rsa : sm2)

  test('when one character of the message was changed afterwards', async () => {
    const whole = (await signed(order, key())).toString('utf8')
    const changed = whole.replace(/<(\w+:)?copCode>/, '$&9')
    expect(changed).not.toBe(whole)
    expect(await verified(Buffer.from(changed), [key()])).toMatchObject({ outcome: 'bad', why: 'content' })
  })

  test('when what it says was changed afterwards', async () => {
    const whole = (await signed(order, key())).toString('utf8')
    const digest = /<ds:DigestValue>([^<]+)/.exec(whole)![1]!
    const other = Buffer.from(digest, 'base64')
    other[0]! ^= 1
    const changed = whole.replace(/<(\w+:)?copCode>/, '$&9')
    const redone = changed.replace(digest, other.toString('base64'))
    expect(await verified(Buffer.from(redone), [key()])).toMatchObject({ outcome: 'bad' })
  })

  test('when its certificate is not one of the partner’s', async () => {
    const stranger = await signingKey(kind)
    expect(await verified(await signed(order, stranger), [key()])).toMatchObject({ outcome: 'bad', why: 'unknown' })
  })

  test('when the certificate is that of the partner and the key another’s', async () => {
    const stranger = await signingKey(kind)
    const { algorithms, number, base64 } = readSigningCertificate(key().cert)
    const by = { kind: algorithms.kind, keyName: number, certificate: base64 }
    const { signedInfo, complete } = await signatures.prepare(order, by)
    const secret = createPrivateKey(stranger.key)
    const value = kind === 'sm2' ? signSm2(signedInfo, secret) : signBytes('sha256', signedInfo, secret)
    expect(await verified(complete(value), [key()])).toMatchObject({ outcome: 'bad', why: 'value' })
  })

  test('before and after its certificate is good', async () => {
    const whole = await signed(order, key())
    const day = 86_400_000
    expect(await verified(whole, [key()], new Date(Date.now() - 2 * day))).toMatchObject({ why: 'early' })
    expect(await verified(whole, [key()], new Date(Date.now() + 40 * day))).toMatchObject({ why: 'expired' })
  })
})

describe('a signature that is of something else than the message', () => {
  const good = async () => (await signed(order, rsa)).toString('utf8')
  const judged = async (changed: string) => {
    expect(changed).not.toBe(await good())
    return verified(Buffer.from(changed), [rsa])
  }

  test.each([
    ['names a part of it', (xml: string) => xml.replace('Reference URI=""', 'Reference URI="#order"')],
    ['has no reference', (xml: string) => xml.replace(/<ds:Reference[\s\S]*<\/ds:Reference>/, '')],
    ['has two', (xml: string) => xml.replace(/<ds:Reference[\s\S]*<\/ds:Reference>/, '$&$&')],
    ['picks by XPath', (xml: string) => xml.replace(/#enveloped-signature/, '#xpath')],
    [
      'is canonical in another way',
      (xml: string) => xml.replace('REC-xml-c14n-20010315', 'REC-xml-c14n-20010315#WithComments'),
    ],
    ['is there twice', (xml: string) => xml.replace(/<ds:Signature[\s\S]*<\/ds:Signature>/, '$&$&')],
  ])('is refused when it %s', async (_, change) => {
    expect(await judged(change(await good()))).toMatchObject({ outcome: 'bad', why: 'form' })
  })

  test('is refused when it stands deeper than under the root (wrapping)', async () => {
    const xml = await good()
    const signature = /<ds:Signature[\s\S]*<\/ds:Signature>/.exec(xml)![0]
    const moved = xml.replace(signature, '').replace(/<((?:\w+:)?OrderHead)>/, `<$1>${signature}`)
    expect(await judged(moved)).toMatchObject({ outcome: 'bad', why: 'form' })
  })

  test.each([
    ['says SM2 with an RSA key', algorithmsOf.rsa.signatureMethod, algorithmsOf.sm2.signatureMethod],
    [
      'says HMAC, with the public key as its secret',
      algorithmsOf.rsa.signatureMethod,
      'http://www.w3.org/2000/09/xmldsig#hmac-sha1',
    ],
    ['says SHA-1', algorithmsOf.rsa.digestMethod, 'http://www.w3.org/2000/09/xmldsig#sha1'],
  ])('is refused when it %s', async (_, from, to) => {
    expect(await judged((await good()).replace(from, to))).toMatchObject({ outcome: 'bad', why: 'algorithm' })
  })
})

test.each(['CEB311Message', 'CEB411Message', 'CEB303Message', 'CEB603Message', 'CEB621Message', 'CEB711Message'])(
  'a published %s is signed and holds, for another library too',
  async (name) => {
    const whole = await signed(unsigned(sample(`${name}.xml`)), rsa)
    expect(await verified(whole, [rsa])).toMatchObject({ outcome: 'good' })
    expect(holdsForOthers(whole.toString('utf8'), rsa.cert)).toBe(true)
  },
)

test('what cannot bear a signature is said so', () => {
  const template = { ...algorithmsOf.rsa, keyName: '1' }
  expect(() => prepareSignature(Buffer.from('<a/>', 'utf16le'), template)).toThrow('UTF-16')
  expect(() => prepareSignature(Buffer.from('<a>'), template)).toThrow('not well-formed')
  expect(() => prepareSignature(Buffer.from('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'), template)).toThrow('DOCTYPE')
})
