// Signatures of partners are verified on their way in (验签): by every door, enveloped and of the Object of a bonded
// message, RSA and SM2; by the certificates that were registered for the partner and by nothing else.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Fault } from '../../messages/fault.js'
import type { Receipt } from '../../messages/receipt.js'
import type { SigningCertificateView } from '../../messages/views/index.js'
import { sample, type RunningHub } from '../support/hub.js'
import { sharedHub } from '../support/shared-hub.js'
import { signedBonded, signedMessage, unsigned } from '../support/signed-messages.js'
import { signingKey, type SigningKey } from '../support/signing-certificates.js'
import { until } from '../support/until.js'

let hub: RunningHub
let remove: () => Promise<void>
let [rsa, sm2, stranger]: SigningKey[] = []
beforeAll(async () => {
  const started = await sharedHub()
  hub = started.hub
  remove = started.remove
  const dir = hub.dataDir
  ;[rsa, sm2, stranger] = await Promise.all([
    signingKey('rsa', { dir }),
    signingKey('sm2', { dir, name: '测试保税物流有限公司' }),
    signingKey('rsa', { dir, name: '测试他人有限公司' }),
  ])
})
afterAll(() => remove())

let partners = 0
async function partner(signatures: string | undefined, certificates: SigningKey[] = []) {
  const partnerId = `signed${++partners}`
  const settings = {
    rights: ['*'],
    defaults: { INV101: '9.1.3.5.1' },
    ...(signatures === undefined ? {} : { signatures }),
  }
  await hub.ops('/ops/partners', { partnerId, name: '测试电商有限公司', settings })
  const { secret } = await hub.ops<{ secret: string }>(`/ops/partners/${partnerId}/keys`, { kind: 'http' })
  const ids: string[] = []
  for (const { cert } of certificates) {
    const added = await hub.ops<{ id: string }>(`/ops/partners/${partnerId}/certificates`, {
      certificate: cert,
      use: 'signature',
    })
    ids.push(added.id)
  }
  return { partnerId, key: secret, ids }
}
let count = 0
/** A delivery note of its own. */
const note = (): string => {
  const number = String(++count).padStart(4, '0')
  return unsigned(sample('ceb/CEB711Message.xml'))
    .replace(/(guid=")[^"]{4}/, `$1${number}`)
    .replace(/(<(?:\w+:)?(?:copNo|guid)>)\w{4}/g, `$1${number}`)
}
/** An order of its own. */
const order = (): string =>
  unsigned(sample('ceb/CEB311Message.xml')).replace(
    /(<(?:\w+:)?orderNo>)[^<]{6}/,
    `$1V${String(++count).padStart(5, '0')}`,
  )
const bonded = (): string =>
  sample('sas/INV101-minimal.xml')
    .toString()
    .replaceAll('INV101202603010930000030', `INV1012026030109300${String(++count).padStart(5, '0')}`)
    .replace('TEST-INV-2026-0011', `TEST-INV-2026-V${count}`)
const sent = async (message: string, key: string, path?: string) => {
  const { status, receipts } = await hub.send(message, { key, ...(path ? { path } : {}) })
  return { status, receipt: receipts[0]! }
}
const faultOf = ({ faults }: Receipt): Fault => faults[0]!

describe('with signatures: require', () => {
  test('a message signed with a registered certificate is taken, by RSA and by SM2', async () => {
    const { key } = await partner('require', [rsa!, sm2!])
    for (const message of [
      signedMessage(note(), rsa!),
      signedMessage(note(), sm2!),
      signedBonded(bonded(), sm2!),
      signedBonded(bonded(), sm2!, { uri: '#String' }),
    ]) {
      const { receipt } = await sent(message, key)
      expect(receipt).toMatchObject({ status: 'accepted', faults: [] })
    }
  })

  test('one that is not signed, or for form only, is refused with its place and what to do', async () => {
    const { key } = await partner('require', [rsa!])
    const ceb = await sent(order(), key)
    expect(ceb.status).toBe(422)
    expect(ceb.receipt).toMatchObject({ status: 'refused', code: 'HUB_SIGNATURE_REQUIRED' })
    expect(faultOf(ceb.receipt)).toMatchObject({ path: '/CEB311Message/Signature', rule: 'signatures=require' })
    const list = await sent(bonded(), key)
    expect(faultOf(list.receipt)).toMatchObject({ code: 'HUB_SIGNATURE_REQUIRED', path: '/Signature', line: 2 })
    const form = await sent(sample('ceb/CEB711Message.xml').toString(), key)
    const fault = faultOf(form.receipt)
    expect(fault.remedy?.zh).toContain('登记')
    expect(fault.remedy?.en).toContain('registered certificate')
    expect(fault).toMatchObject({
      code: 'HUB_SIGNATURE_INVALID',
      path: '/CEB711Message/Signature',
      rule: 'signature.unknown',
    })
    expect(fault.line).toBeGreaterThan(10)
    expect(fault.text.zh).toContain('未登记')
    expect(fault.text.en).toContain('is not registered')
  })

  test('one that was changed after it was signed is refused, and so is one signed by another company', async () => {
    const { key } = await partner('require', [rsa!, sm2!])
    const changed = signedMessage(note(), rsa!).replace(/(<(?:\w+:)?copNo>\w{4})\w/, '$1Z')
    expect(faultOf((await sent(changed, key)).receipt)).toMatchObject({ rule: 'signature.content' })
    const list = signedBonded(bonded(), sm2!).replace('TEST-INV-2026-V', 'TEST-INV-2026-W')
    expect(faultOf((await sent(list, key)).receipt)).toMatchObject({ rule: 'signature.content', path: '/Signature' })
    const foreign = await sent(signedMessage(note(), stranger!), key)
    expect(faultOf(foreign.receipt)).toMatchObject({ code: 'HUB_SIGNATURE_INVALID', rule: 'signature.unknown' })
    // It is another's certificate: of the partner it is registered for it holds.
    const other = await partner('require', [stranger!])
    expect((await sent(signedMessage(note(), stranger!), other.key)).receipt.status).toBe('accepted')
  })

  test('documents that have no place for a signature are taken as ever', async () => {
    const { key } = await partner('require')
    expect((await sent(sample('manifest/MT1101-9.xml').toString(), key)).receipt.status).toBe('accepted')
  })

  test('the message inside an envelope of the exchange platform is the one whose signature is asked for', async () => {
    const { key } = await partner('require', [rsa!])
    const wrapped = (message: string) =>
      sample('ceb/wrapped/DxpMsg-CEB311Message.xml')
        .toString()
        .replace(/(<(?:\w+:)?Data>)[^<]*/, `$1${Buffer.from(message).toString('base64')}`)
    const message = order()
    const bare = await sent(wrapped(message), key)
    expect(faultOf(bare.receipt)).toMatchObject({ path: '/DxpMsg/Data/CEB311Message/Signature' })
    expect((await sent(wrapped(signedMessage(message, rsa!)), key)).receipt.status).toBe('accepted')
  })

  test('SFTP asks as HTTP does: the file comes back in FailBox with the reason, a signed one goes on', async () => {
    await hub.ops('/ops/partners', { partnerId: 'demo', settings: { signatures: 'require' } })
    await hub.ops('/ops/partners/demo/certificates', { certificate: rsa!.cert, use: 'signature' })
    try {
      const put = async (name: string, message: string) => {
        const file = join(hub.dataDir, name)
        writeFileSync(file, message)
        expect((await hub.sftp(`put ${file} OutBox/`)).code).toBe(0)
      }
      const boxes = async () => (await hub.sftp('ls -1 FailBox\nls -1 SentBox')).stdout
      await put('bare.xml', order())
      await put('signed.xml', signedMessage(note(), rsa!))
      await until(
        'both are judged',
        async () =>
          /FailBox\/bare\.xml\.receipt\.xml/.test(await boxes()) && /SentBox\/signed\.xml/.test(await boxes()),
      )
      const got = join(hub.dataDir, 'got.xml')
      await hub.sftp(`get FailBox/bare.xml.receipt.xml ${got}`)
      expect(readFileSync(got, 'utf8')).toContain('HUB_SIGNATURE_REQUIRED')
    } finally {
      await hub.ops('/ops/partners', { partnerId: 'demo', settings: { signatures: 'off' } })
    }
  })

  test('a trial by /v1/validate says what the filing would hear', async () => {
    const { key } = await partner('require', [rsa!])
    const { receipt } = await sent(order(), key, '/v1/validate')
    expect(receipt.code).toBe('HUB_SIGNATURE_REQUIRED')
    expect((await sent(signedMessage(note(), rsa!), key, '/v1/validate')).receipt.status).toBe('accepted')
  })
})

test('with signatures: warn a message is taken, and its receipt says what is wrong with the signature', async () => {
  const { key } = await partner('warn', [rsa!])
  const bad = signedMessage(note(), rsa!).replace(/(<(?:\w+:)?copNo>\w{4})\w/, '$1Z')
  const { status, receipt } = await sent(bad, key)
  expect(status).toBe(202)
  expect(receipt).toMatchObject({ status: 'accepted', code: 'HUB_ACCEPTED' })
  expect(receipt.faults).toMatchObject([{ code: 'HUB_SIGNATURE_INVALID', level: 'warn', rule: 'signature.content' }])
  const bare = await sent(order(), key)
  expect(bare.receipt.faults).toMatchObject([{ code: 'HUB_SIGNATURE_REQUIRED', level: 'warn' }])
})

test('without the setting nobody looks, whatever the signature is', async () => {
  const { key } = await partner(undefined, [rsa!])
  const bad = signedMessage(note(), rsa!).replace(/(<(?:\w+:)?copNo>\w{4})\w/, '$1Z')
  expect((await sent(bad, key)).receipt).toMatchObject({ status: 'accepted', faults: [] })
})

describe('certificates', () => {
  test('are registered, listed with the days that are left, and revoked; each act stands in the audit', async () => {
    const { partnerId, key } = await partner('require')
    const added = await hub.cli('partner', 'certificate', 'add', partnerId, rsa!.certFile, '--label', 'CEB 终端')
    expect(added.stderr).toBe('')
    expect(added.stdout).toContain('已登记')
    const message = note()
    expect((await sent(signedMessage(message, rsa!), key)).receipt.status).toBe('accepted')

    const { certificates } = await hub.read<{ certificates: SigningCertificateView[] }>(
      `/ops/partners/${partnerId}/certificates`,
      { key: hub.env.HUB_OPS_KEY! },
    )
    expect(certificates).toMatchObject([{ label: 'CEB 终端', algorithm: 'rsa', daysLeft: 29 }])
    const { id } = certificates[0]!
    expect((await hub.cli('partner', 'certificate', 'list', partnerId)).stdout).toMatch(/CEB 终端.*29 +in force/)

    const revoked = await hub.cli('partner', 'certificate', 'revoke', partnerId, id, '--why', '员工离职')
    expect(revoked.stdout).toContain('已撤销')
    const after = await sent(signedMessage(note(), rsa!), key)
    expect(faultOf(after.receipt)).toMatchObject({ rule: 'signature.revoked' })
    expect((await hub.cli('partner', 'certificate', 'list', partnerId)).stdout).toContain('revoked 20')
    // The same again is the first answer, not a second look.
    expect((await hub.cli('partner', 'certificate', 'revoke', partnerId, id)).code).toBe(1)

    const { audit } = await hub.read<{ audit: { action: string; why: string; detail: object }[] }>(
      `/ops/audit?target=${partnerId}`,
      { key: hub.env.HUB_OPS_KEY! },
    )
    const acts = audit.filter(({ action }) => ['partner.certificate', 'partner.revoke'].includes(action))
    expect(acts).toMatchObject([
      { action: 'partner.revoke', why: '员工离职', detail: { id, kind: 'signature' } },
      { action: 'partner.certificate', detail: { id, use: 'signature', label: 'CEB 终端' } },
    ])
  })

  test('that are none, have ended or are there already are not registered', async () => {
    const { partnerId } = await partner('require', [rsa!])
    const refusal = async (certificate: string) => {
      const answer = await fetch(`${hub.url}/ops/partners/${partnerId}/certificates`, {
        method: 'POST',
        body: JSON.stringify({ certificate, use: 'signature' }),
        headers: { 'content-type': 'application/json', authorization: `Bearer ${hub.env.HUB_OPS_KEY}` },
      })
      return ((await answer.json()) as { code: string; detail: string }).detail
    }
    expect(await refusal('none')).toContain('it is no certificate (PEM)')
    expect(await refusal(rsa!.cert)).toContain('it is registered already')
    expect(await refusal(rsa!.key)).toContain('it is no certificate (PEM)')
  })

  test('are not set by hand among the settings', async () => {
    const { partnerId } = await partner('require')
    await expect(hub.ops('/ops/partners', { partnerId, settings: { signingCertificates: [] } })).rejects.toThrow(
      /signingCertificates/,
    )
  })
})
