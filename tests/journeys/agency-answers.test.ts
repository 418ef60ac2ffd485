// What an agency says, and what somebody else says in its place: taken, refused or in doubt; a duplicate of our own try; whose a receipt is.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { writeFile } from 'node:fs/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import { sample, type RunningHub } from '../support/hub.js'
import { sharedHub } from '../support/shared-hub.js'
import { until } from '../support/until.js'

interface Message {
  state: string
  submissions: {
    submissionId: string
    state: string
    agencyReference?: string
    attempts: { outcome: string; code?: string; detail?: string }[]
  }[]
}

let hub: RunningHub
let port: number
/** How the agency answers the next messages, by the reference in X-Reference. */
const behave = new Map<string, (request: IncomingMessage, response: ServerResponse, times: number) => void>()
const times = new Map<string, number>()

beforeAll(async () => {
  const agency = createServer((request, response) => {
    request.resume().on('end', () => {
      const reference = decodeURIComponent(String(request.headers['x-reference'] ?? ''))
      const count = (times.get(reference) ?? 0) + 1
      times.set(reference, count)
      const answer = behave.get(reference)
      if (answer) answer(request, response, count)
      else response.writeHead(202).end()
    })
  })
  await new Promise<void>((resolve) => agency.listen(0, '127.0.0.1', resolve))
  port = (agency.address() as AddressInfo).port
  const shared = await sharedHub({
    config: {
      agencies: {
        gacc: {
          url: `http://127.0.0.1:${port}`,
          callbackTokenEnv: 'GACC_TOKEN',
          retrySeconds: [0.2],
          answerRules: {
            duplicate: [
              { status: 422, type: 'text/plain', pattern: '重复申报', number: '统一编号(\\w+)', key: 'seqNo' },
            ],
          },
        },
        ccpit: { url: `http://127.0.0.1:${port}`, retrySeconds: [0.2] },
      },
    },
    env: { GACC_TOKEN: 'gacc-token' },
  })
  hub = shared.hub
  return async () => {
    await shared.remove()
    agency.closeAllConnections()
    agency.close()
  }
})

let count = 0
/** A declaration with a number of its own. */
function declaration(): { reference: string; xml: string } {
  const reference = `ANSWER${String(++count).padStart(6, '0')}`
  return {
    reference,
    xml: sample('dec/DecMessage.xml')
      .toString()
      .replace(/(ClientSeqNo>)[^<]*/, `$1${reference}`),
  }
}
const message = (id: string) => hub.read<Message>(`/v1/messages/${id}`)
const callback = (xml: string) =>
  fetch(`${hub.url}/agency/gacc/receipts`, {
    method: 'POST',
    body: xml,
    headers: { 'content-type': 'application/xml', authorization: 'Bearer gacc-token' },
  })
const status = (seqNo: string, entryId: string, channel: string) =>
  sample('dec/DEC_RESULT.xml')
    .toString()
    .replace(/(<CUS_CIQ_NO>)[^<]*/, `$1${seqNo}`)
    .replace(/(<ENTRY_ID>)[^<]*/, `$1${entryId}`)
    .replace(/(<CHANNEL>)[^<]*/, `$1${channel}`)

describe('what an agency’s HTTP answer means', () => {
  test('a duplicate of our own try is success: its number is read, and the receipts that cite it arrive', async () => {
    const { reference, xml } = declaration()
    behave.set(reference, (request, response, n) => {
      if (n === 1) return request.socket.destroy()
      response
        .writeHead(422, { 'content-type': 'text/plain; charset=utf-8' })
        .end('重复申报：该报文已接收，统一编号I20260000000004711')
    })
    const { receipts } = await hub.send(xml)
    const { messageId } = receipts[0]!
    await until('it to be in doubt', async () => (await hub.state(messageId)) === 'unclear')
    const { submissionId } = (await message(messageId)).submissions[0]!
    expect((await hub.cli('unclear', 'resolve', submissionId, 'resend', '--why', '核实未见')).code).toBe(0)
    await until('it to be submitted', async () => (await hub.state(messageId)) === 'submitted')
    const [submission] = (await message(messageId)).submissions
    expect(submission).toMatchObject({ state: 'submitted', agencyReference: 'I20260000000004711' })
    expect(submission!.attempts.map(({ outcome }) => outcome)).toEqual(['resolved: resend', 'submitted'])
    expect(times.get(reference)).toBe(2)
    expect((await callback(status('I20260000000004711', '010120261000004711', 'L'))).status).toBe(202)
    const all = await hub.receiptsOf(messageId, (list) => list.some(({ status }) => status === 'processing'))
    expect(all.filter(({ stage }) => stage === 'business')).toHaveLength(1)
  })

  test('a duplicate of what the hub never tried before was filed in another way: its partner hears so', async () => {
    const { reference, xml } = declaration()
    behave.set(reference, (_, response) =>
      response.writeHead(422, { 'content-type': 'text/plain; charset=utf-8' }).end('重复申报，统一编号I1'),
    )
    const { receipts } = await hub.send(xml)
    const [told] = (
      await hub.receiptsOf(receipts[0]!.messageId, (list) => list.some(({ status }) => status === 'failed'))
    ).filter(({ stage }) => stage === 'business')
    expect(told!.code).toBe('HUB_AGENCY_DUPLICATE')
  })

  test('a firewall’s page is in doubt, neither filed nor refused, and is not sent again by itself', async () => {
    const pages: [number, string, string][] = [
      [200, 'text/html', '<html><title>请求已被拦截</title></html>'],
      [403, 'text/html', '<html>403 Forbidden</html>'],
      [404, 'text/html', '<html>404 Not Found</html>'],
      [302, 'text/html', ''],
    ]
    for (const [code, type, body] of pages) {
      const { reference, xml } = declaration()
      behave.set(reference, (_, response) => response.writeHead(code, { 'content-type': type }).end(body))
      const { receipts } = await hub.send(xml)
      const { messageId } = receipts[0]!
      await until(`HTTP ${code} to be read`, async () => (await hub.state(messageId)) === 'unclear')
      const [submission] = (await message(messageId)).submissions
      expect(submission!.attempts).toMatchObject([{ outcome: 'unclear', code: 'HUB_AGENCY_FOREIGN' }])
      expect(times.get(reference)).toBe(1)
    }
  })

  test('hub agency test shows how an answer would be read, and by which rule', async () => {
    const page = join(hub.dataDir, 'page.html')
    await writeFile(page, '<html>请求已被拦截</html>')
    const shown = await hub.cli('agency', 'test', 'gacc', '--status', '200', '--type', 'text/html', '--body', page)
    expect(shown.code, shown.stderr).toBe(0)
    expect(shown.stdout).toContain('not the agency speaking → ambiguous HUB_AGENCY_FOREIGN')
    await writeFile(page, '重复申报，统一编号I7')
    const read = await hub.cli('agency', 'test', 'gacc', '-s', '422', '-t', 'text/plain', '-b', page, '--json')
    expect(JSON.parse(read.stdout)).toMatchObject({
      verdict: 'duplicate',
      from: 'settings',
      learn: [{ name: 'seqNo', value: 'I7' }],
      outcome: 'duplicate',
    })
    expect((await hub.cli('agency', 'test', 'nobody', '-s', '200')).code).toBe(1)
  })
})
