// What an agency says, and what somebody else says in its place: taken, refused or in doubt; a duplicate of our own
// try; whose a receipt is.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { readFile, writeFile } from 'node:fs/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import type { Receipt } from '../../messages/receipt.js'
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
      await hub.ops(`/ops/submissions/${submission!.submissionId}/resolve`, { decision: 'dead', why: '防火墙' })
      await hub.receiptsOf(messageId, (all) => all.some((r) => r.code === 'HUB_GIVEN_UP' && r.status === 'failed'))
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

/** A further partner with its own key. */
async function partner(partnerId: string): Promise<string> {
  await hub.ops('/ops/partners', { partnerId, name: '测试报关有限公司', settings: { rights: ['*'] } })
  return (await hub.ops<{ secret: string }>(`/ops/partners/${partnerId}/keys`, { kind: 'http' })).secret
}
const mailbox = async (key: string) =>
  (await hub.read<{ receipts: Receipt[] }>('/v1/receipts?limit=500', { key })).receipts
const orphans = async () => (await hub.ops<{ orphans: { replyId: string }[] }>('/ops/orphans')).orphans
const heldAnswers = async () =>
  (await hub.ops<{ answers: { replyId: string; keys: { value: string }[] }[] }>('/ops/answers/held')).answers
const business = (receipts: Receipt[]) => receipts.filter(({ stage }) => stage === 'business')

describe('whose an answer is', () => {
  test('while a declaration is in doubt or has no number yet, nobody else hears its receipt', async () => {
    const [other, rival] = [await partner('other'), await partner('rival')]
    await hub.ops('/ops/partners/rival/subscriptions', { operation: '18.2.1.1.1' })
    const lost = async (key?: string) => {
      const { reference, xml } = declaration()
      behave.set(reference, (request) => request.socket.destroy())
      const { receipts } = await hub.send(xml, key === undefined ? {} : { key })
      const { messageId } = receipts[0]!
      await until('it to be in doubt', async () => {
        const read = await hub.read<Message>(`/v1/messages/${messageId}`, key === undefined ? {} : { key })
        return read.state === 'unclear' && read
      })
      const read = await hub.read<Message>(`/v1/messages/${messageId}`, key === undefined ? {} : { key })
      return { reference, messageId, submissionId: read.submissions[0]!.submissionId }
    }
    const [mine, theirs] = [await lost(), await lost(other)]
    const before = (await orphans()).length
    // The receipts of both, and of a declaration filed elsewhere; nobody can tell which is whose yet.
    for (const n of ['1', '2', '3'])
      expect((await callback(status(`I2026000000000800${n}`, `01012026100000800${n}`, 'L'))).status).toBe(202)
    await until('all three to be held', async () => (await heldAnswers()).length === 3)
    expect(await orphans()).toHaveLength(before)
    expect(await mailbox(rival)).toEqual([])
    expect((await hub.ops<{ heldAnswers: number }>('/ops/status')).heldAnswers).toBe(3)

    // The first answer comes late, and teaches the number: what was held finds its owner.
    await callback(
      sample('dec/DecImportResponse.xml')
        .toString()
        .replace(/(ClientSeqNo>)[^<]*/, `$1${mine.reference}`)
        .replace(/(<SeqNo>)[^<]*/, '$1I20260000000008001'),
    )
    const heard = await hub.receiptsOf(mine.messageId, (all) => all.some(({ code }) => code === 'L'))
    expect(business(heard)).toHaveLength(2)
    expect(await heldAnswers()).toHaveLength(2)

    // The other is found by a person, who knows it from the telephone.
    const second = (await heldAnswers()).find(({ keys }) => keys.some(({ value }) => value === 'I20260000000008002'))!
    const matched = await hub.cli('held-answer', 'match', second.replyId, theirs.submissionId, '-w', '电话核实')
    expect(matched.code, matched.stderr).toBe(0)
    await until('its owner to hear it', async () => business(await mailbox(other)).some(({ code }) => code === 'L'))

    // Only now nothing is in doubt any more, and what was filed elsewhere is news for whoever subscribed.
    await until('the notice', async () => (await mailbox(rival)).length === 1)
    expect((await mailbox(rival))[0]).toMatchObject({ stage: 'notice', reference: '010120261000008003' })
    expect(await heldAnswers()).toEqual([])
    expect(await orphans(), 'told as a notice it is no orphan').toHaveLength(before)
  })

  test('what is held for a declaration nobody decides about goes on when the operator says so', async () => {
    const { reference, xml } = declaration()
    behave.set(reference, (request) => request.socket.destroy())
    const { receipts } = await hub.send(xml)
    await until('it to be in doubt', async () => (await hub.state(receipts[0]!.messageId)) === 'unclear')
    await callback(status('I20260000000009001', '010120261000009001', 'L'))
    const [held] = await until('it to be held', async () => {
      const found = await heldAnswers()
      return found.length > 0 && found
    })
    const rival = (await hub.ops<{ secret: string }>('/ops/partners/rival/keys', { kind: 'http' })).secret
    const before = (await mailbox(rival)).length
    expect((await hub.cli('held-answer', 'release', held!.replyId, '-w', '海关确认非本系统申报')).code).toBe(0)
    await until('the notice', async () => (await mailbox(rival)).length === before + 1)
    const { submissionId } = (await message(receipts[0]!.messageId)).submissions[0]!
    await hub.ops(`/ops/submissions/${submissionId}/resolve`, { decision: 'dead', why: 'x' })
  })

  const inventory = (guid: string, codes: [ebc: string, agent: string] = ['1101919999', '1101919996']) =>
    sample('ceb/CEB621Message-minimal.xml')
      .toString()
      .replace(/guid="[^"]*"/, `guid="${crypto.randomUUID().toUpperCase()}"`)
      .replace(/(<(?:\w+:)?guid>)[^<]*/, `$1${guid}`)
      .replace(/(ebcCode>)[^<]*/, `$1${codes[0]}`)
      .replace(/(agentCode>)[^<]*/, `$1${codes[1]}`)
  const receiptOf = (guid: string, state: string, [ebc, agent]: [ebc: string, agent: string], cop = 'NONE') => {
    const whole = sample('ceb/CEB622Message.xml').toString()
    const end = whole.indexOf('</InventoryReturn>') + '</InventoryReturn>'.length
    return `${whole.slice(0, end)}</CEB622Message>`
      .replace(/(<guid>)[^<]*/, `$1${guid}`)
      .replace(/(ebcCode>)[^<]*/, `$1${ebc}`)
      .replace(/(agentCode>)[^<]*/, `$1${agent}`)
      .replace(/<copNo>[^<]*<\/copNo>/, `<copNo>${cop}</copNo>`)
      .replace(/<preNo>[^<]*<\/preNo>/, `<preNo>P${crypto.randomUUID().slice(0, 8)}</preNo>`)
      .replace(/<invtNo>[^<]*<\/invtNo>/, '')
      .replace(/(returnStatus>)[^<]*/, `$1${state}`)
  }
  const sent = async (xml: string, key?: string) => {
    const answer = await hub.send(xml, key === undefined ? {} : { key })
    expect(answer.status, JSON.stringify(answer.body)).toBe(202)
    const { messageId } = answer.receipts[0]!
    await until('the agency to have it', async () =>
      (await hub.read<Message>(`/v1/messages/${messageId}`, key === undefined ? {} : { key })).submissions.every(
        ({ state }) => state === 'submitted',
      ),
    )
    return messageId
  }
  const sharedKeys = async () =>
    (
      await hub.ops<{ sharedKeys: { id: number; key: { value: string }; candidates: { partnerId: string }[] }[] }>(
        '/ops/shared-keys',
      )
    ).sharedKeys

  test('nobody keeps another’s receipts away by sending its number again', async () => {
    const thief = await partner('thief')
    const guid = crypto.randomUUID().toUpperCase()
    const xml = inventory(guid)
    const first = await sent(xml)
    await sent(xml.replace(/guid="[^"]*"/, `guid="${crypto.randomUUID().toUpperCase()}"`), thief)
    await callback(receiptOf(guid, '120', ['1101919999', '1101919996']))
    await hub.receiptsOf(first, (all) => all.some(({ code }) => code === '120'))
    expect(business(await mailbox(thief))).toEqual([])
    const [shared] = (await sharedKeys()).filter(({ key }) => key.value === guid)
    expect(shared!.candidates.map(({ partnerId }) => partnerId)).toEqual(['demo', 'thief'])
    expect((await hub.get('/metrics')).status).toBe(200)
    expect((await hub.cli('shared-key', 'close', String(shared!.id), '-w', '已联系两家企业')).code).toBe(0)
    expect((await sharedKeys()).map(({ id }) => id)).not.toContain(shared!.id)
  })

  test('an agency may be set to refuse a number another has under way, without a name', async () => {
    const file = join(hub.dataDir, 'hub.yaml')
    const before = await readFile(file, 'utf8')
    const settings = parse(before) as { agencies: { gacc: object } }
    const strict = {
      ...settings,
      agencies: { ...settings.agencies, gacc: { ...settings.agencies.gacc, sharedKeys: 'refuse' } },
    }
    await writeFile(file, stringify(strict))
    expect((await hub.cli('reload', '--why', '编号唯一')).code).toBe(0)
    try {
      const late = await partner('late-comer')
      const guid = crypto.randomUUID().toUpperCase()
      const xml = inventory(guid)
      const first = await sent(xml)
      const again = xml.replace(/guid="[^"]*"/, `guid="${crypto.randomUUID().toUpperCase()}"`)
      const { status, receipts, body } = await hub.send(again, { key: late })
      expect([status, receipts[0]!.status, receipts[0]!.code]).toEqual([409, 'refused', 'HUB_KEY_IN_USE'])
      expect(JSON.stringify(body)).not.toMatch(new RegExp(`${first}|"demo"`))
      await callback(receiptOf(guid, '120', ['1101919999', '1101919996']))
      await hub.receiptsOf(first, (all) => all.some(({ code }) => code === '120'))
      expect(business(await mailbox(late))).toEqual([])
      // Under a number of its own it is served.
      const own = crypto.randomUUID().toUpperCase()
      await sent(inventory(own), late)
    } finally {
      await writeFile(file, before)
      expect((await hub.cli('reload', '--why', '恢复')).code).toBe(0)
    }
  })

  test('the same guid by chance, of two companies: each gets its own receipts', async () => {
    const [a, b] = [await partner('chance-a'), await partner('chance-b')]
    const guid = crypto.randomUUID().toUpperCase()
    const own: [string, string][] = [
      ['1101919998', '1101919997'],
      ['1101919995', '1101919994'],
    ]
    await sent(inventory(guid, own[0]), a)
    await sent(inventory(guid, own[1]), b)
    await callback(receiptOf(guid, '120', own[1]!))
    await callback(receiptOf(guid, '800', own[0]!))
    await until('both to hear', async () => (await Promise.all([a, b].map(mailbox))).every((list) => list.length > 0))
    expect((await mailbox(a)).map(({ code }) => code)).toEqual(['800'])
    expect((await mailbox(b)).map(({ code }) => code)).toEqual(['120'])
    expect((await sharedKeys()).filter(({ key }) => key.value === guid)).toEqual([])
  })

  test('two manifests under one counter as MessageID: the receipt names its addressee', async () => {
    const [a, b] = [await partner('count-a'), await partner('count-b')]
    const number = `CN_MT1101_1p0_${Date.now()}`
    const manifest = (sender: string) =>
      sample('manifest/MT1101-9-minimal.xml')
        .toString()
        .replace(/(<MessageID>)[^<]*/, `$1${number}`)
        .replace(/(<SenderID>)[^<]*/, `$1${sender}`)
    const answer = (receiver: string, text: string) =>
      sample('manifest/MT9999-message.xml')
        .toString()
        .replace(/(<MessageID>)[^<]*/, `$1${number}`)
        .replace(/(<ReceiverID>)[^<]*/, `$1${receiver}`)
        .replace(/(<Text>)[^<]*/, `$1${text}`)
    await sent(manifest('1101919990001_DXPESW0000000001'), a)
    await sent(manifest('1101919990002_DXPESW0000000002'), b)
    await callback(answer('1101919990002_DXPESW0000000002', '11311 给乙方'))
    await callback(answer('1101919990001_DXPESW0000000001', '11311 给甲方'))
    await until('both to hear', async () => (await Promise.all([a, b].map(mailbox))).every((list) => list.length > 0))
    expect((await mailbox(a)).map(({ text }) => text.zh)).toEqual(['11311 给甲方'])
    expect((await mailbox(b)).map(({ text }) => text.zh)).toEqual(['11311 给乙方'])
  })

  test('two rail yards under one MESSAGE_ID, with one waybill each: the receipt names its addressee', async () => {
    const [a, b] = [await partner('yard-a'), await partner('yard-b')]
    const number = `WLJK_IRTA_${Date.now()}`
    const tally = (sender: string) =>
      sample('rail/WLJK_IRTA-minimal.xml')
        .toString()
        .replace(/(<MESSAGE_ID>)[^<]*/, `$1${number}`)
        .replace(/(<SENDER>)[^<]*/, `$1${sender}`)
    const answer = (receiver: string, flag: string) =>
      sample('rail/WLJK_IRTR.xml')
        .toString()
        .replace(/(<MSGID>)[^<]*/, `$1${number}`)
        .replace(/(<RECEIVER>)[^<]*/, `$1${receiver}`)
        .replace(/<RESPONSE_RAILWAY_BILLINFO>[^]*?<\/RESPONSE_RAILWAY_BILLINFO>\s*/, '')
        .replace(/(<BILL_NO>)[^<]*/, '$1TSTRW250401')
        .replace(/(<CHK_FLAG>)[^<]*/g, `$1${flag}`)
    await sent(tally('5131MATEST001'), a)
    await sent(tally('5131MATEST002'), b)
    await callback(answer('5131MATEST002', '03'))
    await callback(answer('5131MATEST001', '01'))
    await until('both to hear', async () => (await Promise.all([a, b].map(mailbox))).every((list) => list.length > 0))
    expect((await mailbox(a)).map(({ status }) => status)).toEqual(['approved'])
    expect((await mailbox(b)).map(({ status }) => status)).toEqual(['rejected'])
  })

  test('an import response finds its inventory by the company’s own number', async () => {
    const key = await partner('bonded')
    const number = `TEST-ETPS-${Date.now()}`
    const save = sample('sas/InvtMessage.xml')
      .toString()
      .replace(/(EtpsInnerInvtNo>)[^<]*/, `$1${number}`)
    const messageId = await sent(save, key)
    await callback(
      sample('sas/CommonResponeMessage.xml')
        .toString()
        .replace(/(EtpsPreentNo>)[^<]*/, `$1${number}`)
        .replace(/(<SeqNo>)[^<]*/, '$1900000000000000777'),
    )
    await until('the first', async () => (await mailbox(key)).length === 1)
    await callback(
      sample('sas/INV202.xml')
        .toString()
        .replace(/(invPreentNo>)[^<]*/, '$1900000000000000777')
        .replace(/(businessId>)[^<]*/, '$1QD010126I000000777'),
    )
    await until('the second', async () => (await mailbox(key)).length === 2)
    expect((await mailbox(key)).map((one) => one.messageId)).toEqual([messageId, messageId])
    const before = (await orphans()).length
    await callback(
      sample('sas/CommonResponeMessage.xml')
        .toString()
        .replace(/(EtpsPreentNo>)[^<]*/, `$1${number}`)
        .replace(/(<SeqNo>)[^<]*/, '$1900000000000000778'),
    )
    await until('what answers nothing that waits to be an orphan', async () => (await orphans()).length === before + 1)
  })
})
