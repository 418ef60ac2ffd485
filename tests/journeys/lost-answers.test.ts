// An agency that takes declarations and hangs up before it has said so: what it says later about them is nobody's news.
import { expect, test } from 'vitest'
import type { Receipt } from '../../messages/receipt.js'
import { sample, startHub } from '../support/hub.js'
import { freePort, ownAgency } from '../support/neighbours.js'
import { until } from '../support/until.js'

test('of two partners whose declarations lost their answer, no subscriber hears a word', async () => {
  const httpPort = await freePort()
  // It cannot be asked: how long the answers take to come decides nothing.
  const agency = await ownAgency({ hubPort: httpPort, policy: { statusQuery: false } })
  const hub = await startHub({ config: agency.config, env: agency.env, httpPort })
  const cli = async (...args: string[]) => {
    const done = await hub.cli(...args)
    expect(done.code, `${args.join(' ')}: ${done.stderr}`).toBe(0)
    return done.stdout
  }
  for (const id of ['forwarder-b', 'rival'])
    await hub.ops('/ops/partners', { partnerId: id, name: '测试报关有限公司', settings: { rights: ['*'] } })
  const keyOf = async (id: string) =>
    (await hub.ops<{ secret: string }>(`/ops/partners/${id}/keys`, { kind: 'http' })).secret
  const [b, rival] = [await keyOf('forwarder-b'), await keyOf('rival')]
  await cli('partner', 'subscribe', 'rival', '18.2.1.1.1')
  await agency.control({ agency: 'gacc', hangUp: 'after' })

  const declare = async (reference: string, key?: string) => {
    const xml = sample('dec/DecMessage.xml')
      .toString()
      .replace(/(ClientSeqNo>)[^<]*/, `$1${reference}`)
    const { receipts } = await hub.send(xml, key === undefined ? {} : { key })
    const { messageId } = receipts[0]!
    await until('it to be in doubt', async () => {
      const { state } = await hub.read<{ state: string }>(`/v1/messages/${messageId}`, key === undefined ? {} : { key })
      return state === 'unclear'
    })
    return messageId
  }
  const mine = await declare('TESTLOST0001')
  await declare('TESTLOST0002', b)
  const mailbox = async (key: string) =>
    (await hub.read<{ receipts: Receipt[] }>('/v1/receipts?limit=500', { key })).receipts
  const lists = async () => ({
    held: (await hub.ops<{ answers: object[] }>('/ops/answers/held')).answers.length,
    orphans: (await hub.ops<{ orphans: object[] }>('/ops/orphans')).orphans.length,
    notices: (await hub.ops<{ notices: object[] }>('/ops/notices')).notices.length,
  })
  // The simulated customs has both and gives four answers to each.
  await until('all answers to be held', async () => (await lists()).held >= 8)
  expect(await lists()).toEqual({ held: 8, orphans: 0, notices: 0 })
  expect(await mailbox(rival)).toEqual([])
  expect(
    (await hub.read<{ receipts: Receipt[] }>(`/v1/messages/${mine}/receipts`)).receipts.map((r) => r.stage),
  ).toEqual(['technical'])
})
