// One partner never sees, by any door, another partner's message, receipt or existence (promise 9); and rights hold.
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { sample, samplePath, type RunningHub } from '../support/hub.js'
import { renumbered } from '../support/orders.js'
import { run } from '../support/process.js'
import { hubOfFile } from '../support/shared-hub.js'
import { tempDir } from '../support/temp.js'

const startHub = hubOfFile()

async function addPartner(hub: RunningHub, partnerId: string, rights: string[], sshKeyFile?: string): Promise<string> {
  const added = await hub.cli(
    'partner',
    'add',
    partnerId,
    '--name',
    `测试${partnerId}有限公司`,
    '--rights',
    ...rights,
    ...(sshKeyFile ? ['--ssh-key', sshKeyFile] : []),
    '--json',
  )
  expect(added.code, added.stderr).toBe(0)
  return (JSON.parse(added.stdout) as { secret: string }).secret
}

test('a partner finds its own messages and none of another, whatever it asks', async () => {
  const hub = await startHub()
  const other = await addPartner(hub, 'first', ['*'])
  const { receipts } = await hub.send(sample('ceb/CEB311Message.xml'))
  const { messageId, receiptId } = receipts[0]!
  const missing = (await (await hub.get('/v1/messages/msg_00000000000000000000000000', { key: other })).json()) as {
    instance: string
  }
  for (const path of [
    `/v1/messages/${messageId}`,
    `/v1/messages/${messageId}/receipts`,
    `/v1/messages/${messageId}/content`,
    `/v1/receipts/${receiptId}`,
  ]) {
    const answer = await hub.get(path, { key: other })
    expect(answer.status, path).toBe(404)
    const { instance: _, ...problem } = (await answer.json()) as { instance: string }
    const { instance: __, ...same } = missing
    expect(problem, path).toEqual(same)
  }
  expect(await hub.read('/v1/messages', { key: other })).toMatchObject({ messages: [] })
  expect(await hub.read('/v1/receipts', { key: other })).toMatchObject({ receipts: [] })
  const ack = await fetch(`${hub.url}/v1/receipts/${receiptId}/ack`, {
    method: 'POST',
    headers: { authorization: `Bearer ${other}` },
  })
  expect(ack.status).toBe(404)
  const several = await fetch(`${hub.url}/v1/receipts/ack`, {
    method: 'POST',
    headers: { authorization: `Bearer ${other}`, 'content-type': 'application/json' },
    body: JSON.stringify({ receipts: [receiptId] }),
  })
  expect(await several.json()).toEqual({ acknowledged: [], unknown: [receiptId] })
})

test('the same reference of two partners is two messages', async () => {
  const hub = await startHub()
  const other = await addPartner(hub, 'second', ['*'])
  const mine = await hub.send(sample('ceb/CEB311Message.xml'))
  const theirs = await hub.send(sample('ceb/CEB311Message.xml'), { key: other })
  expect([mine.status, theirs.status]).toEqual([202, 202])
  expect(theirs.receipts[0]!.messageId).not.toBe(mine.receipts[0]!.messageId)
})

test('two partners file one order under one number, and each hears every answer the agency gives to it', async () => {
  const order = renumbered(sample('ceb/CEB311Message.xml'))
  for (const time of ['first', 'second']) {
    const hub = await startHub()
    const { receipts } = await hub.send(order)
    const heard = await hub.receiptsOf(receipts[0]!.messageId, (all) => all.some(({ status }) => status === 'approved'))
    expect(
      heard.map(({ status }) => status),
      time,
    ).toEqual(['accepted', 'processing', 'processing', 'approved'])
  }
})

test('an operation outside its rights is refused, and the refusal says nothing about the format', async () => {
  const hub = await startHub()
  const ecommerceOnly = await addPartner(hub, 'shop', ['10.1'])
  const allowed = await hub.send(sample('ceb/CEB311Message.xml'), { key: ecommerceOnly })
  expect(allowed.status).toBe(202)
  const refused = await hub.send(
    sample('dec/DecMessage.xml').toString().replace('<IEFlag>I</IEFlag>', '<IEFlag>I</IEFlag><Bogus/>'),
    { key: ecommerceOnly },
  )
  expect(refused.status).toBe(403)
  expect(refused.receipts[0]).toMatchObject({ status: 'refused', code: 'HUB_OPERATION_FORBIDDEN' })
  expect(refused.receipts[0]!.faults).toHaveLength(1)
})

test('two partners on the SFTP door each see their own four folders only', async () => {
  const hub = await startHub()
  const dir = await tempDir('keys')
  const keyFile = join(dir, 'other')
  const made = await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', keyFile])
  expect(made.code, made.stderr).toBe(0)
  const mine = hub.env.HUB_SFTP_USER!
  await addPartner(hub, 'third', ['*'], `${keyFile}.pub`)
  await hub.sftp(`put ${samplePath('ceb/CEB311Message.xml')} OutBox/mine.xml`)
  const asOther = await hub.sftp(`ls -1\nls -1 SentBox\n-ls -1 ../${mine}\n-get ../${mine}/SentBox/mine.xml`, {
    user: 'third',
    keyFile,
  })
  const listed = asOther.stdout.split('\n').filter((line) => !line.includes('sftp>'))
  expect(listed).toContain('OutBox')
  expect(listed.join('\n')).not.toContain('mine.xml')
  const intruder = await hub.sftp('ls', { user: mine, keyFile })
  expect(intruder.code).not.toBe(0)
})

test('a wrong or missing key opens nothing', async () => {
  const hub = await startHub()
  for (const path of ['/v1/messages', '/v1/receipts', '/ops/status', '/ops/partners', '/monitor/queues']) {
    const answer = await fetch(hub.url + path)
    expect(answer.status, path).toBe(401)
    expect((await hub.get(path, { key: 'wrong' })).status, path).toBe(401)
  }
  // A partner's key is no operator's key.
  expect((await hub.get('/ops/status')).status).toBe(401)
})
