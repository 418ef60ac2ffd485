// What a partner signed is what the hub reads: every known way to move, double or hide something around a signature is
// refused, in a CEB message and in a bonded one.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { verifySignature } from '../../../hub/trust/verify-signature.js'
import { signedBonded, signedMessage, unsigned } from '../../support/signed-messages.js'
import { signingKey, type SigningKey } from '../../support/signing-certificates.js'

const sample = (name: string) => readFileSync(new URL(`../../../xsd/families/${name}`, import.meta.url), 'utf8')
const dir = mkdtempSync(join(tmpdir(), 'wrapping-'))
let rsa: SigningKey
let sm2: SigningKey
let ceb: string
let list: string
beforeAll(async () => {
  ;[rsa, sm2] = await Promise.all([signingKey('rsa', { dir }), signingKey('sm2', { dir })])
  ceb = signedMessage(unsigned(sample('ceb/samples/CEB311Message.xml')), rsa)
  list = signedBonded(sample('sas/samples/INV101-minimal.xml'), sm2)
})
afterAll(() => rmSync(dir, { recursive: true }))

const verified = (message: string, more: { revokedAt?: string } = {}) =>
  verifySignature(
    Buffer.from(message),
    [rsa, sm2].map(({ cert }) => ({ pem: cert, ...more })),
    Date.now(),
  )
const signatureOf = (xml: string) => /<ds:Signature[\s\S]*<\/ds:Signature>/.exec(xml)![0]
const objectOf = (xml: string) => /<Object[\s\S]*<\/Object>/.exec(xml)![0]

describe('a CEB message', () => {
  test('that nobody has touched holds', () => {
    expect(verified(ceb)).toMatchObject({ outcome: 'good' })
  })

  test.each<[string, (xml: string) => string]>([
    ['a second order before the signed one', (xml) => xml.replace(/<((?:\w+:)?Order)>[\s\S]*?<\/\1>/, '$&$&')],
    [
      'the signed message as a whole below a new root',
      (xml) =>
        '<CEB311Message xmlns="http://www.chinaport.gov.cn/ceb">' +
        `<evil/>${xml.replace(/<\?xml.*?\?>/, '')}</CEB311Message>`,
    ],
    [
      'the signature moved below the order',
      (xml) => xml.replace(signatureOf(xml), '').replace(/<((?:\w+:)?Order)>/, `<$1>${signatureOf(xml)}`),
    ],
    [
      'a second, empty signature',
      (xml) => xml.replace(signatureOf(xml), `$&<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"/>`),
    ],
    [
      'an Object in the signature that holds another order',
      (xml) => xml.replace('</ds:Signature>', '<ds:Object><Order/></ds:Object></ds:Signature>'),
    ],
    [
      'an element of another namespace in the signature',
      (xml) => xml.replace('</ds:SignedInfo>', '</ds:SignedInfo><x xmlns="urn:x"/>'),
    ],
    ['a reference to a part by its id', (xml) => xml.replace('URI=""', 'URI="#part"')],
    ['a reference to a page elsewhere', (xml) => xml.replace('URI=""', 'URI="http://127.0.0.1:9/other.xml"')],
    ['a reference to a file', (xml) => xml.replace('URI=""', 'URI="file:///etc/passwd"')],
    ['an XPointer to the whole', (xml) => xml.replace('URI=""', 'URI="#xpointer(/)"')],
    ['no URI at all', (xml) => xml.replace(' URI=""', '')],
    ['a second reference', (xml) => xml.replace(/<ds:Reference[\s\S]*<\/ds:Reference>/, '$&$&')],
    ['no transform', (xml) => xml.replace(/<ds:Transforms>.*<\/ds:Transforms>/, '')],
    [
      'XSLT after the transform',
      (xml) =>
        xml.replace('</ds:Transforms>', '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"/>$&'),
    ],
    [
      'XPath within the transform',
      (xml) => xml.replace(/(<ds:Transform [^>]*?)\/>/, '$1><ds:XPath>not(//x)</ds:XPath></ds:Transform>'),
    ],
    [
      'a length for a truncated HMAC',
      (xml) =>
        xml.replace(
          /(<ds:SignatureMethod [^>]*?)\/>/,
          '$1><ds:HMACOutputLength>1</ds:HMACOutputLength></ds:SignatureMethod>',
        ),
    ],
    [
      'exclusive canonicalization',
      (xml) =>
        xml.replace('http://www.w3.org/TR/2001/REC-xml-c14n-20010315', 'http://www.w3.org/2001/10/xml-exc-c14n#'),
    ],
  ])('with %s does not hold', (_, change) => {
    const changed = change(ceb)
    expect(changed).not.toBe(ceb)
    const found = verified(changed)
    expect(found.outcome).toBe('bad')
    expect(found).toMatchObject({ place: { path: expect.stringContaining('Signature') as string } })
  })

  test.each([
    ['HMAC, with the public key as its secret', 'http://www.w3.org/2001/04/xmldsig-more#hmac-sha256'],
    ['RSA with SHA-1', 'http://www.w3.org/2000/09/xmldsig#rsa-sha1'],
    ['SM2, with an RSA key', 'http://www.chinaport.gov.cn/2022/04/xmldsig#sm2-sm3'],
    ['nothing', ''],
  ])('that says %s is refused for its algorithm: the certificate says which', (_, method) => {
    const changed = ceb.replace('http://www.w3.org/2001/04/xmldsig-more#rsa-sha256', method)
    expect(verified(changed)).toMatchObject({ outcome: 'bad', why: 'algorithm' })
  })

  test('with the key it is signed with as a KeyValue, and no certificate, names nobody', () => {
    const changed = ceb.replace(/<ds:KeyInfo>.*<\/ds:KeyInfo>/, '<ds:KeyInfo><ds:KeyValue>x</ds:KeyValue></ds:KeyInfo>')
    expect(verified(changed)).toMatchObject({ outcome: 'bad', why: 'unknown', zh: '签名未注明证书' })
  })

  test('signed with a certificate that was taken back says since when', () => {
    expect(verified(ceb, { revokedAt: '2026-11-01T00:00:00.000Z' })).toMatchObject({ outcome: 'bad', why: 'revoked' })
  })

  test('that kept a comment where none was still says what was signed, for a comment says nothing', () => {
    expect(verified(ceb.replace(/<((?:\w+:)?Order)>/, '<$1><!-- 备注 -->'))).toMatchObject({ outcome: 'good' })
  })
})

describe('a message that costs more than it says', () => {
  const many = (n: number, one: (i: number) => string) => Array.from({ length: n }, (_, i) => one(i)).join(' ')
  test.each([
    [
      'an element of 60,000 attributes',
      `<m ${many(60_000, (i) => `a${(i * 7919) % 60_000}="1"`)}/>`,
      '有元素的属性超过',
    ],
    [
      '5,000 namespaces',
      `<m ${many(5_000, (i) => `xmlns:p${i}="urn:u${i}"`)}>${'<n/>'.repeat(20_000)}</m>`,
      '命名空间前缀超过',
    ],
    ['a namespace that is a relative URI', '<m xmlns="u"/>', '无法规范化'],
  ])('for %s is refused at once', (_, inside, said) => {
    const begun = process.cpuUsage()
    expect(verified(ceb.replace('测试扩展', inside))).toMatchObject({
      outcome: 'bad',
      why: 'form',
      zh: expect.stringContaining(said) as string,
    })
    // Sorted one by one they take the better part of a minute.
    expect(process.cpuUsage(begun).user / 1000).toBeLessThan(10_000)
  })
})

describe('a bonded message', () => {
  test('that nobody has touched holds, with its id written in either way', () => {
    expect(verified(list)).toMatchObject({ outcome: 'good' })
    expect(verified(signedBonded(sample('sas/samples/INV101-minimal.xml'), sm2, { uri: '#String' }))).toMatchObject({
      outcome: 'good',
    })
  })

  test.each<[string, (xml: string) => string]>([
    [
      'another Object before the signed one',
      (xml) => xml.replace('<Object', `${objectOf(xml).replace('Id="String"', 'Id="other"')}<Object`),
    ],
    [
      'another Object after it',
      (xml) => xml.replace('</Object>', `</Object>${objectOf(xml).replace('Id="String"', 'Id="other"')}`),
    ],
    ['an Object of the same id', (xml) => xml.replace('<Object', `${objectOf(xml)}<Object`)],
    ['the same id at another element', (xml) => xml.replace('<Package>', '<Package id="String">')],
    ['a Package beside the Object', (xml) => xml.replace('<Object', '<Package/><Object')],
    ['a reference to another id', (xml) => xml.replace('URI="String"', 'URI="#other"')],
    ['a reference to the whole', (xml) => xml.replace('URI="String"', 'URI=""')],
    ['no id', (xml) => xml.replace(' Id="String"', '')],
    [
      'the signed Object inside another',
      (xml) => xml.replace(objectOf(xml), `<Object Id="new">${objectOf(xml)}</Object>`),
    ],
    ['a signature in its package', (xml) => xml.replace('<Package>', '<Package><Signature/>')],
    ['a change in the package', (xml) => xml.replace('<pocket_id>', '<pocket_id>1')],
  ])('with %s does not hold', (_, change) => {
    const changed = change(list)
    expect(changed).not.toBe(list)
    expect(verified(changed).outcome).toBe('bad')
  })

  test('whose Signature has no namespace is unverifiable with a value, unsigned without one', () => {
    const none = list.replace(' xmlns="http://www.w3.org/2000/09/xmldsig#"', '')
    expect(verified(none)).toMatchObject({ outcome: 'bad', why: 'form', zh: '签名没有 xmldsig 命名空间' })
    const empty = none.replace(/<SignatureValue>[^<]*<\/SignatureValue>/, '<SignatureValue/>')
    expect(verified(empty)).toMatchObject({ outcome: 'unsigned', place: { path: '/Signature' } })
  })
})
