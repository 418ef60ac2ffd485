// Persons: invented ones are named in messages of every syntax, right and wrong, and by an agency; then all that
// operators are shown and all that is logged is searched for them. Who must see them says why.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { opsRights } from '../../messages/ops-rights.js'
import { samplesOf } from '../../xsd/form/samples.js'
import { formIndex } from '../../xsd/form-store/store.js'
import { storedForm } from '../../xsd/form-store/stored.js'
import { toJson } from '../../xsd/form/to-json.js'
import { walk } from '../../xsd/form/node.js'
import { leafNamesPerson } from '../../xsd/persons/read.js'
import { sample, type RunningHub } from '../support/hub.js'
import { freshOrder } from '../support/orders.js'
import { inventedId, inventedMobile } from '../support/persons.js'
import { keyOf, newPerson } from '../support/operators.js'
import { sharedHub } from '../support/shared-hub.js'
import { until } from '../support/until.js'

const id = inventedId(7)
const mobile = inventedMobile(29)
const name = '测试壬癸'
const latin = 'QUIXOTEST'
const passport = `E${String(8_700_000 + 11)}9`
const planted = { id, mobile, name, latin, passport }

describe('values that name persons', () => {
  let hub: RunningHub
  let remove: () => Promise<void>
  let order: string
  const sent: string[] = []
  const lines: string[] = []
  beforeAll(async () => {
    ;({ hub, remove } = await sharedHub({ env: { HUB_SWEEP_SECONDS: '1' } }))
    return remove
  })

  const take = async (bytes: string | Buffer, type?: string) => {
    const { receipts, body } = await hub.send(bytes, type === undefined ? {} : { type })
    expect(receipts.length, JSON.stringify(body)).toBeGreaterThan(0)
    sent.push(...receipts.map(({ messageId }) => messageId))
    return receipts
  }
  const named = (xml: string | Buffer) =>
    xml
      .toString()
      .replace(/(<buyerName>)[^<]*/g, `$1${name}`)
      .replace(/(<consignee>)[^<]*/g, `$1${latin}`)
      .replace(/(<(?:buyerTelephone|consigneeTelephone)>)[^<]*/g, `$1${mobile}`)
      .replace(/(<buyerIdNumber>)[^<]*/g, `$1${id}`)
  const nobody = (what: string, said: string) => {
    for (const [kind, value] of Object.entries(planted)) expect(said.includes(value), `${kind} in ${what}`).toBe(false)
  }
  const ops = (path: string, key = hub.env.HUB_OPS_KEY!) =>
    fetch(hub.url + path, { headers: { authorization: `Bearer ${key}` } })

  test('are sent in XML, JSON, EDIFACT and flat files, right and wrong, and named by an agency', async () => {
    const watching = new AbortController()
    const events = await fetch(`${hub.url}/monitor/events`, {
      headers: { authorization: `Bearer ${hub.env.HUB_OPS_KEY}` },
      signal: watching.signal,
    })
    void (async () => {
      for await (const piece of events.body!) lines.push(Buffer.from(piece as Uint8Array).toString())
    })().catch(() => {})

    const refusal = `${name}（${id}）与实名信息不符，电话${mobile}，${latin}未认领，护照${passport}`
    await hub.simulator('POST', '/control', { documentType: 'CEB311Message', refuse: refusal, times: 1 })
    const fresh = freshOrder()
    const [taken] = await take(named(fresh))
    order = taken!.messageId
    await hub.receiptsOf(order, (all) => all.some(({ stage }) => stage === 'business'))

    // Refused for the very value, for the element beside it, for its attribute, and for being no XML.
    await take(named(freshOrder()).replace(/(<buyerIdNumber>)[^<]*/, `$1${id}${passport}${'9'.repeat(60)}`))
    await take(
      named(freshOrder())
        .replace(/(<buyerIdType>)[^<]*/, '$19')
        .replace(/(<orderNo>)[^<]*/, `$1${id}`),
    )
    await take(named(freshOrder()).replace('<OrderHead>', `<OrderHead contactName="${name}">`))
    await take(named(freshOrder()).replace('</buyerName>', '</buyerNam>'))
    await take(named(freshOrder()).replace(/(<consignee>)/, '$1<b>'), 'text/xml')

    const edi = (file: string) => sample(`edifact/${file}`).toString()
    const party = `NAD+CN+++${latin}:PERSON+9 TEST ROAD'CTA+IC+:${latin}'COM+${mobile}:TE'`
    await take(
      edi('IFTMIN-D98B-dangerous.edi').replace('NAD+CN+++TEST IMPORTS INC', `${party}NAD+CN+++TEST IMPORTS INC`),
      'application/edifact',
    )
    await take(
      edi('PAXLST-D02B-arrival.edi').replace('KIM:TESTE', `${latin}:TESTE`).replace('TK1059000', passport),
      'application/edifact',
    )
    await take(
      sample('flatfile/IFTMBF-utf8.txt')
        .toString()
        .replace(/21::[^^]*/, `21::${latin}`)
        .replace('010-00000000', mobile),
      'text/plain',
    )

    formIndex()
    for (const document of ['PassengerManifest', 'UserRegistrationIndividual', 'ResidentPersonnelRegistration']) {
      const { form, rules } = storedForm(document)!
      const personal = new Map(
        [...walk(form.fields)].flatMap(({ path, node }) => (leafNamesPerson(node) ? [[path, node]] : [])),
      )
      const fill = (value: unknown, path: string): unknown => {
        if (Array.isArray(value)) return value.map((one) => fill(one, path))
        if (typeof value === 'object' && value !== null)
          return Object.fromEntries(
            Object.entries(value).map(([key, one]) => [key, fill(one, path === '' ? key : `${path}/${key}`)]),
          )
        const node = personal.get(path)
        if (!node) return value
        if (/Phone|Mobile|Fax/.test(node.name)) return mobile
        if (node.leaf!.type === 'idCard') return id
        return /Number|Passport|Document/.test(node.name)
          ? passport
          : /[A-Z]\[A-Z/.test(node.leaf!.pattern ?? '')
            ? latin
            : name
      }
      const filled = fill(JSON.parse(toJson(samplesOf(form, rules)[0]!.tree)), '') as Record<string, object>
      const whole = Object.fromEntries(Object.entries(filled).map(([root, one]) => [root, fill(one, '')]))
      expect(JSON.stringify(whole)).toContain(passport)
      await take(JSON.stringify(whole), 'application/json')
    }
    // A question about somebody, answered in its call.
    await hub.get(`/v1/queries/10.1.1.2.1?buyerIdNumber=${id}&wait=1`)
    await until('the monitor has heard of them', () => lines.join('').includes(sent.at(-1)!))
    watching.abort()
    expect(sent.length).toBeGreaterThan(10)
  })

  test('are shown to no operator: not by any call, not by the monitor, not by a command', async () => {
    const paths = Object.keys(opsRights)
      .filter((route) => route.startsWith('GET ') && !route.includes(':'))
      .map((route) => route.slice(4))
    const searched = [
      `/ops/search?q=${id}`,
      `/ops/search?q=${encodeURIComponent(order)}`,
      `/ops/messages?referenceStart=${id.slice(0, 6)}`,
    ]
    const own = sent.flatMap((one) => [
      `/ops/messages/${one}`,
      `/ops/messages/${one}/content`,
      `/ops/audit?target=${one}`,
    ])
    for (const path of [...paths.filter((one) => one !== '/ops/search'), ...searched, ...own]) {
      const answer = await ops(path)
      expect(answer.status, path).toBeLessThan(500)
      nobody(path, await answer.text())
      if (path.includes('/messages')) nobody(`/monitor${path}`, await (await ops(`/monitor${path}`)).text())
    }
    nobody('the live page', lines.join(''))
    for (const path of ['/monitor/overview', '/monitor/names', '/metrics']) nobody(path, await (await ops(path)).text())
    for (const command of [['search'], ['audit']]) {
      const { stdout, stderr } = await hub.cli(...command)
      nobody(command.join(' '), stdout + stderr)
    }
    const { stdout } = await hub.cli('trace', order)
    nobody('trace', stdout)
    expect(stdout).toContain('***')
  })

  test('are in no log', async () => {
    const log = await readFile(join(hub.dataDir, 'hub.log'), 'utf8')
    expect(log).toContain(order)
    nobody('the log', log)
  })

  test('are their partner’s own, and whole', async () => {
    const content = await (await hub.get(`/v1/messages/${order}/content`)).text()
    for (const value of [id, mobile, name]) expect(content).toContain(value)
    const { receipts } = await hub.read<{ receipts: unknown[] }>(`/v1/messages/${order}/receipts`)
    for (const value of Object.values(planted)) expect(JSON.stringify(receipts)).toContain(value)
  })

  test('who must see them says why, is an operator, and stands in the audit before', async () => {
    await newPerson(hub, { name: 'looker', role: 'viewer' })
    await newPerson(hub, { name: 'clerk', role: 'operator' })
    const [viewer, clerk] = [await keyOf(hub, 'looker'), await keyOf(hub, 'clerk')]
    const path = `/ops/messages/${order}/content`
    const why = new URLSearchParams({ reveal: 'true', reason: '企业来电核对订购人' })
    const refused = await ops(`${path}?${why}`, viewer)
    expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([403, 'HUB_ROLE_FORBIDDEN'])
    for (const query of ['reveal=true', 'reveal=true&reason=%20']) {
      const without = await ops(`${path}?${query}`, clerk)
      expect([without.status, await without.text()]).toEqual([400, expect.stringContaining('reason')])
    }
    const reveals = async () =>
      (
        await hub.ops<{ audit: { who: string; target: string; why: string; detail: object }[] }>(
          '/ops/audit?action=persons',
        )
      ).audit
    expect(await reveals()).toEqual([])
    const whole = await (await ops(`${path}?${why}`, clerk)).text()
    for (const value of [id, mobile, name]) expect(whole).toContain(value)
    expect(await (await ops(`/ops/messages/${order}?${why}`, clerk)).text()).toContain(passport)
    const orphans = await ops(`/ops/orphans?${why}`, clerk)
    expect(orphans.status).toBe(200)
    expect(await reveals()).toMatchObject([
      { who: 'clerk', target: 'orphans', why: '企业来电核对订购人' },
      { who: 'clerk', target: order, detail: { what: 'messages/:id' } },
      {
        who: 'clerk',
        target: order,
        detail: { what: 'messages/:id/content', signedInBy: 'key', address: '127.0.0.1' },
      },
    ])
    // What is not there was shown to nobody.
    expect((await ops(`/ops/messages/msg_01M8HDCT03W7WQK0ZT6SHXSF8D?${why}`, clerk)).status).toBe(404)
    expect(await reveals()).toHaveLength(3)
    // Evidence proves by its bytes: whole, or not at all; a viewer gets none that names somebody.
    const zip = await ops(`/ops/messages/${order}/evidence`, viewer)
    expect([zip.status, ((await zip.json()) as { code: string }).code]).toEqual([403, 'HUB_PERSONS_HIDDEN'])
    expect((await ops(`/ops/messages/${order}/evidence`, clerk)).status).toBe(200)
    expect((await reveals())[0]).toMatchObject({ who: 'clerk', detail: { what: 'messages/:id/evidence' } })

    const hidden = await hub.cli('message', 'show', order, '--reveal')
    expect([hidden.code, hidden.stderr]).toEqual([1, expect.stringContaining('--reason')])
    const shown = await hub.cli('message', 'show', order, '--reveal', '--reason', '核对', '--content')
    expect(shown.stdout).toContain(id)
    expect((await hub.cli('trace', order, '--reveal', '--reason', '核对')).stdout).toContain(name)
  })
})
