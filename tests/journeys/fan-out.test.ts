// Joint supervision: one message owed to several authorities is one submission and one set of receipts each, and one
// state for its partner.
import { afterAll, expect, test } from 'vitest'
import type { Receipt } from '../../messages/receipt.js'
import { sample, type RunningHub } from '../support/hub.js'
import { jointRouting } from '../support/joint-routing.js'
import { renumbered } from '../support/orders.js'
import { hubOfFile } from '../support/shared-hub.js'
import { newFolder } from '../support/temp.js'
import { until } from '../support/until.js'

const routing = await newFolder('routing')
const routingDir = await jointRouting(routing.path)
afterAll(routing.remove)
const startHub = hubOfFile({ config: { routingDir } })

const submissionsOf = (hub: RunningHub, messageId: string) =>
  hub.read<{ state: string; submissions: { agency: string; state: string; status?: string }[] }>(
    `/v1/messages/${messageId}`,
  )
const answeredBy = (receipts: Receipt[], agency: string) =>
  receipts.filter((r) => r.agency === agency && r.stage === 'business')

test('each authority gets the message once; the partner reads the step the slowest has reached', async () => {
  const hub = await startHub()
  await hub.simulator('POST', '/control', { agency: 'mot', hold: true })
  const { messageId } = (await hub.send(renumbered(sample('manifest/MT1101-9.xml')))).receipts[0]!
  const receipts = await hub.receiptsOf(
    messageId,
    (all) => answeredBy(all, 'mps').length > 0 && answeredBy(all, 'gacc').length > 0,
  )
  expect(answeredBy(receipts, 'mot')).toEqual([])
  const { submissions } = await submissionsOf(hub, messageId)
  expect(submissions.map((s) => s.agency).sort()).toEqual(['gacc', 'mot', 'mps'])
  await until('the slowest has it', async () => (await hub.state(messageId)) === 'submitted')

  await hub.simulator('DELETE', '/control')
  await hub.receiptsOf(messageId, (all) => answeredBy(all, 'mot').length > 0)
  await until('all have answered', async () => !['accepted', 'submitted'].includes(await hub.state(messageId)))
  const { taken } = await hub.simulator<{ taken: { agency: string; times: number }[] }>('GET', '/taken')
  expect(taken.map((t) => [t.agency, t.times]).sort()).toEqual([
    ['gacc', 1],
    ['mot', 1],
    ['mps', 1],
  ])
})

test('what one authority turns down is the news the partner hears, though the others took it', async () => {
  const hub = await startHub()
  await hub.simulator('POST', '/control', { agency: 'mps', refuse: '测试退单' })
  const { messageId } = (await hub.send(renumbered(sample('manifest/MT1101-9.xml')))).receipts[0]!
  await hub.receiptsOf(messageId, (all) => ['mps', 'mot', 'gacc'].every((agency) => answeredBy(all, agency).length > 0))
  await until('the refusal', async () => (await hub.state(messageId)) === 'rejected')
  const { submissions } = await submissionsOf(hub, messageId)
  expect(submissions.find((s) => s.agency === 'gacc')!.status).not.toBe('rejected')
})
