// How many declarations wait for a key, as one of several hubs counts them: those it comes upon itself.
import { expect, test } from 'vitest'
import { createSigners, SignerAwayError } from '../../../hub/trust/signers.js'
import type { Signatures } from '../../../hub/trust/signatures.js'
import { signingKey } from '../../support/signing-certificates.js'

const signatures: Signatures = {
  prepare: async (bytes: Buffer) => ({ signedInfo: bytes, complete: () => bytes }),
  close: async () => {},
} as unknown as Signatures

async function signersOfOneHub() {
  const { certFile } = await signingKey('rsa')
  let now = Date.parse('2026-11-27T20:00:00+08:00')
  const signers = createSigners({
    settings: [{ name: 'u-key', certFile, agentTokenEnv: 'TOKEN', includeCertificate: true, timeoutSeconds: 10 }],
    env: { TOKEN: 'of-the-agent' },
    signatures,
    log: { info: () => {}, warn: () => {} },
    now: () => new Date(now),
  })
  const sign = (submissionId: string) =>
    signers.sign({ submissionId, agency: 'gacc', companies: [], bytes: Buffer.from('<x/>') })
  const waiting = () => signers.views()[0]!.waiting
  return { signers, sign, waiting, pass: (seconds: number) => void (now += seconds * 1000) }
}

test('what another hub has signed meanwhile waits here no longer; what is come upon again still does', async () => {
  const { signers, sign, waiting, pass } = await signersOfOneHub()
  for (const id of ['sub_elsewhere', 'sub_here']) await expect(sign(id)).rejects.toThrow(SignerAwayError)
  expect(waiting()).toBe(2)
  for (let n = 0; n < 5; n++) {
    pass(60)
    expect(signers.waitsFor('sub_here')).toContain('u-key')
  }
  expect(waiting()).toBe(1)
  await signers.close()
})

test('no hub goes on counting what waits because its clock was set back', async () => {
  const { signers, sign, waiting, pass } = await signersOfOneHub()
  await expect(sign('sub_elsewhere')).rejects.toThrow(SignerAwayError)
  pass(-3 * 86_400)
  expect(waiting()).toBe(0)
  await signers.close()
})
