// A certificate near its end, as ops see it: which ones are listed, and what the log says of them while the hub runs.
import { readFileSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import { listCertificates, watchCertificates } from '../../hub/boot/certificates.js'
import { createSignatures } from '../../hub/trust/signatures.js'
import { createSigners } from '../../hub/trust/signers.js'
import type { Overview } from '../../messages/views/index.js'
import { signingKey } from '../support/signing-certificates.js'

const dayMs = 86_400_000
const ending = (of: string, daysLeft: number): Overview['certificates'][number] => ({
  of,
  subject: `CN=${of}`,
  validTo: `2026-12-${of === 'http' ? '01' : '02'}T00:00:00.000Z`,
  daysLeft,
})

function watched(certificates: Overview['certificates']) {
  let now = 0
  const lines: string[] = []
  const note = (level: string) => (ids: object, event: string) => {
    lines.push(`${level} ${event}: ${(ids as { of: string }).of}`)
  }
  const watch = watchCertificates({
    list: async () => certificates,
    log: { warn: note('warn'), error: note('error') },
    now: () => now,
  })
  onTestFinished(() => watch.stop())
  return { ...watch, lines, pass: (ms: number) => void (now += ms) }
}

test('the log says each day which certificate ends soon, and says louder that one has ended', async () => {
  const certificates = [ending('signer ukey', 10), ending('agency gacc', -1), ending('http', 60)]
  const { look, lines, pass } = watched(certificates)
  await look()
  const once = ['warn a certificate ends soon: signer ukey', 'error a certificate has ended: agency gacc']
  expect(lines).toEqual(once)
  pass(dayMs - 1)
  await look()
  expect(lines).toEqual(once)
  pass(1)
  await look()
  expect(lines).toEqual([...once, ...once])
  // It ends: that is news, though it was told a moment ago.
  certificates[0] = { ...certificates[0]!, daysLeft: -1 }
  await look()
  expect(lines.slice(4)).toEqual(['error a certificate has ended: signer ukey'])
})

test('signers are listed, and partners’ certificates until one of the same company ends later', async () => {
  const own = await signingKey('rsa', { name: '测试报关有限公司', days: 10 })
  const [old, renewed, other] = await Promise.all([
    signingKey('rsa', { name: '甲', days: 3 }),
    signingKey('rsa', { name: '甲', days: 300 }),
    signingKey('sm2', { name: '乙', days: 10 }),
  ])
  const signatures = createSignatures({ memoryMb: 128 })
  const signers = createSigners({
    settings: [
      { name: 'ukey', certFile: own.certFile, keyFile: own.keyFile, timeoutSeconds: 5, includeCertificate: true },
    ],
    env: {},
    signatures,
    log: { info: () => {}, warn: () => {} },
  })
  onTestFinished(async () => {
    await signers.close()
    await signatures.close()
  })
  const of = (...keys: { certFile: string }[]) =>
    keys.map(({ certFile }, n) => ({
      id: `crt_${n}`,
      pem: readFileSync(certFile, 'utf8'),
      label: '',
      addedAt: '2026-01-01',
    }))
  const partner = (partnerId: string, signingCertificates: ReturnType<typeof of>, signatures?: 'require') => ({
    partnerId,
    name: partnerId,
    sshKeys: [],
    disabled: false,
    settings: {
      rights: ['*'],
      receipts: 'hub',
      defaults: {},
      signingCertificates,
      ...(signatures ? { signatures } : {}),
    },
  })
  const list = listCertificates({
    tls: undefined,
    agencies: { certificates: () => [] },
    signers,
    ledger: {
      listPartners: async () =>
        [
          partner('one', of(old, renewed), 'require'),
          partner('two', of(other), 'require'),
          partner('three', of(old)),
        ] as unknown as Awaited<ReturnType<Parameters<typeof listCertificates>[0]['ledger']['listPartners']>>,
    },
  })
  const seen = (await list()).map(({ of: whose, daysLeft }) => `${whose.split(' ').slice(0, 2).join(' ')}: ${daysLeft}`)
  expect(seen).toEqual([
    expect.stringMatching(/^signer ukey: (9|10)$/),
    expect.stringMatching(/^partner one: (299|300)$/),
    expect.stringMatching(/^partner two: (9|10)$/),
  ])
})
