// What people see at the monitor and decide at the command line keeps the promises too: nothing is lost, nothing is
// sent twice. Who may see it: authorisation. At length, and in a browser: monitor, operator.
import { expect, onTestFinished, test } from 'vitest'
import { hubOfFile } from '../support/shared-hub.js'
import { freshOrder } from '../support/orders.js'
import { until } from '../support/until.js'
import type { Taken } from '../support/neighbours.js'

const startHub = hubOfFile()
/** What the monitor's first page is drawn from. */
interface Seen {
  agencies: { agency: string; gate: string; dead: number }[]
}

test('a dead letter is seen at the monitor and sent once more from the command line (promises 2, 3)', async () => {
  const hub = await startHub()
  const seenDead = async () => {
    const { agencies } = await hub.read<Seen>('/monitor/overview', { key: hub.env.HUB_OPS_KEY! })
    return agencies.find(({ agency }) => agency === 'gacc')!.dead
  }
  const before = await seenDead()
  await hub.simulator('POST', '/control', { documentType: 'CEB311Message', fail: 400, times: 1 })
  const { messageId } = (await hub.send(freshOrder())).receipts[0]!
  await until('the dead letter', async () => (await hub.state(messageId)) === 'failed')
  await until('the monitor to show it', async () => (await seenDead()) === before + 1)

  const listed = JSON.parse((await hub.cli('dead', 'list', '--json')).stdout) as {
    submissions: { submissionId: string; messageId: string }[]
  }
  const dead = listed.submissions.find((one) => one.messageId === messageId)!
  expect((await hub.cli('dead', 'replay', dead.submissionId, '--why', '主管部门已恢复')).code).toBe(0)
  expect((await hub.cli('dead', 'replay', dead.submissionId, '--why', '再来一次')).code).toBe(1)
  await hub.receiptsOf(messageId, (all) => all.some(({ status }) => status === 'approved'))
  const { taken } = await hub.simulator<{ taken: Taken[] }>('GET', '/taken')
  expect(taken.map(({ times }) => times)).toEqual([1])
  await until('the monitor to show none of it', async () => (await seenDead()) === before)
  const audit = (await hub.cli('audit', '--json')).stdout
  expect(audit).toContain('主管部门已恢复')
  expect(audit).not.toContain('再来一次')
})

test('an agency paused from the command line is sent nothing, and afterwards everything once (promise 2)', async () => {
  const hub = await startHub()
  expect((await hub.cli('agency', 'pause', 'gacc', '--why', '海关来电')).code).toBe(0)
  onTestFinished(() => void hub.cli('agency', 'resume', 'gacc', '--why', '恢复'))
  const sent = [freshOrder(), freshOrder()]
  const ids = (await Promise.all(sent.map((one) => hub.send(one)))).map(({ receipts }) => receipts[0]!.messageId)
  const { agencies } = await hub.read<Seen>('/monitor/overview', { key: hub.env.HUB_OPS_KEY! })
  expect(agencies.find(({ agency }) => agency === 'gacc')!.gate).toBe('paused')
  for (const id of ids) expect(await hub.state(id)).toBe('accepted')
  expect((await hub.simulator<{ taken: Taken[] }>('GET', '/taken')).taken).toEqual([])

  expect((await hub.cli('agency', 'resume', 'gacc', '--why', '恢复')).code).toBe(0)
  for (const id of ids) await hub.receiptsOf(id, (all) => all.some(({ status }) => status === 'approved'))
  expect((await hub.simulator<{ taken: Taken[] }>('GET', '/taken')).taken.map(({ times }) => times)).toEqual([1, 1])
})
