// EDIFACT: carriers and agents send it as it is; the hub files what is right, names what is wrong, and files nothing
// twice.
import { beforeAll, expect, test } from 'vitest'
import { arrival, closed, interchange } from '../support/arrivals.js'
import type { RunningHub } from '../support/hub.js'
import { commonHub } from '../support/shared-hub.js'
import { tempDir } from '../support/temp.js'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

let hub: RunningHub
beforeAll(async () => {
  const shared = await commonHub()
  hub = shared.hub
  return shared.remove
})

/** What reached the authorities of the document that bears this number: how often each. */
async function takenOf(number: string): Promise<number[]> {
  const { taken } = await hub.simulator<{ taken: { reference: string; times: number }[] }>('GET', '/taken')
  return taken.filter(({ reference }) => reference === number).map(({ times }) => times)
}

const send = (text: string) => hub.send(Buffer.from(text, 'latin1'), { type: 'application/edifact' })

test('a vessel reports its arrival: border inspection, maritime and customs each get it and answer', async () => {
  const text = interchange([closed(arrival('ARR-1'))])
  const { status, receipts } = await send(text)
  expect([status, receipts[0]!.code, receipts[0]!.operation, receipts[0]!.reference]).toEqual([
    202,
    'HUB_ACCEPTED',
    '3.1.2.1.1',
    'ARR-1',
  ])
  const { messageId } = receipts[0]!
  const all = await hub.receiptsOf(messageId, (found) => found.filter((r) => r.status === 'approved').length === 3)
  expect(new Set(all.filter((r) => r.stage === 'business').map((r) => r.agency))).toEqual(
    new Set(['mps', 'mot', 'gacc']),
  )
  expect(Buffer.from(await (await hub.get(`/v1/messages/${messageId}/content`)).arrayBuffer()).toString('latin1')).toBe(
    text,
  )
  const forwarded = await hub.get(`/v1/messages/${messageId}/forwarded`)
  expect([forwarded.headers.get('content-type'), await forwarded.text()]).toEqual(['application/edifact', text])
})

test('of several messages in one interchange the good ones are filed, the faulty one is named', async () => {
  const broken = arrival('ARR-3', '2').map((s) => s.replace('DTM+132', 'DTM+ZZZZ'))
  const { status, receipts } = await send(
    interchange([closed(arrival('ARR-2')), closed(broken, '2'), closed(arrival('ARR-4', '3'), '3')]),
  )
  expect([status, receipts.map((r) => r.status)]).toEqual([207, ['accepted', 'refused', 'accepted']])
  expect(receipts[1]!.code).toBe('HUB_EDI_REFUSED')
  expect(receipts[1]!.faults.map((f) => [f.code, f.path])).toEqual([['HUB_EDI_LENGTH', 'DTM(3)+1:1']])
  const contrl = await (await hub.get(`/v1/messages/${receipts[1]!.messageId}/acknowledgement`)).text()
  expect(contrl.slice(contrl.indexOf('UCI'), contrl.indexOf('UNT'))).toBe(
    "UCI+TEST0001+TESTCARRIER:ZZ+SWHUB:ZZ+7'UCM+1+CUSREP:D:96B:UN+7'UCM+2+CUSREP:D:96B:UN+4'UCS+3'UCD+39+2:1'" +
      "UCM+3+CUSREP:D:96B:UN+7'",
  )
  const kept = await (await hub.get(`/v1/messages/${receipts[2]!.messageId}/forwarded`)).text()
  expect(kept).toBe(interchange([closed(arrival('ARR-4', '3'), '3')]))
})

test('an interchange whose count is wrong was cut on its way: nothing of it is filed', async () => {
  const { status, receipts } = await send(
    interchange([closed(arrival('ARR-5')), closed(arrival('ARR-6', '2'), '2')], 'TEST0002', { count: 3 }),
  )
  expect([status, receipts.length, receipts[0]!.code, receipts[0]!.faults[0]!.path]).toEqual([
    422,
    1,
    'HUB_EDI_REFUSED',
    'UNZ+1',
  ])
  expect([...(await takenOf('ARR-5')), ...(await takenOf('ARR-6'))]).toEqual([])
})

test('the same report in another interchange is not filed again; another under its number is refused', async () => {
  const first = await send(interchange([closed(arrival('ARR-7'))], 'TEST0003'))
  const again = await send(interchange([closed(arrival('ARR-7', '9'), '9')], 'TEST0004'))
  expect([again.status, again.receipts[0]!.messageId]).toEqual([200, first.receipts[0]!.messageId])
  const other = await send(interchange([closed(arrival('ARR-7').map((s) => s.replace('CNSHA', 'CNNGB')))], 'TEST0005'))
  expect([other.status, other.receipts[0]!.code]).toEqual([409, 'HUB_REFERENCE_CONFLICT'])
  await hub.receiptsOf(
    first.receipts[0]!.messageId,
    (found) => found.filter((r) => r.status === 'approved').length === 3,
  )
  expect(await takenOf('ARR-7')).toEqual([1, 1, 1])
})

test('what is odd in an interchange is noted in the receipts of what was taken, no more', async () => {
  const odd = arrival('ARR-ODD1', '2').map((s) => s.replace('TEST OCEAN', 'Test Ocean'))
  const text = interchange([closed(arrival('ARR-ODD0')), closed(odd, '2')], 'ODD1').replace('261123', '20261123')
  const { status, receipts } = await send(text.replaceAll("'U", "'\nU").replaceAll("'B", "'\nB"))
  expect([status, receipts.map((r) => r.status)]).toEqual([207, ['accepted', 'accepted']])
  expect(receipts.map((r) => r.faults.map((f) => [f.code, f.level, f.path, f.line]))).toEqual([
    [['HUB_EDI_VALUE', 'warn', 'UNB+4:1', 2]],
    [['HUB_EDI_CHARACTER', 'warn', 'TDT(5)+8:4', 7]],
  ])
  expect(receipts[1]!.faults[0]!.remedy?.en).toMatch(/./)
  const { messageId } = receipts[1]!
  const xml = await (await hub.get(`/v1/messages/${messageId}/receipts`, { accept: 'application/xml' })).text()
  expect(xml).toContain('<Fault level="warn">')
  const contrl = await (await hub.get(`/v1/messages/${messageId}/acknowledgement`)).text()
  expect(contrl).toContain("UCI+ODD1+TESTCARRIER:ZZ+SWHUB:ZZ+7'")
  const file = join(await tempDir('odd'), 'odd.edi')
  await writeFile(file, text)
  const { stdout, code } = await hub.cli('validate', file)
  expect([code, /0 个报文有错误/.test(stdout), stdout.match(/! HUB_EDI_CHARACTER|! UNB/g)?.length ?? stdout]).toEqual([
    0,
    true,
    2,
  ])
})

test('a test interchange is checked and not filed', async () => {
  const { receipts } = await send(interchange([closed(arrival('ARR-8'))], 'TEST0006', { test: true }))
  expect(receipts[0]!.code).toBe('HUB_EDI_TEST')
  expect(await takenOf('ARR-8')).toEqual([])
})

test('an EDIFACT system is answered in EDIFACT', async () => {
  const answer = await fetch(`${hub.url}/v1/messages`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${hub.env.HUB_KEY}`,
      'content-type': 'application/edifact',
      accept: 'application/edifact',
    },
    body: interchange([closed(arrival('ARR-10'))], 'TEST0010'),
  })
  expect([answer.status, answer.headers.get('content-type')]).toEqual([202, 'application/edifact'])
  expect(await answer.text()).toMatch(
    /^UNA:\+\.\? 'UNB\+UNOA:2\+SWHUB:ZZ\+TESTCARRIER:ZZ\+\d{6}:\d{4}\+[0-9A-Z]{14}'UNH\+1\+CONTRL:2:1:UN'UCI\+TEST0010\+TESTCARRIER:ZZ\+SWHUB:ZZ\+7'UNT\+3\+1'UNZ\+1\+[0-9A-Z]{14}'$/,
  )
})

test('by SFTP it is the same', async () => {
  const dir = await tempDir('edi')
  const file = join(dir, 'arrival.edi')
  await writeFile(file, interchange([closed(arrival('ARR-9'))], 'TEST0007'))
  const { stdout } = await hub.sftp(`put ${file} OutBox/arrival.edi\nls SentBox\nls InBox\n`)
  const [contrl] = /InBox\/CONTRL_arrival_\d+\.edi/.exec(stdout) ?? []
  await hub.sftp(`get ${contrl} ${join(dir, 'contrl.edi')}\n`)
  expect(await readFile(join(dir, 'contrl.edi'), 'latin1')).toContain("UCI+TEST0007+TESTCARRIER:ZZ+SWHUB:ZZ+7'")
  expect(stdout).toContain('SentBox/arrival.edi')
  expect(stdout).toMatch(/InBox\/Successed_arrival_\d+\.xml/)
})

test('a reference used twice in an interchange refuses the second message in every answer', async () => {
  const text = interchange([
    closed(arrival('TWICE-1')),
    closed(arrival('TWICE-2', '2'), '2'),
    closed(arrival('TWICE-3')),
  ])
  const checked = await hub.send(Buffer.from(text, 'latin1'), { type: 'application/edifact', path: '/v1/validate' })
  const { status, receipts } = await send(text)
  for (const told of [checked.receipts, receipts]) {
    expect(told.map(({ status: one }) => one)).toEqual(['accepted', 'accepted', 'refused'])
    expect(told[2]!.faults.map(({ path, rule }) => `${path} ${rule}`)).toEqual(['UNH(1)+1 0085=26 0062'])
  }
  expect(status).toBe(207)
  const contrl = await hub.get(`/v1/messages/${receipts[0]!.messageId}/acknowledgement`)
  expect((await contrl.text()).match(/UCM\+[^']*'(?:UCS[^']*'UCD[^']*')?/g)!.at(-1)).toMatch(/UCM\+1\+CUSREP.*\+4.*26/)
})

test('codes and releases agreed with a partner are set on the command line and hold at once', async () => {
  const sampleOf = async (file: string) => await readFile(join('xsd/families/edifact/samples', file), 'latin1')
  const added = await hub.cli('partner', 'add', 'agrees', '--name', '测试约定有限公司', '--rights', '*', '--json')
  expect(added.code, added.stderr).toBe(0)
  const { secret } = JSON.parse(added.stdout) as { secret: string }
  const sendAs = (text: string) => hub.send(Buffer.from(text, 'latin1'), { type: 'application/edifact', key: secret })
  const set = async (...options: string[]) => {
    const { code, stdout, stderr } = await hub.cli('partner', 'edifact', 'agrees', ...options, '--json')
    expect(code, stderr).toBe(0)
    return (JSON.parse(stdout) as { edifact: object }).edifact
  }
  const plan = (await sampleOf('BAPLIE-D95B-bay-plan.edi'))
    .replace(/BAPLIE:D:95B:UN(:\w+)?/, 'BAPLIE:D:95B:UN')
    .replace('MEA+WT', 'MEA+VGM')
  const manifest = (await sampleOf('CUSCAR-D95B-import.edi')).replace('CUSCAR:D:95B', 'CUSCAR:D:95Z')
  const faultsOf = async (text: string) => {
    const { status, receipts } = await sendAs(text)
    return [status, ...receipts.flatMap(({ faults }) => faults.map(({ code, value }) => `${code} ${value}`))]
  }
  expect(await faultsOf(plan)).toEqual([422, 'HUB_EDI_VALUE VGM'])
  expect(await faultsOf(manifest)).toEqual([422, 'HUB_EDI_VALUE D:95Z'])

  expect(await set('--agree', '6311=VGM', '1153=AXX,AXY')).toEqual({
    codes: { agreed: { '6311': ['VGM'], '1153': ['AXX', 'AXY'] } },
  })
  expect(await set('--agree', '1153=AXZ', '--codes', 'binding')).toEqual({
    codes: { level: 'binding', agreed: { '6311': ['VGM'], '1153': ['AXZ'] } },
  })
  expect(await set('--release', 'D95Z=D95B')).toMatchObject({
    codes: { agreed: { '6311': ['VGM'] } },
    releases: { D95Z: 'D95B' },
  })
  expect(await set()).toMatchObject({ releases: { D95Z: 'D95B' } })
  expect(await faultsOf(`${plan}\n`)).toEqual([202])
  // What the manifest becomes for customs is read by the same tables.
  expect(await faultsOf(`${manifest}\n`)).toEqual([202])

  for (const wrong of ['VGM', '6311', '6311=', '6311=VGM=X', '631=VGM'])
    expect(await hub.cli('partner', 'edifact', 'agrees', '--agree', wrong)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('--agree takes an element and its codes') as string,
    })
  expect(await set('--reset')).toEqual({})
  expect((await faultsOf(`${plan}\n\n`))[0]).toBe(422)
})

test('a receipt says what is wrong with an envelope of several faults, and where', async () => {
  const { receipts } = await send(interchange([closed(arrival('MANY-FAULTS')).replace('CUSREP:D', 'CUSREPX:D')]))
  const [receipt] = receipts
  expect(receipt!.faults.length).toBeGreaterThan(1)
  expect(receipt).toMatchObject({ status: 'refused', code: receipt!.faults[0]!.code, text: receipt!.faults[0]!.text })
  expect(JSON.stringify(receipt!.text)).not.toMatch(/\{\w+\}/)
})
