// Agencies post their receipts to the hub's door, each with credentials of its own: a bearer token, a password, or a
// header, and two at a time while one is being replaced. Nobody speaks for anybody else.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { sample, type RunningHub } from '../support/hub.js'
import { sharedHub } from '../support/shared-hub.js'
import { until } from '../support/until.js'

const basic = (user: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
})
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const url = 'http://127.0.0.1:1'
const agencies = {
  gacc: { url, callbackTokenEnv: ['GACC_OLD', 'GACC_NEW'] },
  mofcom: { url, callbackHeader: 'X-Api-Key', callbackTokenEnv: 'MOFCOM_KEY' },
  ccpit: { url, callbackUser: 'ccpit', callbackTokenEnv: 'CCPIT_PASSWORD' },
  sta: { url },
}
const env = { GACC_OLD: 'old-token', GACC_NEW: 'new-token', MOFCOM_KEY: 'key of mofcom', CCPIT_PASSWORD: '密:码' }

describe('the callback door', () => {
  let hub: RunningHub
  beforeAll(async () => {
    const shared = await sharedHub({ config: { agencies }, env })
    hub = shared.hub
    return shared.remove
  })
  /** 202 the first time, 200 for the same bytes again: each call brings others. */
  let calls = 0
  async function post(agency: string, headers: Record<string, string>): Promise<number> {
    const receipt = sample('ceb/CEB312Message.xml')
      .toString()
      .replace(/(orderNo>)[^<]*/, `$1CALLBACK${calls++}`)
    return (
      await fetch(`${hub.url}/agency/${agency}/receipts`, {
        method: 'POST',
        body: receipt,
        headers: { 'content-type': 'application/xml', ...headers },
      })
    ).status
  }

  const orphans = async () => (await hub.ops<{ orphans: number }>('/ops/status')).orphans

  test('lets in an agency that shows what was agreed with it, in the way that was agreed', async () => {
    expect(await post('gacc', bearer('old-token'))).toBe(202)
    expect(await post('gacc', bearer('new-token')), 'while the token is being replaced').toBe(202)
    expect(await post('mofcom', { 'x-api-key': 'key of mofcom' })).toBe(202)
    expect(await post('ccpit', basic('ccpit', '密:码'))).toBe(202)
    await until('all four to be kept', async () => (await orphans()) === 4)
  })

  test.each<[string, string, Record<string, string>]>([
    ['nothing', 'gacc', {}],
    ['another agency’s token', 'gacc', bearer('key of mofcom')],
    ['its token in another agency’s way', 'gacc', { 'x-api-key': 'old-token' }],
    ['a bearer token where a header was agreed', 'mofcom', bearer('key of mofcom')],
    ['the beginning of its key', 'mofcom', { 'x-api-key': 'key of mofco' }],
    ['an empty key', 'mofcom', { 'x-api-key': '' }],
    ['the right password of another user', 'ccpit', basic('gacc', '密:码')],
    ['no user', 'ccpit', basic('', '密:码')],
    ['broken Basic', 'ccpit', { authorization: 'Basic ===' }],
    ['any token, where none was agreed', 'sta', bearer('undefined')],
    ['a token for an agency that does not exist', 'nobody', bearer('old-token')],
    ['a partner’s key', 'gacc', bearer('the partner')],
    ['the operator’s key', 'gacc', bearer('the operator')],
  ])('turns away who shows %s', async (_, agency, headers) => {
    const known = { 'Bearer the partner': hub.env.HUB_KEY!, 'Bearer the operator': hub.env.HUB_OPS_KEY! }
    const own = known[headers.authorization as keyof typeof known]
    const before = await orphans()
    expect(await post(agency, own === undefined ? headers : bearer(own))).toBe(401)
    expect(await orphans(), 'nothing was kept').toBe(before)
  })

  test('an agency’s token opens no other door', async () => {
    for (const path of ['/v1/messages', '/ops/status', '/monitor'])
      expect((await fetch(hub.url + path, { headers: bearer('old-token') })).status, path).toBe(401)
  })

  test('a token that is taken out of hub.yaml lets nobody in from then on, without a restart', async () => {
    const reloads = async () => (await hub.log()).filter(({ msg }) => msg === 'configuration reloaded').length
    const before = await reloads()
    await writeFile(
      join(hub.dataDir, 'hub.yaml'),
      stringify({ agencies: { ...agencies, gacc: { url, callbackTokenEnv: 'GACC_NEW' } } }),
    )
    await until('the change', async () => (await reloads()) > before)
    expect([await post('gacc', bearer('old-token')), await post('gacc', bearer('new-token'))]).toEqual([401, 202])
  })
})
