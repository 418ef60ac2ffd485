// Years later: the bytes of what is long done with go to an archive, and nobody who asks for them, sends them again or
// still speaks of them can tell the difference.
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { sample, startHub, type HubOptions, type RunningHub } from '../support/hub.js'
import type { Receipt } from '../../messages/receipt.js'
import { clock } from '../support/clock.js'
import { freePort, ownAgency } from '../support/neighbours.js'
import { freshOrder } from '../support/orders.js'
import { tempDir } from '../support/temp.js'
import { until } from '../support/until.js'

const day = 86_400
async function hubWithArchive(retention: object | undefined, policy: object = {}) {
  const time = await clock()
  const httpPort = await freePort()
  const agency = await ownAgency({ hubPort: httpPort, policy })
  const options: HubOptions = {
    config: { ...agency.config, ...(retention ? { retention } : {}) },
    env: { ...agency.env, ...time.env },
    nodeArgs: time.nodeArgs,
    httpPort,
  }
  return { hub: await startHub(options), agency, time, again: (dataDir: string) => startHub({ ...options, dataDir }) }
}

/** Filed, answered, and every receipt read by its sender. */
async function filed(
  hub: RunningHub,
  bytes: Buffer,
  { type = 'application/xml', last = 'approved' } = {},
): Promise<string> {
  const { messageId } = (await hub.send(bytes, { type })).receipts[0]!
  await until('the last receipt', async () => (await hub.state(messageId)) === last)
  await readMailbox(hub)
  return messageId
}
const readMailbox = async (hub: RunningHub) => expect((await hub.cli('receipts')).code).toBe(0)
const bytesOf = async (hub: RunningHub, id: string, what = 'content') =>
  Buffer.from(await (await hub.get(`/v1/messages/${id}/${what}`)).arrayBuffer())
const walk = (hub: RunningHub) => hub.ops<{ letGo: number; open: number }>('/ops/retention/walk', { why: '年度归档' })
const metric = async (hub: RunningHub, name: string) =>
  Number(new RegExp(`^${name} (.+)$`, 'm').exec(await (await hub.get('/metrics')).text())?.[1] ?? NaN)

test('three years later the bytes are in the archive, and the same file gets its first answer', async () => {
  const archive = await tempDir('archive')
  const { hub, agency, time, again } = await hubWithArchive({ days: 1100, refusedDays: 90, archive })
  const [order, cuscar] = [freshOrder(), sample('edifact/CUSCAR-D95B-import.edi')]
  const old = await filed(hub, order)
  const manifest = await filed(hub, cuscar, { type: 'application/edifact', last: 'released' })
  const refused = (await hub.send(Buffer.from('<nothing/>'))).receipts[0]!.messageId
  const forwarded = await bytesOf(hub, manifest, 'forwarded')

  await time.advance(hub, 91 * day)
  expect(await walk(hub)).toMatchObject({ letGo: 1, open: 0 })
  expect(await hub.read(`/v1/messages/${refused}`)).toMatchObject({
    state: 'refused',
    letGo: { archive: expect.stringMatching(/^messages-.*\.jsonl\.gz$/) as string },
  })
  await time.advance(hub, 1010 * day)
  const young = await filed(hub, freshOrder())
  const walked = await hub.cli('retention', 'walk', '-w', '年度归档')
  expect(walked).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^2 messages, 0\.0 MB, let go of in [\d.]+ s\.\n$/) as string,
  })

  const told = async (at: RunningHub) => {
    expect(await bytesOf(at, old)).toEqual(order)
    expect(await bytesOf(at, manifest)).toEqual(cuscar)
    expect(await bytesOf(at, manifest, 'forwarded')).toEqual(forwarded)
    expect(await at.read(`/v1/messages/${young}`)).not.toHaveProperty('letGo')
    const repeated = await at.send(order)
    expect(repeated).toMatchObject({ status: 200, receipts: [{ messageId: old }] })
    expect(repeated.headers.get('x-duplicate')).toBe('true')
  }
  await told(hub)
  // Whoever has no hub reads it with zcat and any JSON.
  const files = (await readdir(archive)).sort()
  const records = (
    await Promise.all(
      files.map(async (file) =>
        gunzipSync(await readFile(join(archive, file)))
          .toString()
          .trim()
          .split('\n'),
      ),
    )
  )
    .flat()
    .map((line) => JSON.parse(line) as { messageId: string; content: string; receipts: object[]; replies: object[] })
  expect(records.map(({ messageId }) => messageId).sort()).toEqual([old, manifest, refused].sort())
  const record = records.find(({ messageId }) => messageId === old)!
  expect(Buffer.from(record.content, 'base64')).toEqual(order)
  const { receipts } = await hub.read<{ receipts: { stage: string }[] }>(`/v1/messages/${old}`)
  expect(record.receipts).toEqual(receipts)
  expect(record.replies).toHaveLength(receipts.filter(({ stage }) => stage === 'business').length)
  expect((await hub.cli('trace', old)).stdout).toContain(`bytes in the archive: messages-`)

  // The share is away for a while: that is said, and nothing else is worse for it.
  await rename(archive, `${archive}-away`)
  const away = await hub.get(`/v1/messages/${old}/content`)
  expect([away.status, ((await away.json()) as { code: string }).code]).toEqual([503, 'HUB_ARCHIVE_UNREADABLE'])
  expect((await hub.send(order)).receipts[0]!.messageId).toBe(old)
  await rename(`${archive}-away`, archive)
  await hub.stop('SIGKILL')
  await told(await again(hub.dataDir))
  expect((await agency.taken()).every(({ times }) => times === 1)).toBe(true)
})

test('without an archive the bytes are deleted: it is said when, and the receipts stay to be had', async () => {
  const { hub, agency, time } = await hubWithArchive({ days: 1100, operationDays: { '10.1': 30 } })
  const order = freshOrder()
  const id = await filed(hub, order)
  const waiting = freshOrder()
  await agency.control({ fail: 400 })
  const dead = (await hub.send(waiting)).receipts[0]!.messageId
  await until('it to be given up', async () => (await hub.state(dead)) === 'failed')
  await readMailbox(hub)
  await time.advance(hub, 31 * day)
  expect(await walk(hub)).toMatchObject({ letGo: 1, open: 1 })
  const answer = await hub.get(`/v1/messages/${id}/content`)
  expect([answer.status, ((await answer.json()) as { code: string; detail: string }).code]).toEqual([
    410,
    'HUB_CONTENT_DELETED',
  ])
  expect((await hub.read<{ receipts: object[] }>(`/v1/messages/${id}/receipts`)).receipts.length).toBeGreaterThan(1)
  // What a person may still send again is kept, however old it is.
  await time.advance(hub, 365 * day)
  expect(await walk(hub)).toMatchObject({ letGo: 0, open: 1 })
  expect(await metric(hub, 'hub_retention_open')).toBe(1)
  expect(await bytesOf(hub, dead)).toEqual(waiting)
  expect((await hub.cli('retention')).stdout).toMatch(
    /^Bytes are kept for 1100 days, of refused messages for 14 days, of 10\.1 for 30; then they are deleted\.\n.*1 beyond their days are kept/,
  )
})

test('while the archive is not mounted nothing goes, and the metric says so', async () => {
  const archive = join(await tempDir('archive'), 'share')
  const { hub, time } = await hubWithArchive({ days: 30, archive })
  const order = freshOrder()
  const id = await filed(hub, order)
  await time.advance(hub, 31 * day)
  const failed = await hub.cli('retention', 'walk', '-w', '年度归档')
  expect(failed.code).toBe(1)
  expect(failed.stderr).toContain(archive)
  expect(await metric(hub, 'hub_retention_failed')).toBe(1)
  const doctor = (await hub.cli('doctor')).stdout
  expect(doctor).toContain('✗ retention: ENOENT')
  expect(doctor).toMatch(/✓ memory: \d+ MB \((cgroup|machine)\); bodies of all partners \d+ MB, of one \d+ MB/)
  expect(await bytesOf(hub, id)).toEqual(order)
  await mkdir(archive)
  expect(await walk(hub)).toMatchObject({ letGo: 1, open: 0 })
  expect(await metric(hub, 'hub_retention_failed')).toBe(0)
  expect(await bytesOf(hub, id)).toEqual(order)
  const { audit } = await hub.ops<{ audit: { action: string; why: string; target: string }[] }>('/ops/audit')
  expect(audit).toContainEqual(expect.objectContaining({ action: 'retention.walk', why: '年度归档', target: archive }))
})

test('killed in the middle of a walk, every message has its bytes, here or in the archive', async () => {
  const archive = await tempDir('archive')
  const { hub: first, time, again } = await hubWithArchive({ days: 30, refusedDays: 30, archive })
  const sent = await Promise.all(
    Array.from({ length: 300 }, async (_, i) => {
      const bytes = Buffer.from(`<nothing n="${i}">${'x'.repeat(20_000)}</nothing>`)
      return { bytes, id: (await first.send(bytes)).receipts[0]!.messageId }
    }),
  )
  await time.advance(first, 31 * day)
  let hub = first
  const allGone = async () =>
    (await Promise.all(sent.map(({ id }) => hub.read(`/v1/messages/${id}`)))).every((view) => 'letGo' in view)
  for (let round = 1; round <= 3 && !(await allGone()); round++) {
    const files = (await readdir(archive)).length
    void walk(hub).catch(() => {})
    await until('the walk to write', async () => (await readdir(archive)).length > files)
    await hub.stop('SIGKILL')
    hub = await again(hub.dataDir)
    for (const { bytes, id } of sent) expect((await bytesOf(hub, id)).equals(bytes)).toBe(true)
  }
  await walk(hub)
  for (const { bytes, id } of sent) {
    expect(await hub.read(`/v1/messages/${id}`)).toHaveProperty('letGo.archive')
    expect((await bytesOf(hub, id)).equals(bytes)).toBe(true)
  }
})

test('by default the bytes of refused messages go after two weeks, and all else is kept', async () => {
  const { hub, time } = await hubWithArchive(undefined)
  const order = freshOrder()
  const id = await filed(hub, order)
  const refused = (await hub.send(Buffer.from(`<nothing>${' '.repeat(9000)}</nothing>`))).receipts[0]!.messageId
  await time.advance(hub, 13 * day)
  expect(await walk(hub)).toMatchObject({ letGo: 0, open: 0 })
  await time.advance(hub, 2 * day)
  expect(await walk(hub)).toMatchObject({ letGo: 1, open: 0 })
  expect((await hub.get(`/v1/messages/${refused}/content`)).status).toBe(410)
  await time.advance(hub, 2000 * day)
  expect(await walk(hub)).toMatchObject({ letGo: 0, open: 0 })
  expect(await bytesOf(hub, id)).toEqual(order)
})

test('a week later a question has no answer any more and says so; prints stay beside their receipts', async () => {
  const archive = await tempDir('archive')
  const { hub, time } = await hubWithArchive({ days: 30, archive }, { queries: { operations: { '1.1.7.2': 'hub' } } })
  const ask = (address: string) =>
    hub.read<{ messageId: string; status: string; note?: string; rows?: object[] }>(`/v1/queries/${address}`)
  // A print by SFTP: the file lies beside the receipt that names it.
  const file = join(hub.dataDir, 'print.xml')
  await writeFile(file, await (await hub.get('/v1/catalogue/4.1.3.2.1/sample')).text())
  await hub.sftp(`put ${file} /OutBox/4.1.3.2.1_print.xml\n`)
  const inBox = async () =>
    (await hub.sftp('ls -1 /InBox\n')).stdout
      .split('\n')
      .flatMap((line) => /[\w.-]+\.(?:pdf|xml)$/.exec(line.trim()) ?? [])
  const print = await until('the print', async () => (await inBox()).find((name) => /^Attachment_.*pdf$/.test(name)))
  const { messages } = await hub.read<{ messages: { messageId: string }[] }>('/v1/messages?operation=4.1.3.2.1')
  const receipts = await hub.receiptsOf(messages[0]!.messageId, (all) => all.some(({ attachments }) => attachments))
  const [{ href, file: named } = {}] = receipts.find(({ attachments }) => attachments)!.attachments!
  const pdf = await (await hub.get(href!)).arrayBuffer()
  expect(Buffer.from(pdf).subarray(0, 5).toString()).toBe('%PDF-')

  const counted = await ask('1.1.7.2.1?wait=10')
  const asked = await ask('1.1.7.1.1?wait=30')
  expect([counted.status, asked.status]).toEqual(['answered', 'answered'])
  const onRecord = async () => (await hub.ops<{ questions: unknown[] }>('/ops/questions')).questions.length === 1
  await until('the question to be on record', onRecord)
  await time.advance(hub, 8 * day)
  expect(await walk(hub)).toMatchObject({ letGo: 2, open: 0 })
  const later = await ask(`1.1.7.2.1/${counted.messageId}`)
  expect([later.status, later.rows, later.note]).toEqual([
    'answered',
    undefined,
    expect.stringContaining('were deleted'),
  ])
  const content = await hub.get(`/v1/messages/${asked.messageId}/content`)
  expect([content.status, ((await content.json()) as { code: string }).code]).toEqual([410, 'HUB_CONTENT_DELETED'])
  // Its receipt stays, without the rows; nothing of a question is in the archive.
  const told = await ask(`1.1.7.1.1/${asked.messageId}`)
  expect(told).toMatchObject({ status: 'answered', note: expect.stringContaining('were deleted') as string })
  expect(told).not.toHaveProperty('rows')
  const { receipts: kept } = await hub.read<{ receipts: Receipt[] }>(`/v1/messages/${asked.messageId}/receipts`)
  const { receiptId, body } = kept.find(({ stage }) => stage === 'business')!
  expect([body?.content, body?.size]).toEqual([undefined, expect.any(Number)])
  const gone = await hub.get(`/v1/receipts/${receiptId}/body`)
  expect([gone.status, ((await gone.json()) as { code: string }).code]).toEqual([410, 'HUB_RESULT_DELETED'])
  expect((await readdir(archive)).filter((name) => name.startsWith('messages-'))).toEqual([])

  await time.advance(hub, 31 * day)
  await walk(hub)
  expect(await hub.read(`/v1/messages/${messages[0]!.messageId}`)).toMatchObject({
    letGo: { archive: expect.stringMatching(/^messages-/) as string },
  })
  expect(await inBox()).toContain(print)
  expect(named === undefined || named === print).toBe(true)
  expect(await (await hub.get(href!)).arrayBuffer()).toEqual(pdf)
})
