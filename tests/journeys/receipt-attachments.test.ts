// The file an authority issues comes home with its receipt: through every connector, on every way back, to its owner
// alone. A file that does not come is a remark; the receipt itself is never lost for it, and nothing is doubled where
// everything runs twice. (promises 4, 7, 9.)
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Receipt } from '../../messages/receipt.js'
import { importClient } from '../support/import-client.js'
import { startHub, type RunningHub } from '../support/hub.js'
import { openSsh } from '../support/openssh.js'
import { sharedHub } from '../support/shared-hub.js'
import { tempDir } from '../support/temp.js'
import { until } from '../support/until.js'

const has = (status: string) => (receipts: Receipt[]) =>
  receipts.some((r) => r.stage === 'business' && r.status === status)
const approved = (receipts: Receipt[]) => receipts.find((r) => r.status === 'approved')!
const bytesOf = async (response: Response) => Buffer.from(await response.arrayBuffer())

/** A sample of the operation under a number of its own. */
async function numbered(hub: RunningHub, operation: string, number: string, application: string): Promise<string> {
  const xml = await (await hub.get(`/v1/catalogue/${operation}/sample`)).text()
  return xml
    .replace(/<MessageID>[^<]*/, `<MessageID>${number}`)
    .replaceAll(application, `${application.slice(0, 8)}${number}`)
}

/** What the ministry says of a pesticide notice. */
function issued(messageId: string, noticeNumber: string, file: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<PesticideReleaseNoticeAnswer xmlns="urn:singlewindow:4.1:PesticideReleaseNoticeAnswer:1">
  <Head><MessageID>A-${noticeNumber}</MessageID><FunctionCode>11</FunctionCode>
    <MessageType>PesticideReleaseNoticeAnswer</MessageType><SenderID>MARA</SenderID>
    <ReceiverID>TESTSENDER01</ReceiverID><SendTime>2026-06-02T10:00:00</SendTime><Version>1.0</Version></Head>
  <OriginalMessageID>${messageId}</OriginalMessageID><OriginalFunctionCode>9</OriginalFunctionCode><State>issued</State>
  <StateTime>2026-06-02T10:00:00</StateTime><Text>签发</Text>
  <Result><NoticeNumber>${noticeNumber}</NoticeNumber><IssuedOn>2026-06-02</IssuedOn>
    <ValidTo>2026-09-01</ValidTo><Notice>${file}</Notice></Result>
</PesticideReleaseNoticeAnswer>`
}

function form(xml: string, files: { name: string; bytes: string }[]): FormData {
  const body = new FormData()
  body.append('receipt', new Blob([xml], { type: 'application/xml' }), 'receipt.xml')
  for (const { name, bytes } of files) body.append('file', new Blob([bytes], { type: 'application/pdf' }), name)
  return body
}

describe('a certificate', () => {
  let hub: RunningHub
  let remove: () => Promise<void>
  /** The ministry's door: it takes everything, and answers by its callback. */
  let ministry: Server
  /** What it answers at once instead, to the next message. */
  let atOnce: FormData | undefined
  beforeAll(async () => {
    ministry = createServer((request, response) => {
      request.resume().on('end', () => {
        const answer = atOnce && new Response(atOnce)
        atOnce = undefined
        if (!answer) return void response.writeHead(202).end()
        response.writeHead(200, { 'content-type': answer.headers.get('content-type')! })
        void bytesOf(answer).then((bytes) => response.end(bytes))
      })
    })
    await new Promise<void>((resolve) => ministry.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(ministry.address() as AddressInfo).port}`
    ;({ hub, remove } = await sharedHub({
      config: { agencies: { mara: { url, callbackTokenEnv: 'MARA_TOKEN' } } },
      env: { MARA_TOKEN: 'token-of-the-ministry' },
    }))
  })
  afterAll(async () => {
    await remove()
    ministry.close()
  })

  const post = async (body: FormData | string) => {
    const plain = typeof body === 'string' ? { 'content-type': 'application/xml' } : {}
    const response = await fetch(`${hub.url}/agency/mara/receipts`, {
      method: 'POST',
      body,
      headers: { authorization: 'Bearer token-of-the-ministry', ...plain },
    })
    return response.status
  }
  async function filed(number: string): Promise<string> {
    const { receipts, status } = await hub.send(await numbered(hub, '4.1.3.2.1', number, 'NYSQ2026E0004471'))
    expect(status).toBe(202)
    const { messageId } = receipts[0]!
    await until('the ministry to have it', async () => (await hub.state(messageId)) === 'submitted')
    return messageId
  }

  test('that an answer names and does not bring is a note; sent later it is there, nothing is doubled', async () => {
    const messageId = await filed('ATTACHED-3')
    const answer = issued('ATTACHED-3', 'NY2026E100003', '放行通知单.pdf')
    expect(await post(answer)).toBe(202)
    const before = approved(await hub.receiptsOf(messageId, has('approved')))
    expect(before).toMatchObject({
      agencyReference: 'NY2026E100003',
      attachments: [{ name: '放行通知单.pdf', missing: true }],
      faults: [{ code: 'HUB_RECEIPT_FILE_MISSING', level: 'warn', value: '放行通知单.pdf' }],
    })
    const path = `/v1/receipts/${before.receiptId}/attachments/${encodeURIComponent('放行通知单.pdf')}`
    expect(await (await hub.get(path)).json()).toMatchObject({ code: 'HUB_RECEIPT_FILE_MISSING' })

    for (let again = 0; again < 2; again++)
      expect(await post(form(answer, [{ name: '放行通知单.pdf', bytes: '%PDF-1.7 notice' }]))).toBe(200)
    const all = await hub.receiptsOf(messageId, has('approved'))
    expect(all.filter((r) => r.stage === 'business')).toHaveLength(1)
    expect(approved(all)).toMatchObject({ faults: [], attachments: [{ name: '放行通知单.pdf', size: 15 }] })
    const response = await hub.get(path)
    expect(response.headers.get('content-disposition')).toContain(
      `filename*=UTF-8''${encodeURIComponent('放行通知单.pdf')}`,
    )
    expect((await bytesOf(response)).toString()).toBe('%PDF-1.7 notice')
  })

  test('comes with an answer that is given at once, too', async () => {
    atOnce = form(issued('ATTACHED-4', 'NY2026E100004', 'notice.pdf'), [
      { name: 'notice.pdf', bytes: '%PDF-1.7 at once' },
      { name: '../../说明.html', bytes: '<script>alert(1)</script>' },
    ])
    const { receipts } = await hub.send(await numbered(hub, '4.1.3.2.1', 'ATTACHED-4', 'NYSQ2026E0004471'))
    const receipt = approved(await hub.receiptsOf(receipts[0]!.messageId, has('approved')))
    // What is not named comes along where the answer is one partner's alone; its name is made harmless.
    expect(receipt.attachments?.map(({ name }) => name)).toEqual(['notice.pdf', '说明.html'])
    const page = await hub.get(receipt.attachments![1]!.href!)
    expect(page.headers.get('content-disposition')).toMatch(/^attachment/)
  })

  test('of a body that is cut is refused with its place, and its agency sends it again', async () => {
    const messageId = await filed('ATTACHED-5')
    const whole = new Response(form(issued('ATTACHED-5', 'NY2026E100005', 'n.pdf'), [{ name: 'n.pdf', bytes: '%PDF' }]))
    const type = whole.headers.get('content-type')!
    const bytes = await bytesOf(whole)
    const send = (body: Buffer) =>
      fetch(`${hub.url}/agency/mara/receipts`, {
        method: 'POST',
        body: new Uint8Array(body),
        headers: { authorization: 'Bearer token-of-the-ministry', 'content-type': type },
      })
    const cut = await send(bytes.subarray(0, bytes.length - 20))
    expect([cut.status, ((await cut.json()) as { code: string }).code]).toEqual([400, 'HUB_REQUEST_INVALID'])
    expect((await send(bytes)).status).toBe(202)
    expect(approved(await hub.receiptsOf(messageId, has('approved'))).attachments).toMatchObject([{ name: 'n.pdf' }])
  })
})

test('an agency that works by files puts the certificate beside its answer (promise 7)', async () => {
  const dir = await tempDir('agency')
  const [drop, pickUp] = [join(dir, 'in'), join(dir, 'out')]
  for (const one of [drop, pickUp]) await mkdir(one)
  const sshd = await openSsh()
  const client = await importClient('--drop', drop, '--pick-up', pickUp)
  const hub = await startHub({
    config: {
      agencies: {
        mara: {
          connector: 'sftp',
          host: '127.0.0.1',
          port: sshd.port,
          username: sshd.user,
          keyFile: sshd.keyFile,
          hostKey: sshd.hostKey,
          drop,
          pickUp,
          pollSeconds: 0.1,
          settleSeconds: 0.2,
        },
      },
    },
  })
  const printed = await hub.send(await numbered(hub, '4.1.3.2.1', 'BESIDE-1', 'NYSQ2026E0004471'))
  const first = approved(await hub.receiptsOf(printed.receipts[0]!.messageId, has('approved'), 30_000))
  expect([first.faults, first.attachments]).toMatchObject([[], [{ mediaType: 'application/pdf' }]])

  await client.behave({ mute: true })
  const { receipts } = await hub.send(await numbered(hub, '4.1.3.2.1', 'BESIDE-2', 'NYSQ2026E0004471'))
  const { messageId } = receipts[0]!
  await until('the agency to have it', async () => (await client.all()).length === 2)
  // The answer first: it waits for what it names.
  await writeFile(join(pickUp, 'Receipt_own.xml'), issued('BESIDE-2', 'NY2026E200002', '通知单.pdf'))
  await until('the answer to have been looked at', async () => (await hub.state(messageId)) === 'submitted')
  await writeFile(join(pickUp, 'Receipt_own_通知单.pdf'), '%PDF-1.7 beside')
  const second = approved(await hub.receiptsOf(messageId, has('approved'), 30_000))
  expect([second.faults, second.attachments]).toMatchObject([[], [{ name: '通知单.pdf' }]])
  expect((await bytesOf(await hub.get(second.attachments![0]!.href!))).toString()).toBe('%PDF-1.7 beside')
  await until('both to be taken away', async () => (await readdir(pickUp)).length === 0)
  expect((await hub.ops<{ orphans: number }>('/ops/status')).orphans).toBe(0)
})
