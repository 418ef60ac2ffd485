// The simulated agencies behave like real ones: they take what is sent, answer with the receipts of its course, and
// forget nothing.
import { createServer, type Server } from 'node:http'
import { readFileSync } from 'node:fs'
import { appendFile, cp, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Socket } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { loadAnswers, readMessage, render } from '../../adapters/simulator/answers.js'
import { createControl } from '../../adapters/simulator/control.js'
import { openFilings } from '../../adapters/simulator/filings-file.js'
import { invent } from '../../adapters/simulator/invent.js'
import { openJournal } from '../../adapters/simulator/journal.js'
import { readMultipart } from '../../adapters/simulator/multipart-reading.js'
import { startSimulator, type SimulatorParts } from '../../adapters/simulator/start.js'
import { writeQuestion } from '../../messages/queries/question.js'
import { readReply } from '../../messages/reply.js'
import { keyValues, valuesAt } from '../../messages/xml-reading.js'
import { alive, begin, ended, firstLine } from '../support/process.js'
import { tempDir } from '../support/temp.js'
import { until } from '../support/until.js'
import { samplePath } from '../support/hub.js'
import { readBookData } from '../../adapters/simulator/book-data.js'
import { samplesOf } from '../../xsd/form/samples.js'
import { storedForm } from '../../xsd/form-store/stored.js'
import { documents } from '../support/data.js'

const root = join(import.meta.dirname, '../..')
const families = join(root, 'xsd/families')
const sample = (file: string) => readFileSync(samplePath(file))

test.skipIf(process.platform !== 'linux')(
  'the simulator is a process without the secrets of its hub: it knows its own token and nothing else',
  async () => {
    process.env.HUB_OPS_KEY = 'PLANTED-key-of-the-operator'
    process.env.ANY_TOKEN = 'PLANTED-token-of-an-agency'
    const simulator = await startSimulator({ token: 'token-of-the-simulator', families })
    onTestFinished(() => {
      delete process.env.HUB_OPS_KEY
      delete process.env.ANY_TOKEN
      return simulator.stop('SIGKILL')
    })
    const environment = readFileSync(`/proc/${simulator.pid}/environ`, 'utf8')
    expect(environment).toContain('SIMULATOR_CALLBACK_TOKEN=token-of-the-simulator')
    expect(environment).not.toContain('PLANTED')
  },
)

interface Posted {
  url: string
  authorization: string | undefined
  contentType: string | undefined
  headers: string[]
  text: string
}

/** A hub's door for receipts, which can be shut. */
async function door() {
  const posted: Posted[] = []
  const state = { status: 202 }
  const sockets = new Set<Socket>()
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { authorization, 'content-type': contentType } = request.headers
      if (state.status < 300)
        posted.push({
          url: request.url!,
          authorization,
          contentType,
          headers: Object.keys(request.headers),
          text: Buffer.concat(chunks).toString('utf8'),
        })
      response.writeHead(state.status).end()
    })
  })
  server.on('connection', (socket) => sockets.add(socket))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    sockets.forEach((socket) => socket.destroy())
  })
  return {
    posted,
    state,
    callback: `http://127.0.0.1:${(server.address() as { port: number }).port}/agency/{agency}/receipts`,
  }
}

async function simulator(callback: string, over: Partial<SimulatorParts> = {}) {
  const own = await startSimulator({ callback, token: 'agency-token', families, ...over })
  onTestFinished(() => own.stop('SIGKILL'))
  const call = async <T>(method: string, path: string, body?: object) => {
    const response = await fetch(own.url + path, { method, ...(body ? { body: JSON.stringify(body) } : {}) })
    return { status: response.status, body: (await response.json()) as T }
  }
  return {
    ...own,
    control: (body: object) => call<{ behaviours: object[] }>('POST', '/control', body),
    clear: () => call('DELETE', '/control'),
    taken: async (query = '') =>
      (
        await call<{
          taken: { submissionId: string; times: number; agency: string; documentType: string }[]
          owed: number
        }>('GET', `/taken${query}`)
      ).body,
    has: async (id: string, agency = 'gacc') => (await call('GET', `/${agency}/submissions/${id}`)).status === 200,
    send: (id: string, bytes: Buffer, headers: Record<string, string> = {}, agency = 'gacc') =>
      fetch(`${own.url}/${agency}/messages`, {
        method: 'POST',
        body: new Uint8Array(bytes),
        headers: { 'content-type': 'application/xml', 'x-submission-id': id, ...headers },
      }),
  }
}

const inventory = sample('ceb/CEB621Message.xml')
const order = sample('ceb/CEB311Message.xml')
const statuses = (posted: Posted[]) => posted.map(({ text }) => /<returnStatus>(.*?)<\/returnStatus>/.exec(text)?.[1])

describe('a simulated agency', () => {
  test('takes a message, knows its document, and posts the receipts of its course in order', async () => {
    const hub = await door()
    const agency = await simulator(hub.callback)
    expect((await agency.send('sub_1', inventory)).status).toBe(202)
    await until('the whole course', () => hub.posted.length >= 3)
    expect(statuses(hub.posted)).toEqual(['120', '399', '800'])
    for (const { url, authorization, contentType, headers } of hub.posted) {
      expect({ url, authorization, contentType }).toEqual({
        url: '/agency/gacc/receipts',
        authorization: 'Bearer agency-token',
        contentType: 'application/xml',
      })
      expect(headers.filter((name) => name.startsWith('x-'))).toEqual([])
    }
    expect(hub.posted.map((p) => p.text).join()).not.toContain('sub_1')
    expect(await agency.taken()).toMatchObject({
      taken: [{ submissionId: 'sub_1', agency: 'gacc', documentType: 'CEB621Message', times: 1 }],
    })
    expect(await agency.taken('?agency=mofcom')).toMatchObject({ taken: [] })
    expect(await agency.has('sub_1', 'mofcom')).toBe(false)
    await until('nothing owed', async () => (await agency.taken()).owed === 0)
  })

  test('gives the first receipt at once where the agency does, and reads GBK', async () => {
    const hub = await door()
    const agency = await simulator(hub.callback)
    const response = await agency.send('sub_1', sample('ceb/CEB311Message-gbk.xml'))
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/xml'])
    expect(await response.text()).toContain('<returnStatus>2</returnStatus>')
    await until('the later ones', () => hub.posted.length === 2)
    expect(statuses(hub.posted)).toEqual(['120', '399'])
  })

  test('keeps posting until the hub takes a receipt, in order', async () => {
    const hub = await door()
    hub.state.status = 503
    const agency = await simulator(hub.callback)
    await agency.send('sub_1', inventory)
    await new Promise((wake) => setTimeout(wake, 600))
    expect(hub.posted).toEqual([])
    hub.state.status = 200
    await until('all of them', () => hub.posted.length >= 3)
    expect(statuses(hub.posted)).toEqual(['120', '399', '800'])
  })

  test('killed and started again knows what it has taken and posts what it owes', async () => {
    const hub = await door()
    hub.state.status = 500
    const journal = join(await tempDir('agency'), 'journal.jsonl')
    const first = await simulator(hub.callback, { journal })
    expect((await first.send('sub_1', inventory)).status).toBe(202)
    expect((await first.send('sub_1', inventory)).status).toBe(202)
    await first.stop('SIGKILL')
    await appendFile(journal, '{"event":"taken","submissionId":"sub_torn"')
    hub.state.status = 200
    const second = await simulator(hub.callback, { journal })
    expect((await second.taken()).taken).toMatchObject([{ submissionId: 'sub_1', times: 2 }])
    await until('all it owes', () => hub.posted.length >= 6)
    expect(statuses(hub.posted)).toEqual(['120', '399', '800', '120', '399', '800'])
    await until('nothing owed', async () => (await second.taken()).owed === 0)
    await second.stop()
    const third = await simulator(hub.callback, { journal })
    expect(await third.taken()).toMatchObject({ taken: [{ submissionId: 'sub_1', times: 2 }], owed: 0 })
    expect(await third.has('sub_1')).toBe(true)
    expect(hub.posted).toHaveLength(6)
  })

  test('started again answers queries from what it was filed before; its file stays small', async () => {
    const hub = await door()
    const journal = join(await tempDir('agency'), 'journal.jsonl')
    const first = await simulator(hub.callback, { journal })
    const about = { 'x-partner': 'a', 'x-operation': '10.1.6.1.1', 'x-reference': 'R-1' }
    await first.send('sub_1', inventory, about)
    await until('the whole course', () => hub.posted.length >= 3)
    const { shape } = storedForm('ImportInventoryQuery')!.query!
    const ask = async (agency: typeof first, partner: string) => {
      const page = { messageId: 'Q-1', sender: 'TEST', receiver: 'GACC', criteria: {}, page: 1, size: 20 }
      const question = writeQuestion(shape, page, shape.operations[0]!, '2026-06-01T09:00:00')
      const answer = await agency.send(`qry_${partner}`, question, { 'x-partner': partner })
      return (await answer.text()).replaceAll(/<(AsOf|SendTime)>[^<]*/g, '')
    }
    const before = await ask(first, 'a')
    expect(before).toContain('<Total>2</Total>')
    await first.stop('SIGKILL')
    const file = journal.replace('.jsonl', '.filed.jsonl')
    await appendFile(file, '{"submissionId":"sub_torn"')
    const second = await simulator(hub.callback, { journal })
    expect(await ask(second, 'a')).toBe(before)
    expect(await ask(second, 'b')).toContain('<Total>0</Total>')
    await second.stop()

    const [line] = (await readFile(file, 'utf8')).split('\n')
    await writeFile(file, `${line}\n`.repeat(5000))
    const kept = openFilings(file)
    expect(kept.kept.length).toBe(2000)
    for (let i = 0; i < 2500; i++) kept.add({ ...kept.kept[0]!, submissionId: `sub_${i}` })
    expect(openFilings(file).kept.at(-1)).toMatchObject({ submissionId: 'sub_2499' })
    expect((await stat(file)).size).toBeLessThan(2100 * line!.length)
  })

  test('started again prints what it was filed before, and nothing it was not', async () => {
    const hub = await door()
    const journal = join(await tempDir('agency'), 'journal.jsonl')
    const first = await simulator(hub.callback, { journal })
    const about = { 'x-partner': 'a', 'x-operation': '1.1.1.1.1', 'x-reference': 'R-1' }
    await first.send('sub_1', sample('dec/DecMessage.xml'), about)
    await until('its number', () => hub.posted.some(({ text }) => text.includes('<ENTRY_ID>')))
    const number = /<ENTRY_ID>([^<]+)/.exec(hub.posted.map(({ text }) => text).join(''))![1]!
    await until('the whole course', async () => (await first.taken()).owed === 0)
    await first.stop('SIGKILL')
    const second = await simulator(hub.callback, { journal })
    const { form, rules } = storedForm('DeclarationPrint')!
    const { xml } = samplesOf(form, rules)[0]!
    const print = async (id: string, wanted: string) => {
      const before = hub.posted.length
      const documents = `<Documents><Number>${wanted}</Number></Documents>`
      const bytes = Buffer.from(xml.replace(/<Documents>[\s\S]*<\/Documents>/, documents))
      await second.send(id, bytes, { ...about, 'x-document-type': 'DeclarationPrint', 'x-operation': '1.1.8.2.1' })
      await until('all it answers', async () => (await second.taken()).owed === 0)
      return hub.posted.slice(before).map(({ text }) => text)
    }
    const printed = (await print('sub_2', number)).find((text) => text.includes('%PDF'))
    expect(printed).toContain('<State>printed</State>')
    const other = await print('sub_3', '999999999999999999')
    expect(other.join()).toContain('<State>not-found</State>')
    expect(other.join()).not.toContain('%PDF')
  })

  test('takes a repeated submission again, unless idempotent: then it gives its first answer', async () => {
    const hub = await door()
    const plain = await simulator(hub.callback)
    expect([(await plain.send('sub_1', order)).status, (await plain.send('sub_1', order)).status]).toEqual([200, 200])
    expect((await plain.taken()).taken[0]!.times).toBe(2)
    const idempotent = await simulator(hub.callback, { idempotent: true })
    const first = await (await idempotent.send('sub_1', order)).text()
    const again = await idempotent.send('sub_1', order)
    expect([again.status, again.headers.get('x-already-taken'), await again.text()]).toEqual([409, 'true', first])
    expect((await idempotent.taken()).taken[0]!.times).toBe(1)
  })

  test('misbehaves as told, as often as told', async () => {
    const hub = await door()
    const agency = await simulator(hub.callback)
    await agency.control({ fail: 503, retryAfterSeconds: 3, times: 1 })
    const busy = await agency.send('sub_1', inventory)
    expect([busy.status, busy.headers.get('retry-after')]).toEqual([503, '3'])
    await agency.control({ hangUp: 'before', times: 1 })
    await expect(agency.send('sub_1', inventory)).rejects.toThrow()
    expect(await agency.has('sub_1')).toBe(false)
    await agency.control({ hangUp: 'after', times: 1 })
    await expect(agency.send('sub_1', inventory)).rejects.toThrow()
    expect(await agency.has('sub_1')).toBe(true)
    await until('its receipts', () => hub.posted.length === 3)

    await agency.control({ refuse: '商品编号 <9999> & 税号不存在', times: 1 })
    expect((await agency.send('sub_2', inventory)).status).toBe(202)
    await until('the refusal', () => hub.posted.length === 4)
    expect(hub.posted[3]!.text).toContain('商品编号 &lt;9999&gt; &amp; 税号不存在')
    expect(statuses(hub.posted)[3]).toBe('100')

    await agency.control({ agency: 'gacc', documentType: 'CEB621Message', hold: true })
    expect((await agency.send('sub_3', inventory)).status).toBe(202)
    await agency.send('sub_4', inventory, {}, 'mofcom')
    await until('those of another agency', () => hub.posted.length === 7)
    expect(hub.posted.slice(4).map((p) => p.url)).toEqual(Array(3).fill('/agency/mofcom/receipts'))
    await agency.clear()
    await until('those that were held', () => hub.posted.length === 10)

    await agency.control({ duplicateReceipts: true, receiptsDelayMs: 50, times: 1 })
    await agency.send('sub_5', inventory)
    await until('each of them twice', () => hub.posted.length === 16)
    expect(statuses(hub.posted.slice(10))).toEqual(['120', '120', '399', '399', '800', '800'])
    expect((await agency.control({ slow: 1 })).status).toBe(400)
  })

  test('says what it cannot take', async () => {
    const agency = await simulator((await door()).callback)
    expect((await agency.send('', inventory)).status).toBe(400)
    expect((await agency.send('sub_1', Buffer.from('no xml'))).status).toBe(400)
    expect((await agency.send('sub_1', Buffer.from('<!DOCTYPE a><a/>'))).status).toBe(400)
    // A document nobody wrote answers for is taken, and nothing comes back.
    expect((await agency.send('sub_1', Buffer.from('<a/>'), { 'x-document-type': 'Unknown' })).status).toBe(202)
    expect(await agency.taken()).toMatchObject({ taken: [{ submissionId: 'sub_1', documentType: 'Unknown' }], owed: 0 })
  })

  test('ends with the hub that started it, however that ended', async () => {
    const hub = begin(process.execPath, [
      '--input-type=module',
      '-e',
      `
      import { startSimulator } from '${join(root, 'dist/adapters/simulator/start.js')}'
      const own = await startSimulator({ callback: 'http://127.0.0.1:1/', token: 't', families: '${families}' })
      process.stdout.write('pid ' + own.pid + '\\n')`,
    ])
    const pid = await firstLine(hub, (line) => (line.startsWith('pid ') ? Number(line.slice(4)) : undefined))
    expect(alive(pid)).toBe(true)
    hub.kill('SIGKILL')
    await ended(hub)
    await until('the simulator to end', () => !alive(pid))
  })

  test('that cannot start says why', async () => {
    await expect(startSimulator({ callback: 'http://127.0.0.1:1/', token: 't', families: '/nowhere' })).rejects.toThrow(
      /ended with 1.*\/nowhere/s,
    )
  })
})

test("the numbers of a submission stay the same and are nobody's, and times are China time", () => {
  const at = new Date('2026-02-28T16:00:01.002Z')
  const one = invent('sub_1', at)
  expect(one).toMatchObject({
    now14: '20260301000001',
    now17: '20260301000001002',
    nowIso: '2026-03-01T00:00:01',
    date8: '20260301',
    refusal: '',
  })
  expect(one.seqNo).toMatch(/^9\d{17}$/)
  expect(one.entryId).toMatch(/^9\d{17}$/)
  expect(one.preNo).toMatch(/^B\d{17}$/)
  expect(one.serial9).toMatch(/^\d{9}$/)
  const later = invent('sub_1', new Date())
  expect([later.seqNo, later.entryId, later.preNo, later.serial9]).toEqual([
    one.seqNo,
    one.entryId,
    one.preNo,
    one.serial9,
  ])
  expect(invent('sub_2', at).seqNo).not.toBe(one.seqNo)
})

test('the newest order counts, and one without end replaces the older ones of its kind', () => {
  const control = createControl()
  control.set({ slowMs: 1 })
  control.set({ fail: 503, times: 2 })
  control.set({ agency: 'mofcom', hold: true })
  expect(control.next('mofcom', 'X')).toEqual({ agency: 'mofcom', hold: true })
  expect([control.next('gacc', 'X').fail, control.next('gacc', 'X').fail, control.next('gacc', 'X').slowMs]).toEqual([
    503, 503, 1,
  ])
  control.set({ slowMs: 2 })
  expect(control.list()).toEqual([{ slowMs: 2 }, { agency: 'mofcom', hold: true }])
})

test('a journal without a file forgets at the end, one with a file is shortened at the start', async () => {
  const file = join(await tempDir('journal'), 'journal.jsonl')
  const debt = { submissionId: 'sub_1', agency: 'gacc', mediaType: 'application/xml', body: '', dueAt: 0, held: false }
  const one = {
    submissionId: 'sub_1',
    agency: 'gacc',
    operation: '',
    documentType: '',
    reference: '',
    sha256: '',
    attachments: 0,
    at: '',
  }
  const journal = openJournal(file)
  const added = await journal.take(one, [debt, debt], { mediaType: 'text/xml', bytes: Buffer.from('<a/>') })
  journal.sent(added[0]!.seq)
  await journal.settled()
  journal.close()
  expect((await readFile(file, 'utf8')).trim().split('\n')).toHaveLength(4)
  const again = openJournal(file)
  onTestFinished(() => again.close())
  expect([...again.owed.keys()]).toEqual([2])
  expect(again.answerTo('sub_1')).toEqual({ mediaType: 'text/xml', bytes: Buffer.from('<a/>') })
  expect((await readFile(file, 'utf8')).trim().split('\n')).toHaveLength(2)
  expect((await again.take({ ...one, submissionId: 'sub_2' }, [debt]))[0]!.seq).toBe(3)
  expect(openJournal().taken.size).toBe(0)
})

test('a form that is not whole is not taken apart', () => {
  const whole = Buffer.from(
    '--b\r\nContent-Disposition: form-data; name="message"; filename="m.xml"\r\n\r\n<a>\r\n--</a>\r\n--b--\r\n',
  )
  expect(readMultipart(whole, 'multipart/form-data; boundary=b')).toEqual([
    { name: 'message', fileName: 'm.xml', bytes: Buffer.from('<a>\r\n--</a>') },
  ])
  expect(readMultipart(whole.subarray(0, -10), 'multipart/form-data; boundary=b')).toBeUndefined()
  expect(readMultipart(whole, 'multipart/form-data')).toBeUndefined()
})

describe('every course of answers', async () => {
  const book = loadAnswers(families)
  const types = documents.flatMap((family) => family.documents)
  const receiptTypes = documents.flatMap((family) => family.receipts)
  const courses = readBookData(families).answers.flatMap(({ answers }) => answers.map((a) => a.document))

  test.each([...new Set(courses)])(
    '%s is answered with receipts the hub can read and bring to their submission',
    (documentType) => {
      const document = types.find((d) => d.id === documentType)
      expect(document, 'a document of a pack').toBeDefined()
      for (const file of document!.samples) {
        const message = readMessage(sample(file))
        expect(book.identify(message)).toBe(documentType)
        const course = book.find(documentType, message)
        if (!course) continue
        for (const stages of [course.stages, course.refusal]) {
          // What the hub knows the submission by: the keys of the message, then what each receipt teaches.
          const known = new Set(
            Object.entries(document!.keys).flatMap(([name, path]) =>
              keyValues(path, (part) => valuesAt(message.tree, part)).map((value) => `${name} ${value}`),
            ),
          )
          for (const stage of stages) {
            const receipt = render(stage, message, { submissionId: 'sub_1', at: new Date(), refusal: '测试退单' })
            const reply = readReply(receipt, receiptTypes)
            const which = `${file} ${stage.name}: ${receipt.toString('utf8')}`
            expect(reply?.entries.length, which).toBeGreaterThan(0)
            for (const entry of reply!.entries) {
              // The answer to the call itself needs no key.
              if (!stage.sync)
                expect(
                  entry.keys.filter(({ name, value }) => known.has(`${name} ${value}`)),
                  which,
                ).not.toEqual([])
            }
            for (const { name, value } of reply!.entries.flatMap((entry) => entry.learn)) known.add(`${name} ${value}`)
          }
        }
      }
    },
  )
})

test('a broken answers.yaml is told with its line; agencies go on as the last build answered', async () => {
  const own = join(await tempDir('packs'), 'families')
  await cp(families, own, { recursive: true })
  const file = join(own, 'dec/answers.yaml')
  await writeFile(file, (await readFile(file, 'utf8')).replace('\nanswers:', '\nanswer:'))
  const simulator = await startSimulator({ token: 't', families: own })
  onTestFinished(() => simulator.stop('SIGKILL'))
  expect(await simulator.answers).toMatch(/answers as the last build did: .*dec\/answers\.yaml:\d+/)
  expect((await fetch(`${simulator.url}/taken`)).status).toBe(200)
})

test('a simulator that ends without being stopped is told as lost', async () => {
  const simulator = await startSimulator({ token: 't', families })
  expect(await simulator.answers).toBeUndefined()
  process.kill(simulator.pid, 'SIGKILL')
  expect(await simulator.lost).toBe('the simulator ended with SIGKILL')
})
