// signatures — messages around whose signature something was moved, doubled or hidden, whose algorithm was changed, or
// whose certificate is not to be believed; and signatures that are built to be slow to look at.
import { execFileSync } from 'node:child_process'
import { expect } from 'vitest'
import { sample } from '../../../support/hub.js'
import { signedMessage, unsigned } from '../../../support/signed-messages.js'
import { signingKey, type SigningKey } from '../../../support/signing-certificates.js'
import type { Attack, Ground } from '../attack.js'
import { sized } from '../attack.js'

const elements = sized(200_000, 40_000)
let own: SigningKey
let foreign: SigningKey
let over: SigningKey
let key: string

const signatureOf = (xml: string) => /<ds:Signature[\s\S]*<\/ds:Signature>/.exec(xml)![0]
const orderOf = (xml: string) => /<((?:\w+:)?Order)>[\s\S]*?<\/\1>/.exec(xml)![0]
const mb = (xml: string) => (xml.length / 1e6).toFixed(1)
let count = 0
const order = () =>
  unsigned(sample('ceb/CEB311Message.xml')).replace(
    /(<(?:\w+:)?orderNo>)[^<]{6}/,
    `$1H${String(++count).padStart(5, '0')}`,
  )

async function prepare({ hub, dir }: Ground): Promise<void> {
  ;[own, foreign, over] = await Promise.all([
    signingKey('rsa', { dir }),
    signingKey('rsa', { dir, name: '测试他人有限公司' }),
    signingKey('rsa', { dir, days: 1 }),
  ])
  await hub.ops('/ops/partners', {
    partnerId: 'signing',
    name: '测试电商有限公司',
    settings: { rights: ['*'], signatures: 'require' },
  })
  for (const { cert } of [own, over])
    await hub.ops('/ops/partners/signing/certificates', { certificate: cert, use: 'signature' })
  key = (await hub.ops<{ secret: string }>('/ops/partners/signing/keys', { kind: 'http' })).secret
}

/** The certificate that is registered, over another's key: same name, same number. */
function lookalike(dir: string): SigningKey {
  const certFile = `${dir}/lookalike.crt`
  const serial = execFileSync('openssl', ['x509', '-in', own.certFile, '-noout', '-serial']).toString().trim()
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-new', '-utf8', '-key', foreign.keyFile, '-days', '5', '-subj', '/CN=测试电商有限公司'],
      ...['-set_serial', `0x${serial.replace('serial=', '')}`, '-out', certFile],
    ],
    { stdio: 'ignore' },
  )
  return { ...foreign, certFile, cert: execFileSync('openssl', ['x509', '-in', certFile]).toString() }
}

const tricks: [string, (xml: string) => string][] = [
  [
    'another order beside the signed one',
    (xml) => xml.replace(orderOf(xml), (one) => one + one.replace(/guid>[0-9A-F]{8}/i, 'guid>00000000')),
  ],
  [
    'the signature moved into the order',
    (xml) => xml.replace(signatureOf(xml), '').replace(/<((?:\w+:)?Order)>/, `<$1>${signatureOf(xml)}`),
  ],
  ['two signatures', (xml) => xml.replace(signatureOf(xml), '$&$&')],
  [
    'an Object in the signature',
    (xml) => xml.replace('</ds:Signature>', `<ds:Object Id="o">${orderOf(xml)}</ds:Object>$&`),
  ],
  [
    'a reference to that Object',
    (xml) =>
      xml.replace('URI=""', 'URI="#o"').replace('</ds:Signature>', `<ds:Object Id="o">${orderOf(xml)}</ds:Object>$&`),
  ],
  ['a reference to a file', (xml) => xml.replace('URI=""', 'URI="file:///etc/passwd"')],
  ['a reference to a server inside', (xml) => xml.replace('URI=""', 'URI="http://127.0.0.1:9/"')],
  [
    'XPath in its transforms',
    (xml) =>
      xml.replace(
        '</ds:Transforms>',
        '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><ds:XPath>1=0</ds:XPath>' +
          '</ds:Transform>$&',
      ),
  ],
  ['HMAC', (xml) => xml.replace('2001/04/xmldsig-more#rsa-sha256', '2000/09/xmldsig#hmac-sha1')],
  [
    'SM2 with an RSA key',
    (xml) =>
      xml.replace(
        'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
        'http://www.chinaport.gov.cn/2022/04/xmldsig#sm2-sm3',
      ),
  ],
  ['SHA-1', (xml) => xml.replace('2001/04/xmlenc#sha256', '2000/09/xmldsig#sha1')],
  ['no value', (xml) => xml.replace(/<ds:SignatureValue>[^<]*/, '<ds:SignatureValue>')],
  ['no signature', (xml) => xml.replace(signatureOf(xml), '')],
]

const attacks: Attack[] = [
  {
    name: 'signatures wrapped, moved and of other algorithms',
    prepare,
    async run({ hub, dir }) {
      const send = async (xml: string) => (await hub.send(xml, { key })).receipts[0]!
      expect((await send(signedMessage(order(), own))).status).toBe('accepted')
      for (const [what, trick] of tricks) {
        const whole = signedMessage(order(), own)
        const changed = trick(whole)
        expect(changed, what).not.toBe(whole)
        const { status, faults } = await send(changed)
        expect([what, status]).toEqual([what, 'refused'])
        expect(faults.length, what).toBeGreaterThan(0)
      }
      for (const stranger of [foreign, lookalike(dir)])
        expect((await send(signedMessage(order(), stranger))).code).toBe('HUB_SIGNATURE_INVALID')
      return { tried: `${tricks.length + 2} messages`, survived: 'each refused' }
    },
  },
  {
    name: `signatures of messages with ${elements.said} elements or attributes, 8 connections`,
    prepare,
    async run({ hub }) {
      // What the schema lets anybody add is where a message of theirs grows.
      const extended = (inside: string) => {
        return signedMessage(order().replace('测试扩展', inside), own).replace(
          /<ds:DigestValue>.{4}/,
          '<ds:DigestValue>AAAA',
        )
      }
      const whole = extended('<n a="1" b="2">测试</n>'.repeat(elements.count))
      // Sorted one by one, so many attributes would take a minute: here they are put in after it was signed.
      const attributes = Array.from({ length: elements.count }, (_, i) => `a${(i * 7919) % elements.count}="1"`).join(
        ' ',
      )
      const wide = signedMessage(order(), own).replace('测试扩展', `<n ${attributes}/>`)
      const answers = await Promise.all(
        [whole, whole, whole, whole, wide, wide, wide, wide].map((xml) => hub.send(xml, { key })),
      )
      const codes = answers.flatMap(({ receipts, status }) => receipts.map(({ code }) => `${status} ${code}`))
      expect(codes).toEqual(Array.from({ length: 8 }, () => '422 HUB_SIGNATURE_INVALID'))
      return { tried: `4 × ${mb(whole)} and 4 × ${mb(wide)} MB`, survived: 'each refused' }
    },
  },
]
export default attacks
