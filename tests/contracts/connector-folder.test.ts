// The folder connector keeps the contract of connectors with a Single Window client that is a process of its own: it
// takes, refuses, hangs, and is never given a declaration twice. (promises 2, 3, 5 and 7.)
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import promises, { appendFile, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { FetchedAnswer, FetchedRefusal, OutboundMessage } from '../../adapters/connectors/connector.js'
import { createFolderConnector, type FolderConnectorParts } from '../../adapters/connectors/folder/folder-connector.js'
import { localPlace } from '../../adapters/connectors/folder/local-place.js'
import { usualTemporaryEndings } from '../../adapters/temporary-names.js'
import { root as project } from '../support/hub.js'
import { importClient } from '../support/import-client.js'
import { tempDir } from '../support/temp.js'
import { until } from '../support/until.js'
import { breakable, type Breaks } from './breakable-place.js'
import { connectorContract } from './connector.js'

const declaration = readFileSync(join(project, 'xsd/families/dec/samples/DecMessage.xml'))
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
const never = new AbortController().signal
let count = 0

function message(over: Partial<OutboundMessage> = {}): OutboundMessage {
  const number = String(++count).padStart(4, '0')
  return {
    submissionId: `sub_${number}`,
    messageId: `msg_${number}`,
    operation: '1.1.6.1.2',
    documentType: 'DecMessage',
    reference: `R${number}`,
    bytes: declaration,
    attachments: [],
    ...over,
  }
}

/** From now on it is so many milliseconds later, by every clock. */
function timePasses(ms: number): void {
  const [date, since] = [Date.now.bind(Date), performance.now.bind(performance)]
  const clocks = [
    vi.spyOn(Date, 'now').mockImplementation(() => date() + ms),
    vi.spyOn(performance, 'now').mockImplementation(() => since() + ms),
  ]
  onTestFinished(() => clocks.forEach((clock) => clock.mockRestore()))
}

async function importRoot() {
  const root = await tempDir('imp')
  const box = (name: string) => join(root, 'Deccus001', name)
  for (const name of ['OutBox', 'SentBox', 'InBox', 'FailBox']) await mkdir(box(name), { recursive: true })
  return { root, box }
}

function connect(root: string, over: Partial<FolderConnectorParts> = {}) {
  const found: FetchedAnswer[] = []
  const refused: FetchedRefusal[] = []
  const log: string[] = []
  const note = (ids: object, event: string) => void log.push(`${event} ${JSON.stringify(ids)}`)
  const connector = createFolderConnector({
    root,
    folderOf: (documentType) => ({ DecMessage: 'Deccus001', AcdMessage: 'Acd' })[documentType],
    folders: ['Deccus001', 'Acd'],
    deadlineMs: 30_000,
    stuckMs: 60_000,
    everyMs: 20,
    prefix: '',
    temporaryEndings: usualTemporaryEndings,
    found: async (answer) => void found.push(answer),
    refused: async (refusal) => void refused.push(refusal),
    log: { info: note, warn: note },
    ...over,
    limits: { settleMs: 30, refusedAfterMs: 100, ...over.limits },
  })
  onTestFinished(() => connector.close())
  return Object.assign(connector, { found, refused, log })
}

connectorContract('folder', async () => {
  const { root, box } = await importRoot()
  const client = await importClient('--root', root)
  const breaks: Breaks = {}
  return {
    carriesIds: false,
    findsItsOwn: true,
    connect: ({ deadlineMs = 30_000 } = {}) =>
      connect(root, { deadlineMs, stuckMs: 1_500, place: breakable(localPlace, breaks) }),
    connectNowhere: () => connect(join(root, 'not-mounted')),
    async busy(connector) {
      await client.behave({ hang: true })
      await writeFile(join(box('OutBox'), 'somebody-elses.xml'), declaration)
      await until('the hub to notice that nobody fetches', () => connector.health?.().ok === false)
      return async () => {
        await client.behave({})
        await until('the hub to notice that it is fetched again', () => connector.health?.().ok)
      }
    },
    cut: async (when) => void (breaks.rename = when),
    slow: async (ms) => void (breaks.slowMs = ms),
    async taken(submissionId) {
      await until(
        'the client to have taken it',
        async () => !(await readdir(box('OutBox'))).some((name) => name.includes(submissionId)),
      )
      return client.taken(submissionId)
    },
    message,
    sha256,
  }
})

describe('over import folders', () => {
  test('a declaration goes out whole, and each answer of the client comes back once and in order', async () => {
    const { root, box } = await importRoot()
    const client = await importClient('--root', root)
    const connector = connect(root)
    const sent = message()
    expect(await connector.send(sent, never)).toEqual({ outcome: 'taken' })
    await until('all receipts', () => connector.found.length >= 4)
    await until('an empty InBox', async () => (await readdir(box('InBox'))).length === 0)
    const [imported, ...later] = connector.found
    expect(imported).toMatchObject({ submissionId: sent.submissionId, mediaType: 'application/xml' })
    expect(imported!.bytes.toString()).toContain('<ResponseCode>0</ResponseCode>')
    expect(later.every(({ submissionId, bytes }) => submissionId === undefined && bytes.includes('DEC_RESULT'))).toBe(
      true,
    )
    expect(new Set(connector.found.map(({ name }) => name)).size).toBe(connector.found.length)
    expect(await client.all()).toMatchObject([{ base: sent.submissionId, times: 1 }])
    expect(await readdir(box('SentBox'))).toEqual([`${sent.submissionId}.xml`])
    expect(connector.log).toEqual([])
  })

  test('a name of the operator’s stands before every file, and its receipts are still known', async () => {
    const { root } = await importRoot()
    const client = await importClient('--root', root)
    const connector = connect(root, { prefix: 'TESTHUB_' })
    const sent = message()
    await connector.send(sent, never)
    await until('the receipt', () => connector.found.some(({ submissionId }) => submissionId === sent.submissionId))
    expect(await client.taken(`TESTHUB_${sent.submissionId}`)).toMatchObject({ times: 1 })
  })

  test('what the client refuses comes back with its reason, also when it refuses in silence', async () => {
    const { root } = await importRoot()
    const client = await importClient('--root', root)
    const connector = connect(root)
    const [explained, silent] = [message(), message()]
    await client.behave({ refuse: '企业内部编号重复' })
    await connector.send(explained, never)
    const failure = await until('the failure', () =>
      connector.found.find(({ submissionId }) => submissionId === explained.submissionId),
    )
    expect(failure.name).toMatch(/^Failed_/)
    expect(failure.bytes.toString()).toContain('企业内部编号重复')
    await client.behave({ failInSilence: true })
    await connector.send(silent, never)
    await until('the silent refusal', () =>
      connector.refused.some(({ submissionId }) => submissionId === silent.submissionId),
    )
    expect(connector.found).toHaveLength(1)
  })

  test('what it handed over hours ago counts as taken, though every trace is gone (promise 3)', async () => {
    const { root, box } = await importRoot()
    const client = await importClient('--root', root)
    const connector = connect(root)
    const sent = message()
    expect(await connector.send(sent, never)).toEqual({ outcome: 'taken' })
    await until('all receipts', () => connector.found.length >= 4)
    // A night with a full disk: the ledger says `submitting` still. The client's people empty their SentBox, the hub
    // its own folder.
    await rm(join(box('SentBox'), `${sent.submissionId}.xml`))
    timePasses(7_200_000)
    const traces = async () =>
      (await readdir(root, { recursive: true })).filter((name) => name.includes(sent.submissionId))
    for (let n = 0; n < 3 && (await traces()).length > 0; n++) await connector.round()
    expect(await traces()).toEqual([])
    expect(await connector.query!(sent.submissionId, never)).toBe('taken')
    expect(await client.all()).toMatchObject([{ times: 1 }])
  })

  test('a receipt that is still being written is left alone until it is whole, however slowly', async () => {
    const { root, box } = await importRoot()
    const connector = connect(root, { limits: { settleMs: 20 } })
    const half = '<?xml version="1.0"?><DEC_RESULT><CUS_CIQ_NO>9123</CUS_CIQ_NO>'
    const file = join(box('InBox'), 'Receipt_1_20240819144231438.xml')
    await writeFile(file, half)
    await writeFile(join(box('InBox'), 'Receipt_2_20240819144231438.xml.tmp'), '<a/>')
    for (let i = 0; i < 8; i++) await connector.round()
    expect(connector.found).toEqual([])
    await appendFile(file, '</DEC_RESULT>')
    const [answer] = await until('the receipt', () => connector.found.length > 0 && connector.found)
    expect(answer!.bytes.toString()).toBe(`${half}</DEC_RESULT>`)
    await until('the file to be gone', () => !existsSync(file))
    expect(await readdir(box('InBox'))).toEqual(['Receipt_2_20240819144231438.xml.tmp'])
  })

  test('the operator’s own endings of unfinished names hold for answers and for refused files', async () => {
    const { root, box } = await importRoot()
    const connector = connect(root, { temporaryEndings: ['.inarbeit'], limits: { settleMs: 0 } })
    await writeFile(join(box('InBox'), 'Receipt_1.xml.inarbeit'), '<a/>')
    await writeFile(join(box('FailBox'), 'sub_9.xml.inarbeit'), '<a/>')
    await writeFile(join(box('OutBox'), 'somebody-elses.xml.inarbeit'), '<a/>')
    await writeFile(join(box('InBox'), 'Receipt_2.xml.tmp'), '<b/>')
    await until('the answer whose name is final here', () => connector.found.length > 0)
    await connector.round()
    expect(connector.found.map(({ name }) => name)).toEqual(['Receipt_2.xml.tmp'])
    expect(connector.refused).toEqual([])
    expect(connector.health!().files).toBe(0)
    await rename(join(box('InBox'), 'Receipt_1.xml.inarbeit'), join(box('InBox'), 'Receipt_1.xml'))
    await until('the answer under its final name', () => connector.found.some(({ name }) => name === 'Receipt_1.xml'))
  })

  test('a broken receipt is not waited for for ever: its bytes are kept as they are', async () => {
    const { root, box } = await importRoot()
    const connector = connect(root, { limits: { settleMs: 20, patienceMs: 150 } })
    await writeFile(join(box('InBox'), 'Receipt_1.xml'), '<DEC_RESULT><CUS')
    expect((await until('the bytes', () => connector.found[0])).bytes.toString()).toBe('<DEC_RESULT><CUS')
  })

  test('an answer of a name that was there before is waited for like any other, until it is whole', async () => {
    const { root, box } = await importRoot()
    let looks = 0
    const read: typeof localPlace.read = (...which) => (looks++, localPlace.read(...which))
    const connector = connect(root, { place: { ...localPlace, read }, limits: { settleMs: 20 } })
    const lookedAt = async (what: string) => {
      const before = looks
      await until(what, () => looks > before + 1)
    }
    const file = join(box('InBox'), 'Receipt_today.xml')
    await writeFile(file, '<a>')
    await lookedAt('the half to be looked at')
    // A writer that broke off takes its half away, and comes again an hour later.
    await rm(file)
    await connector.round()
    timePasses(3_600_000)
    await writeFile(file, '<b>')
    await lookedAt('the new half to be looked at')
    expect(connector.found).toEqual([])
    await appendFile(file, '</b>')
    await until('the whole answer', () => connector.found.length > 0)
    expect(connector.found.map(({ bytes }) => String(bytes))).toEqual(['<b></b>'])
  })

  test('an answer that was too large is said once; a smaller one in its place is read', async () => {
    const { root, box } = await importRoot()
    const connector = connect(root, { limits: { settleMs: 20, maxBytes: 100 } })
    const file = join(box('InBox'), 'Receipt_today.xml')
    await writeFile(file, `<a>${'x'.repeat(200)}</a>`)
    await until('the log to say so', () => connector.log.some((line) => line.includes('too large')))
    await connector.round()
    await writeFile(`${file}.tmp`, '<b/>')
    await rename(`${file}.tmp`, file)
    await until('the smaller one', () => connector.found.length > 0)
    expect(connector.found.map(({ bytes }) => String(bytes))).toEqual(['<b/>'])
    expect(connector.log.filter((line) => line.includes('too large'))).toHaveLength(1)
  })

  test('a receipt the hub could not put on disk stays and is read again, with the same name and bytes', async () => {
    const { root, box } = await importRoot()
    let failing = true
    const taken: string[] = []
    const connector = connect(root, {
      async found({ name }) {
        taken.push(name)
        if (failing) throw new Error('the disk is full')
      },
    })
    await writeFile(join(box('InBox'), 'Receipt_1.xml'), '<DEC_RESULT/>')
    await until('two tries', () => taken.length >= 2)
    expect(await readdir(box('InBox'))).toEqual(['Receipt_1.xml'])
    failing = false
    await until('the file to be gone', async () => (await readdir(box('InBox'))).length === 0)
    expect(new Set(taken)).toEqual(new Set(['Receipt_1.xml']))
    expect(connector.log.some((line) => line.includes('the disk is full'))).toBe(true)
  })

  test('receipts for documents another machine sent are read from Others', async () => {
    const { root } = await importRoot()
    const connector = connect(root)
    const dir = join(root, 'Others/InBox/INV')
    await mkdir(dir, { recursive: true })
    await writeFile(join(dir, 'Receipt_D1_20240819144231438.xml'), '<INV202/>')
    expect(await until('the receipt', () => connector.found[0])).toMatchObject({
      name: 'Receipt_D1_20240819144231438.xml',
    })
  })

  test('a client that hangs is reported once; nothing more is handed to it until it goes on', async () => {
    const { root, box } = await importRoot()
    const client = await importClient('--root', root)
    const connector = connect(root, { stuckMs: 1_500 })
    await client.behave({ hang: true })
    const first = message()
    expect(await connector.send(first, never)).toEqual({ outcome: 'taken' })
    await until('the alarm', () => connector.health!().ok === false)
    expect(connector.health!()).toMatchObject({
      files: 1,
      detail: expect.stringContaining('has not been fetched') as string,
    })
    const second = message()
    expect(await connector.send(second, never)).toMatchObject({ outcome: 'transient', code: 'HUB_AGENCY_BUSY' })
    expect(await readdir(box('OutBox'))).toEqual([`${first.submissionId}.xml`])
    await client.behave({})
    await until('health', () => connector.health!().ok)
    expect(await connector.send(second, never)).toEqual({ outcome: 'taken' })
    await until('the second file to be fetched', async () => (await client.taken(second.submissionId))?.times === 1)
    expect((await client.taken(first.submissionId))?.times).toBe(1)
    // On a busy machine the client may seem to hang once more.
    expect(connector.log.slice(0, 2).map((line) => line.split(' {')[0])).toEqual([
      'agency side in trouble',
      'agency side well again',
    ])
  })

  test('a share that is not mounted is not filled: nothing is made where the client’s folders should be', async () => {
    const root = await tempDir('imp')
    const connector = connect(root)
    expect(await connector.send(message(), never)).toMatchObject({
      outcome: 'transient',
      code: 'HUB_AGENCY_UNAVAILABLE',
      detail: expect.stringContaining('OutBox') as string,
    })
    expect(await readdir(root)).toEqual([])
    await until('trouble', () => connector.health!().ok === false)
  })

  test('a document without a known import folder waits for the operator', async () => {
    const { root } = await importRoot()
    expect(await connect(root).send(message({ documentType: 'CEB311Message' }), never)).toMatchObject({
      outcome: 'transient',
      code: 'HUB_AGENCY_UNCONFIGURED',
    })
  })

  test('a hub that slept through its deadline hands nothing over when it wakes', async () => {
    const { root, box } = await importRoot()
    const breaks: Breaks = { slowMs: 500 }
    const connector = connect(root, { deadlineMs: 200, place: breakable(localPlace, breaks) })
    const sent = message()
    expect(await connector.send(sent, never)).toMatchObject({ outcome: 'transient' })
    expect(await connector.query!(sent.submissionId, never)).toBe('not-taken')
    // The sleeper has woken when its staged file is gone again.
    await until(
      'the sleeper to have written and tidied',
      async () => !breaks.slowMs && existsSync(box('.hub')) && (await readdir(box('.hub'))).length === 0,
    )
    expect(await readdir(box('OutBox'))).toEqual([])
  })

  // Both ways a step can be cut off take a minute: `npm run test:crash` takes them both.
  test.each(process.env.EVERY_CUT === '1' ? (['not at all', 'done'] as const) : (['done'] as const))(
    'killed at any step of a hand-over (that step %s), the client gets the file exactly once',
    async (last) => {
      for (let calls = 1; calls <= 6; calls++) {
        const { root, box } = await importRoot()
        const client = await importClient('--root', root)
        const breaks: Breaks = { dieAfter: { calls, last } }
        const killed = connect(root, { place: breakable(localPlace, breaks), everyMs: 60_000 })
        const sent = message()
        await killed.send(sent, never)
        const other = connect(root)
        // The client may be quick or slow, and tidy its SentBox: the answer is the same.
        if (calls % 2 === 0)
          await until(
            'the client to have fetched what there is',
            async () => (await readdir(box('OutBox'))).length === 0,
          )
        if (calls % 2 === 0) await rm(box('SentBox'), { recursive: true }).then(() => mkdir(box('SentBox')))
        const answer = await other.query!(sent.submissionId, never)
        if (answer === 'not-taken') expect(await other.send(sent, never)).toEqual({ outcome: 'taken' })
        else expect(answer).toBe('taken')
        await until('the client to have it', async () => (await client.taken(sent.submissionId)) !== undefined)
        await until('an empty OutBox', async () => (await readdir(box('OutBox'))).length === 0)
        expect((await client.taken(sent.submissionId))?.times, `killed at call ${calls}`).toBe(1)
        await client.stop()
      }
    },
  )

  test.each(['not at all', 'done'] as const)(
    'killed at any step of asking (that step %s), a hub leaves nothing that says a file was handed over which was not',
    async (last) => {
      for (let calls = 1; calls <= 6; calls++) {
        const { root, box } = await importRoot()
        // Staged and marked, and cut off right before its hand-over.
        const cut = connect(root, { place: breakable(localPlace, { rename: 'before' }), everyMs: 60_000 })
        const sent = message()
        expect(await cut.send(sent, never)).toMatchObject({ outcome: 'ambiguous' })
        const killed = connect(root, { place: breakable(localPlace, { dieAfter: { calls, last } }), everyMs: 60_000 })
        await killed.query!(sent.submissionId, never)
        const other = connect(root)
        expect(await other.query!(sent.submissionId, never), `killed at call ${calls}`).toBe('not-taken')
        expect(await other.send(sent, never)).toEqual({ outcome: 'taken' })
        expect(await readdir(box('OutBox'))).toEqual([`${sent.submissionId}.xml`])
      }
    },
  )

  test.each([
    ['EIO', 'ambiguous'],
    ['ETIMEDOUT', 'ambiguous'],
    ['ESTALE', 'ambiguous'],
    ['EHOSTDOWN', 'ambiguous'],
    ['EACCES', 'transient'],
    ['EROFS', 'transient'],
    ['ENOSPC', 'transient'],
  ])('a share that says %s to the hand-over: %s', async (code, outcome) => {
    const { root } = await importRoot()
    const connector = connect(root)
    const real = promises.rename
    const put = (call: typeof real) => {
      promises.rename = call
      syncBuiltinESMExports()
    }
    onTestFinished(() => put(real))
    put(() => Promise.reject(Object.assign(new Error(`${code}: rename`), { code })))
    expect(await connector.send(message(), never)).toMatchObject({ outcome })
  })

  test('an answer put in the place of one that is being taken is read in its turn, not removed with it', async () => {
    const { root, box } = await importRoot()
    const file = join(box('InBox'), 'Receipt_today.xml')
    const put = (text: string) => writeFile(`${file}.tmp`, text).then(() => rename(`${file}.tmp`, file))
    const taken: string[] = []
    connect(root, {
      async found({ bytes }) {
        if (taken.push(String(bytes)) === 1) await put('<DEC_RESULT>released</DEC_RESULT>')
      },
    })
    await put('<DEC_RESULT/>')
    await until('an empty InBox', async () => taken.length > 0 && (await readdir(box('InBox'))).length === 0)
    expect(taken).toEqual(['<DEC_RESULT/>', '<DEC_RESULT>released</DEC_RESULT>'])
  })

  test('a file beside an answer that is written again while both are taken is read too', async () => {
    const { root, box } = await importRoot()
    const put = (name: string, text: string) =>
      writeFile(join(box('InBox'), `${name}.tmp`), text).then(() =>
        rename(join(box('InBox'), `${name}.tmp`), join(box('InBox'), name)),
      )
    const taken: string[][] = []
    connect(root, {
      limits: { settleMs: 0, filesPatienceMs: 200 },
      filesNamed: async (bytes) => (String(bytes).startsWith('<DEC_RESULT') ? ['tax.pdf'] : []),
      async found({ bytes, files = [] }) {
        if (taken.push([String(bytes), ...files.map((file) => String(file.bytes))]) === 1)
          await put('tax.pdf', 'corrected')
      },
    })
    await put('tax.pdf', 'first')
    await put('Receipt_today.xml', '<DEC_RESULT/>')
    await until('an empty InBox', async () => taken.length > 1 && (await readdir(box('InBox'))).length === 0)
    expect(taken).toEqual([['<DEC_RESULT/>', 'first'], ['corrected']])
  })

  test('a file beside an answer that changes while it is read goes with the answer as it is in the end', async () => {
    const { root, box } = await importRoot()
    const file = join(box('InBox'), 'tax.pdf')
    const taken: string[][] = []
    let reads = 0
    connect(root, {
      limits: { settleMs: 0 },
      filesNamed: async () => ['tax.pdf'],
      async found({ bytes, files = [] }) {
        taken.push([String(bytes), ...files.map((one) => String(one.bytes))])
      },
      place: {
        ...localPlace,
        async read(path, most) {
          const bytes = await localPlace.read(path, most)
          if (path.endsWith('tax.pdf') && reads++ === 0) await writeFile(file, 'the whole notice')
          return bytes
        },
      },
    })
    await writeFile(file, 'the who')
    await writeFile(join(box('InBox'), 'Receipt_today.xml'), '<DEC_RESULT/>')
    await until('the answer', async () => taken.length > 0 && (await readdir(box('InBox'))).length === 0)
    expect(taken).toEqual([['<DEC_RESULT/>', 'the whole notice']])
  })

  test('asked while the file wanders from box to box, it is never said to be missing', async () => {
    const { root, box } = await importRoot()
    const connector = connect(root)
    const sent = message()
    await connector.send(sent, never)
    await rm(box('.hub'), { recursive: true })
    const name = `${sent.submissionId}.xml`
    let over = false
    const asking = (async () => {
      const answers = new Set<string>()
      while (!over) answers.add(await connector.query!(sent.submissionId, never))
      return answers
    })()
    await rename(join(box('OutBox'), name), join(box('SentBox'), name))
    await rename(join(box('SentBox'), name), join(box('FailBox'), name))
    await writeFile(join(box('InBox'), `Failed_${sent.submissionId}_20240819144231438.xml.tmp`), '<half')
    await new Promise((resolve) => setTimeout(resolve, 100))
    over = true
    expect([...(await asking)]).toEqual(['taken'])
  })

  test('attachments go in a zip of the message’s own name, and two of one name are both kept', async () => {
    const { root } = await importRoot()
    const client = await importClient('--root', root)
    const attachment = (name: string, text: string) => ({ name, bytes: Buffer.from(text) })
    const sent = message({
      attachments: [attachment('a.pdf', '1'), attachment('../A.pdf', '2'), attachment('sub_x.xml', '3')],
    })
    await connect(root).send(sent, never)
    expect(await until('the client to open it', () => client.taken(sent.submissionId))).toMatchObject({
      times: 1,
      attachments: 3,
      sha256: sha256(declaration),
    })
  })

  test('what killed processes left long ago is tidied away, once it was seen for an hour', async () => {
    const { root, box } = await importRoot()
    await mkdir(box('.hub'))
    const { utimes } = await import('node:fs/promises')
    // Also the mark of a hand-over nobody has asked about yet, where the clock of the share is wrong.
    const [old, mark] = [join(box('.hub'), '.sub_OLD.xml.tmp'), join(box('.hub'), '.sub_OLD.mark.tmp')]
    for (const file of [old, mark]) {
      await writeFile(file, 'x')
      await utimes(file, 1, 1)
    }
    const young = join(box('.hub'), '.sub_NEW.mark.tmp')
    await writeFile(young, '')
    // A mark is made behind its staged file, and goes with it: alone it would say that the file was handed over.
    const [staged, itsMark] = [join(box('.hub'), '.sub_TWO.xml.tmp'), join(box('.hub'), '.sub_TWO.mark.tmp')]
    for (const file of [staged, itsMark]) await writeFile(file, '')
    await utimes(staged, 1, 1)
    const connector = connect(root)
    await connector.round()
    expect([existsSync(old), existsSync(mark)]).toEqual([true, true])
    timePasses(2 * 3_600_000)
    await connector.round()
    expect([existsSync(old), existsSync(mark), existsSync(young)]).toEqual([false, false, true])
    expect([existsSync(staged), existsSync(itsMark)]).toEqual([false, false])
    await connector.close()
  })
})
