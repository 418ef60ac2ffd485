// In whose name a partner may file: the companies of its settings, held against every place where a document names who
// declares, who sends, and for whom. One case a family; a document that names nobody else passes.
import { beforeAll, describe, expect, test } from 'vitest'
import type { Receipt } from '../../messages/receipt.js'
import { sample, type RunningHub } from '../support/hub.js'
import { usedBeforeItEnds } from '../support/in-time.js'
import { commonHub } from '../support/shared-hub.js'
import { documents } from '../support/data.js'
import { until } from '../support/until.js'

describe('companies', () => {
  let hub: RunningHub
  let remove: () => Promise<void>
  let key: string
  beforeAll(async () => {
    ;({ hub, remove } = await commonHub())
    await allow({ codes: ['9999999999'] })
    key = (await hub.ops<{ secret: string }>('/ops/partners/broker/keys', { kind: 'http' })).secret
    return remove
  })

  const allow = (companies: object) =>
    hub.ops('/ops/partners', {
      partnerId: 'broker',
      name: '测试报关行有限公司',
      settings: { rights: ['*'], companies },
    })
  const judged = async (
    file: string,
    type = 'application/xml',
    headers: Record<string, string> = {},
  ): Promise<Receipt> => (await hub.send(sample(file), { key, type, headers, path: '/v1/validate' })).receipts[0]!

  /** A sample, who files it, for whom, and by the way X-Operation where the content alone cannot tell. */
  const cases: [
    family: string,
    file: string,
    type: string,
    filer: string[],
    principal: string[],
    operation?: string,
  ][] = [
    ['ceb', 'ceb/CEB621Message.xml', 'application/xml', ['1101919996'], ['1101919999']],
    [
      'dec',
      'dec/DecMessage.xml',
      'application/xml',
      ['1101919997', '91110000MATEXT007Q', '110191999'],
      ['1101919998', '91110000MATEXT008U'],
    ],
    ['manifest', 'manifest/MT1101-9.xml', 'application/xml', ['1101919999999'], []],
    ['road', 'road/MT1401-9.xml', 'application/xml', ['5301919999999'], []],
    ['rail', 'rail/WLJK_IRTA.xml', 'application/xml', ['5131MATEST001'], []],
    [
      'bonded (client)',
      'sas/InvtMessage.xml',
      'application/xml',
      ['DXPENT0000099999', '1101989999', '91110000MATEXT0029', '1101919999'],
      ['91110000MATEXT0016'],
    ],
    [
      'bonded (platform)',
      'sas/INV101.xml',
      'application/xml',
      ['DXPENT0000099999', '1101989999', '91110000MATEXT0029'],
      ['1101919999', '91110000MATEXT0016'],
    ],
    ['account books', 'nems/EMS111.xml', 'application/xml', [], [], '9.1.2.2.1'],
    ['acd', 'acd/ImportAgrRequest.xml', 'application/xml', ['1101919999', '1101989998'], []],
    [
      'exp',
      'exp/EXP307.xml',
      'application/xml',
      ['TEST00000001', '1101919999', '91110000MATEXT0016'],
      ['1101919998', '91110000MATEXT0029'],
    ],
    ['EDIFACT', 'edifact/CUSCAR-D00B-chinese.edi', 'application/edifact', ['TESTLINE', '1101919999'], []],
    ['port flat files', 'flatfile/IFCSUM-coastal.txt', 'text/plain', ['TESTCARRIER'], []],
  ]
  test.each(cases)(
    '%s: who names another company is refused, and told where',
    async (_, file, type, filer, principal, operation) => {
      const headers = operation ? { 'x-operation': operation } : {}
      await allow({ codes: ['9999999999'] })
      const refused = await judged(file, type, headers)
      expect(refused).toMatchObject({ status: 'refused', code: 'HUB_COMPANY_FOREIGN' })
      const [first] = refused.faults
      expect(first).toMatchObject({
        code: 'HUB_COMPANY_FOREIGN',
        rule: expect.stringMatching(/^companies\.(filer|principal)$/) as string,
      })
      expect(first!.text.en).toContain(first!.value)
      if (filer.length === 0) return
      await allow({ codes: filer, principals: principal })
      const taken = await judged(file, type, headers)
      expect(taken).toMatchObject({ status: 'accepted', code: 'HUB_VALID' })
      expect(taken.faults.filter(({ code }) => code.startsWith('HUB_COMPANY'))).toEqual([])
      // Being the agent of a company is not being that company.
      await allow({ codes: ['9999999999'], principals: [...filer, ...principal] })
      expect((await judged(file, type, headers)).code).toBe('HUB_COMPANY_FOREIGN')
      if (principal.length === 0) return
      await allow({ codes: filer })
      expect((await judged(file, type, headers)).faults.map(({ rule }) => rule)).toContain('companies.principal')
      await allow({ codes: filer, principals: ['*'] })
      expect((await judged(file, type, headers)).status).toBe('accepted')
    },
  )

  test('one of a hundred in the same message is enough, and so is the last', async () => {
    await allow({ codes: ['1101919996', '1101919999'] })
    const one = sample('ceb/CEB621Message.xml').toString()
    const inventory = /<(?:\w+:)?Inventory>[\s\S]*<\/(?:\w+:)?Inventory>/.exec(one)![0]
    const two = one.replace(
      inventory,
      inventory +
        inventory.replace(/(guid>)[0-9A-F]{8}/i, '$1000000AA').replace('agentCode>1101919996', 'agentCode>1101919111'),
    )
    const { receipts } = await hub.send(two, { key, path: '/v1/validate' })
    expect(receipts[0]!.faults).toMatchObject([{ path: 'Inventory/InventoryHead/agentCode', value: '1101919111' }])
  })

  test('with `warn` it is taken with a note; with `off`, or without the setting, nobody looks', async () => {
    await allow({ mode: 'warn', codes: ['9999999999'] })
    const { status, receipts } = await hub.send(sample('ceb/CEB621Message.xml'), { key })
    expect([status, receipts[0]!.status, receipts[0]!.code]).toEqual([202, 'accepted', 'HUB_ACCEPTED'])
    expect(receipts[0]!.faults.map(({ code, value }) => [code, value])).toContainEqual([
      'HUB_COMPANY_WARNING',
      '1101919996',
    ])
    expect(receipts[0]!.text.en).not.toContain('1101919996')
    await allow({ mode: 'off', codes: ['9999999999'] })
    expect((await judged('ceb/CEB311Message.xml')).faults).toEqual([])
    expect((await hub.send(sample('ceb/CEB311Message.xml'))).receipts[0]!.faults).toEqual([])
  })

  test('an agent files for a company that granted it: by operation, until the date or its end', async () => {
    await allow({ codes: ['1101919996'] })
    const filed = () => judged('ceb/CEB621Message.xml')
    const { faults, code } = await filed()
    expect([code, faults.map(({ rule, value }) => [rule, value])]).toEqual([
      'HUB_COMPANY_FOREIGN',
      [['companies.principal', '1101919999']],
    ])
    // The principal is a partner of its own, which files as this company.
    await hub.ops('/ops/partners', {
      partnerId: 'principal',
      name: '测试进出口有限公司',
      settings: { rights: ['*'], companies: { codes: ['1101919999', '1101919998'] } },
    })
    const principal = (await hub.ops<{ secret: string }>('/ops/partners/principal/keys', { kind: 'http' })).secret
    const grants = (method: string, given: Record<string, string>) =>
      fetch(`${hub.url}/v1/agents${method === 'DELETE' ? `?${new URLSearchParams(given)}` : ''}`, {
        method,
        headers: { authorization: `Bearer ${principal}`, 'content-type': 'application/json' },
        ...(method === 'PUT' ? { body: JSON.stringify(given) } : {}),
      })
    const soon = new Date(Date.now() + 3_600_000).toISOString()
    const operation = (await judgedOperation()) ?? ''
    const give = async (more: Record<string, string>) =>
      expect((await grants('PUT', { partner: 'broker', until: soon, ...more })).status).toBe(200)
    const take = async () => expect((await grants('DELETE', { partner: 'broker' })).status).toBe(200)
    // Of another operation, or another company of the principal, it is of no use.
    await give({ operation: '1.1' })
    await give({ company: '1101919998' })
    expect((await filed()).code).toBe('HUB_COMPANY_FOREIGN')
    await give({ operation: operation.split('.').slice(0, 2).join('.'), company: '1101919999' })
    expect((await filed()).code).toBe('HUB_VALID')
    // It makes the broker the company’s agent, not the company.
    await allow({ codes: ['9999999999'] })
    expect((await filed()).code).toBe('HUB_COMPANY_FOREIGN')
    await allow({ codes: ['1101919996'] })
    await hub.ops('/ops/partners/principal/disable', {})
    expect((await filed()).code).toBe('HUB_COMPANY_FOREIGN')
    await hub.ops('/ops/partners/principal/enable', {})
    await take()
    expect((await filed()).code).toBe('HUB_COMPANY_FOREIGN')
    // An operator does the same in the principal's name; a grant that is over files nothing more.
    let given = 0
    const byOperator = async (end: string) => {
      const named = ['partner', 'grant', 'principal', '--to', 'broker', '--to-file', '--until', end, '--why', '委托书']
      const { code, stderr } = await hub.cli(...named)
      expect(code, stderr).toBe(0)
      given++
    }
    await byOperator(soon)
    expect((await filed()).code).toBe('HUB_VALID')
    // Checking files nothing. Filing under the grant stays on record on both sides and at the message.
    type Uses = { uses: { partner: string; owner: string; filings: number; firstAt: string; lastAt: string }[] }
    expect((await hub.ops<Uses>('/ops/partners/broker/agents')).uses).toEqual([])
    const fresh = sample('ceb/CEB621Message.xml')
      .toString()
      .replaceAll('CEB62100', 'CEB621AB')
      .replace(/(copNo>)TESTCOP/g, '$1GRANTED')
    const { receipts } = await hub.send(fresh, { key })
    const { messageId } = receipts[0]!
    expect(receipts[0]!.code).toBe('HUB_ACCEPTED')
    const { uses } = await hub.ops<Uses>('/ops/partners/principal/agents')
    expect(uses).toMatchObject([{ partner: 'broker', owner: 'principal', filings: 1 }])
    expect(uses[0]!.firstAt).toBe(uses[0]!.lastAt)
    expect((await hub.ops<{ filedUnder: object[] }>(`/ops/messages/${messageId}`)).filedUnder).toEqual([
      { owner: 'principal' },
    ])
    await usedBeforeItEnds((end) => byOperator(end.toISOString()), 4_000)
    await until('the grant is over', async () => (await filed()).code === 'HUB_COMPANY_FOREIGN')
    expect((await hub.cli('trace', messageId)).stdout).toContain('for principal (grant: all, all)')
    expect((await hub.cli('partner', 'agents', 'broker')).stdout).toMatch(/broker +principal +all +all +1 /)
    const { audit } = await hub.ops<{ audit: { action: string; who: string }[] }>(
      '/ops/audit?target=principal&action=agent',
    )
    expect(audit.map(({ action, who }) => [action, who])).toEqual([
      ...Array.from({ length: given }, () => ['agent.grant', 'operator']),
      ['agent.revoke', 'partner:principal'],
      ...[1, 2, 3].map(() => ['agent.grant', 'partner:principal']),
    ])
  })

  const judgedOperation = async () => (await judged('ceb/CEB621Message.xml')).operation

  test('what is refused is not filed, and its reference stays free', async () => {
    await allow({ codes: ['9999999999'] })
    const refused = await hub.send(sample('dec/DecMessage.xml'), { key })
    expect([refused.status, refused.receipts[0]!.code]).toEqual([403, 'HUB_COMPANY_FOREIGN'])
    const view = await hub.ops<{ submissions: object[] }>(`/ops/messages/${refused.receipts[0]!.messageId}`)
    expect(view.submissions).toEqual([])
    await allow({ mode: 'off', codes: ['9999999999'] })
    expect((await hub.send(sample('dec/DecMessage.xml'), { key })).status).toBe(202)
  })
})

test('every published document that a partner sends says where it names companies', () => {
  const silent = documents.flatMap((family) => family.documents.flatMap(({ id, companies }) => (companies ? [] : [id])))
  // Files that belong to a declaration, and receipts that come as notices: they name nobody.
  expect(silent.sort()).toEqual(['CooFile', 'DEC_RESULT'])
})
