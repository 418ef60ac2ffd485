// An agency that hub.yaml moves to another place while declarations are under way: what the old place may have is not
// handed over at the new one by the hub alone, and answers that still come to the old place are read. (promises 2, 3.)
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { stringify } from 'yaml'
import { sample, startHub, type RunningHub } from '../support/hub.js'
import { freePort, ownAgency } from '../support/neighbours.js'
import { tempDir } from '../support/temp.js'
import { until } from '../support/until.js'

const declaration = (seq: string) =>
  sample('dec/DecMessage.xml')
    .toString()
    .replace(/(ClientSeqNo>)[^<]*/, `$1${seq}`)

/** Another gateway that can be asked, and knows nothing of what was sent elsewhere. */
async function anotherGateway() {
  const calls: string[] = []
  const server = createServer((request, response) => {
    calls.push(`${request.method} ${request.url}`)
    request.resume().on('end', () => {
      if (request.method === 'POST') return void response.writeHead(202).end()
      const submissionId = request.url!.split('/').at(-1)
      response.writeHead(404, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ submissionId, taken: false }))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => (server.closeAllConnections(), void server.close()))
  return { calls, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

/** The folders of a Single Window client that stands still: it fetches nothing, and answers nothing. */
async function importRoot() {
  const root = await tempDir('imp')
  const box = (name: string) => join(root, 'Deccus001', name)
  for (const name of ['OutBox', 'SentBox', 'InBox', 'FailBox']) await mkdir(box(name), { recursive: true })
  return { root, box }
}
const folderAt = (root: string) => ({ gacc: { connector: 'folder', root, pollSeconds: 0.1, settleSeconds: 0.1 } })
async function moveTo(hub: RunningHub, agencies: object) {
  await writeFile(join(hub.dataDir, 'hub.yaml'), stringify({ agencies }))
  await hub.ops('/ops/config/reload', { why: '测试' })
}

test('what an agency may have is not sent again, when it has moved to where nobody knows of it', async () => {
  const httpPort = await freePort()
  const agency = await ownAgency({ hubPort: httpPort, policy: { statusQuery: false } })
  const hub = await startHub({ config: agency.config, env: agency.env, httpPort })
  await agency.control({ agency: 'gacc', hangUp: 'after', times: 1 })
  const { messageId } = (await hub.send(declaration('MOVED00001'))).receipts[0]!
  await until('it to be in doubt', async () => (await hub.state(messageId)) === 'unclear')
  const { calls, url } = await anotherGateway()
  await moveTo(hub, { gacc: { url, statusQuery: true, askSeconds: [0.1, 1] } })
  expect((await hub.log()).filter(({ msg }) => String(msg).startsWith('reached at another place'))).toMatchObject([
    { agencies: expect.arrayContaining(['gacc']) as unknown },
  ])
  const asked = () => calls.filter((call) => call.startsWith('GET'))
  await until('it to be asked twice', () => asked().length >= 2)
  expect(await hub.state(messageId)).toBe('unclear')
  expect(calls.filter((call) => call.startsWith('POST'))).toEqual([])

  // What is sent there is asked about there; and a person may decide of the other.
  const next = (await hub.send(declaration('MOVED00002'))).receipts[0]!
  await until('the next one at the new place', async () => (await hub.state(next.messageId)) === 'submitted')
  const { submissions } = await hub.ops<{ submissions: { submissionId: string }[] }>('/ops/unclear')
  await hub.ops(`/ops/submissions/${submissions[0]!.submissionId}/resolve`, {
    decision: 'resend',
    why: '原平台查无此单',
  })
  await until('it at the new place', async () => (await hub.state(messageId)) === 'submitted')
  expect(calls.filter((call) => call.startsWith('POST'))).toHaveLength(2)
})

test('answers that come to the old folders after an agency has moved reach their declarations', async () => {
  const [first, second] = [await importRoot(), await importRoot()]
  const hub = await startHub({ config: { agencies: folderAt(first.root) } })
  const answerTo = (reference: string, seqNo: string) =>
    sample('dec/DecImportResponse.xml')
      .toString()
      .replace(/(ClientSeqNo>)[^<]*/, `$1${reference}`)
      .replace(/(<SeqNo>)[^<]*/, `$1${seqNo}`)
  const imported = async (reference: string, at: typeof first) => {
    const { messageId } = (await hub.send(declaration(reference))).receipts[0]!
    await until('it to be handed over', async () => (await hub.state(messageId)) === 'submitted')
    expect(await readdir(at.box('OutBox'))).not.toEqual([])
    return messageId
  }
  const before = await imported('MOVED00003', first)
  await moveTo(hub, folderAt(second.root))
  await writeFile(first.box('InBox/answer-1.xml'), answerTo('MOVED00003', '900000000000000031'))
  await hub.receiptsOf(before, (got) => got.some(({ stage, agency }) => stage === 'business' && agency === 'gacc'))
  await until('an empty InBox', async () => (await readdir(first.box('InBox'))).length === 0)

  // Back to the first place and away once more: each is read once, and by somebody.
  await moveTo(hub, folderAt(first.root))
  await moveTo(hub, folderAt(second.root))
  const after = await imported('MOVED00004', second)
  await writeFile(second.box('InBox/answer-2.xml'), answerTo('MOVED00004', '900000000000000041'))
  await hub.receiptsOf(after, (got) => got.some(({ stage, agency }) => stage === 'business' && agency === 'gacc'))
})
