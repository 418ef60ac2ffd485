// Every working operation of the catalogue, through the real doors of one running hub and back: HTTP and SFTP in turn,
// to the queue of each agency it is owed to, and home with a technical and a business receipt. Every broken sample is
// refused with exactly its faults. CONFORMANCE_OPERATIONS and CONFORMANCE_REFUSALS bound the run (default: all of
// both), taken evenly; CONFORMANCE_FAMILIES=forms-04,dec looks at these families alone.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import SftpClient from 'ssh2-sftp-client'
import { expect, test } from 'vitest'
import type { Receipt } from '../../messages/receipt.js'
import { formIndex } from '../../xsd/form-store/store.js'
import { storedForm } from '../../xsd/form-store/stored.js'
import { receiptFromXml } from '../../messages/receipt-xml.js'
import { root, startHub, type RunningHub } from '../support/hub.js'
import { pdfPages, pdfTitle } from '../support/pdf.js'
import { patienceMs, until } from '../support/until.js'
import { casesOf, noticeCase, notices, working, type Case } from './conformance/cases.js'
import { routing } from '../support/data.js'
import { allSamples, engine, type Sample } from './conformance/samples.js'
import { byFamily, print } from './conformance/table.js'
import { readMessage } from '../../adapters/simulator/answers.js'
import { openFormAnswers } from '../../adapters/simulator/form-answers.js'
import { readBookData } from '../../adapters/simulator/book-data.js'

const mostOperations = Number(process.env.CONFORMANCE_OPERATIONS ?? Infinity)
const mostRefusals = Number(process.env.CONFORMANCE_REFUSALS ?? Infinity)

interface Row {
  family: string
  operations: number
  http: number
  sftp: number
  receipts: number
  refused: number
  seconds: number
}
type Taken = { agency: string; operation: string; reference: string; times: number }[]

test('every working operation goes its whole way, every broken sample gets exactly its faults', async () => {
  const hub = await startHub({ env: { HUB_RATE_PER_SECOND: '1000000', HUB_LOG_LEVEL: 'info' } })
  // Reading all of them holds this process up for so long that the hub may end a session that is silent meanwhile.
  const { cases, without } = casesOf(mostOperations)
  const broken = evenly(
    allSamples().filter((s) => !s.valid && !s.notice),
    mostRefusals,
  )
  const door = await openDoor(hub)
  try {
    const rows: Row[] = []
    const wrong: string[] = [...without]
    for (const family of new Set([...cases.map((c) => c.family), ...broken.map((s) => s.family)])) {
      const begun = performance.now()
      const mine = cases.filter((c) => c.family === family)
      const filed = await inTurn(mine, 8, (one, i) =>
        (i % 2 === 0 ? fileByHttp(hub, one) : fileBySftp(door, one, i)).catch(
          (error: unknown) => void wrong.push(`${one.operation.code} ${one.file}: ${said(error)}`),
        ),
      )
      let receipts = 0
      await inTurn(
        filed.flatMap((f) => f ?? []),
        8,
        async (one) => {
          try {
            const business = await comesHome(hub, door, one)
            receipts += 1 + business.length
          } catch (error) {
            wrong.push(`${one.operation.code} ${one.file} (${one.messageId} by ${one.by}): ${said(error)}`)
          }
        },
      )
      const refused = (
        await inTurn(
          broken.filter((s) => s.family === family),
          8,
          async (one, i) => {
            const fault = await refusal(hub, door, one, i)
            if (fault !== undefined) wrong.push(`${one.file}: ${fault}`)
            return fault === undefined
          },
        )
      ).filter(Boolean).length
      rows.push({
        family,
        operations: mine.length,
        http: mine.filter((_, i) => i % 2 === 0).length,
        sftp: mine.filter((_, i) => i % 2 === 1).length,
        receipts,
        refused,
        seconds: (performance.now() - begun) / 1000,
      })
    }
    const total = (key: keyof Row) => (some: readonly Row[]) => some.reduce((n, row) => n + Number(row[key]), 0)
    print(
      `operations through the doors (${cases.length} of ${working.length} that work; ${notices.length} ` +
        `notices come from agencies and are not filed)`,
      ['family', 'operations', 'by HTTP', 'by SFTP', 'receipts', 'refused exactly', 'seconds'],
      byFamily(rows, [
        total('operations'),
        total('http'),
        total('sftp'),
        total('receipts'),
        total('refused'),
        (some) => total('seconds')(some).toFixed(1),
      ]),
    )
    expect(wrong).toEqual([])
    expect(rows.length).toBeGreaterThan(0)
  } finally {
    await door.close()
  }
})

test('every print is of what was filed, under the number the authority gave it', async () => {
  const hub = await startHub({ env: { HUB_RATE_PER_SECOND: '1000000', HUB_LOG_LEVEL: 'info' } })
  const business = (receipts: Receipt[]) => receipts.filter((r) => r.stage === 'business')
  const wrong: string[] = []
  const { cases } = casesOf(Infinity)
  const numbers = new Map<string, string>()
  async function numberOf(one: Case): Promise<string> {
    const known = numbers.get(one.documentType)
    if (known !== undefined) return known
    const { messageId } = await fileByHttp(hub, one)
    const [first] = one.operation.agencies
    const answered = await hub.receiptsOf(messageId, (all) => business(all).some((r) => r.agencyReference), 60_000)
    const number = business(answered).find((r) => r.agency === first && r.agencyReference)!.agencyReference!
    numbers.set(one.documentType, number)
    return number
  }
  for (const { print, of, serves, format } of formIndex().prints)
    for (const operation of serves) {
      const one = cases.find(({ documentType }) => of.includes(documentType))
      if (!one) {
        // Of some families alone the others' prints have nothing to print.
        if (process.env.CONFORMANCE_FAMILIES === undefined) wrong.push(`${print}: no sample of ${of.join(', ')}`)
        continue
      }
      try {
        const number = await numberOf(one)
        const sample = await (await hub.get(`/v1/catalogue/${operation}/sample`)).text()
        const asked = await hub.send(sample.replace(/<Number>[^<]*/, `<Number>${number}`), {
          headers: { 'x-operation': operation },
        })
        const receipts = await hub.receiptsOf(
          asked.receipts[0]!.messageId,
          (all) => business(all).some((r) => r.attachments?.length),
          60_000,
        )
        const printed = business(receipts).find((r) => r.attachments?.length)!
        if (format === 'pdf') await printsAreReadable(hub, printed)
        else if (!(await (await hub.get(printed.attachments![0]!.href!)).text()).includes(number))
          wrong.push(`${print}: the table lacks ${number}`)
      } catch (error) {
        wrong.push(`${operation} ${print} of ${one.documentType}: ${said(error)}`)
      }
    }
  expect(wrong).toEqual([])
})

test('every notice its agency posts reaches who subscribed to its operation, and nobody else', async () => {
  const hub = await startHub({ env: { HUB_RATE_PER_SECOND: '1000000', HUB_LOG_LEVEL: 'info' } })
  const subscriptions = (method: string, query: string, body?: object) =>
    fetch(`${hub.url}/v1/subscriptions${query}`, {
      method,
      headers: { authorization: `Bearer ${hub.env.HUB_KEY}`, 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
  const wrong: string[] = []
  for (const [i, operation] of notices.entries()) {
    const one = noticeCase(operation, i)
    if (!one) {
      wrong.push(`${operation.code} ${operation.title.zh}: no sample is or can be made it`)
      continue
    }
    try {
      // The operator gives all of an operation; a partner asks about what it knows.
      await hub.ops('/ops/partners/demo/subscriptions', { operation: operation.code })
      const [agency] = operation.agencies
      const posted = await fetch(`${hub.env.HUB_SIMULATOR_URL}/${agency}/notices`, {
        method: 'POST',
        body: new Uint8Array(one.xml),
        headers: { 'content-type': 'application/xml' },
      })
      if (posted.status !== 202) throw new Error(`${posted.status}`)
      const told = await until(
        `the notice ${operation.code}`,
        async () =>
          (await hub.read<{ receipts: Receipt[] }>('/v1/receipts?limit=500')).receipts.find(
            (r) => r.stage === 'notice' && r.operation === operation.code,
          ),
        20_000,
      )
      const faults = told.faults.filter(({ level }) => level !== 'warn')
      if (told.agency !== agency || faults.length > 0)
        wrong.push(`${operation.code} from ${told.agency}: ${JSON.stringify(faults).slice(0, 300)}`)
      await fetch(`${hub.url}/v1/receipts/${told.receiptId}/ack`, {
        method: 'POST',
        headers: { authorization: `Bearer ${hub.env.HUB_KEY}` },
      })
      await subscriptions('DELETE', `?operation=${operation.code}`)
    } catch (error) {
      wrong.push(`${operation.code} ${one.documentType} ${one.file}: ${said(error)}`)
    }
  }
  expect(notices.length).toBeGreaterThan(15)
  expect(wrong).toEqual([])
})

type Filed = Case & { by: 'HTTP' | 'SFTP'; messageId: string; reference: string }

async function fileByHttp(hub: RunningHub, one: Case): Promise<Filed> {
  const { status, receipts, body } = await hub.send(one.xml, { headers: { 'x-operation': one.operation.code } })
  if (status !== 202) throw new Error(`${status} ${JSON.stringify(body).slice(0, 600)}`)
  return filed(one, 'HTTP', receipts[0]!)
}

async function fileBySftp(door: Door, one: Case, i: number): Promise<Filed> {
  return filed(one, 'SFTP', await door.drop(`${one.operation.code}_case${i}`, one.xml, 'Successed'))
}

function filed(one: Case, by: Filed['by'], receipt: Receipt): Filed {
  const { status, code, operation, messageId, reference } = receipt
  if (status !== 'accepted' || code !== 'HUB_ACCEPTED' || operation !== one.operation.code)
    throw new Error(
      `technical receipt ${status} ${code} ${operation ?? ''} ${JSON.stringify(receipt.faults).slice(0, 400)}`,
    )
  return { ...one, by, messageId, reference }
}

/** Documents agencies answer. To a terminal's reports (port) customs says nothing. */
const answered = new Set([
  ...formIndex().families.flatMap(({ receipts }) => receipts.flatMap(({ answers = [] }) => answers)),
  ...readBookData(join(root, 'xsd/families')).answers.flatMap(({ answers }) => answers.map((a) => a.document)),
])

const formAnswers = openFormAnswers(join(root, 'dist/forms'))
/** Does a step of its course bring a certificate? */
const prints = (documentType: string, xml: Buffer): boolean =>
  formIndex().files[documentType] !== undefined &&
  (formAnswers.find(documentType, readMessage(xml))?.stages.some((stage) => stage.prints) ?? false)

/** Each certificate is a whole PDF that bears its title and is of the size and sum the receipt says. */
async function printsAreReadable(hub: RunningHub, { attachments = [], faults }: Receipt): Promise<void> {
  const missing = faults.find(({ code }) => code === 'HUB_RECEIPT_FILE_MISSING')
  if (missing) throw new Error(`without its file ${missing.value}`)
  for (const { name, href, size } of attachments) {
    const pdf = Buffer.from(await (await hub.get(href!)).arrayBuffer())
    if (pdf.length !== size || !/\p{Script=Han}/u.test(pdfTitle(pdf)) || pdfPages(pdf) === 0)
      throw new Error(`${name}: ${pdf.length} of ${size} bytes, ${pdfPages(pdf)} pages, title ${pdfTitle(pdf)}`)
  }
}

/**
 * Taken once by each agency it is owed to, and answered by each that answers it; the answers came back the way the
 * message went in.
 */
async function comesHome(
  hub: RunningHub,
  door: Door,
  { operation, documentType, xml, messageId, reference, by }: Filed,
): Promise<Receipt[]> {
  const business = (receipts: Receipt[]) => receipts.filter((r) => r.stage === 'business')
  if (!answered.has(documentType))
    await until(
      `${operation.agencies.join(' and ')} to have ${messageId}`,
      async () =>
        (
          await Promise.all(
            operation.agencies.map(async (agency) =>
              (await hub.simulator<{ taken: Taken }>('GET', `/taken?agency=${agency}`)).taken.some(
                (t) => t.reference === reference,
              ),
            ),
          )
        ).every(Boolean),
      60_000,
    )
  const receipts = answered.has(documentType)
    ? business(
        await hub.receiptsOf(
          messageId,
          (all) => operation.agencies.every((agency) => business(all).some((r) => r.agency === agency)),
          60_000,
        ),
      )
    : []
  if (prints(documentType, xml) && !storedForm(documentType)?.print) {
    const all = await hub.receiptsOf(messageId, (some) => business(some).some((r) => r.attachments?.length), 60_000)
    for (const receipt of business(all)) await printsAreReadable(hub, receipt)
  }
  // Nothing was filed under the number of its example: the prints have a test of their own.
  const bad = storedForm(documentType)?.print
    ? undefined
    : receipts.find((r) => r.status === 'failed' || r.status === 'rejected' || r.status === 'refused')
  if (bad) throw new Error(`came back ${bad.status}: ${bad.code} ${bad.text.zh}`)
  for (const agency of operation.agencies) {
    const { taken } = await hub.simulator<{ taken: Taken }>('GET', `/taken?agency=${agency}`)
    const mine = taken.filter((t) => t.operation === operation.code && t.reference === reference)
    if (mine.length !== 1 || mine[0]!.times !== 1)
      throw new Error(`${agency} took it ${mine.reduce((n, t) => n + t.times, 0)} times`)
  }
  if (by === 'SFTP' && receipts.length > 0)
    await until(
      `the receipts of ${messageId} in the InBox`,
      async () =>
        (await door.names('InBox')).filter((name) => receipts.some((r) => name.startsWith(`Receipt_${r.receiptId}_`)))
          .length > 0,
      30_000,
    )
  return receipts
}

/** @returns undefined when it was refused with exactly the faults written beside it */
async function refusal(
  hub: RunningHub,
  door: Door,
  { bytes, file, expected }: Sample,
  i: number,
): Promise<string | undefined> {
  // The content alone may fit several operations; a partner then names his.
  const { document } = engine.inspect(bytes)
  const operation =
    document &&
    routing.candidates(document.type, document.facts).find(({ entry }) => entry.kind !== 'notice')?.entry.code
  let receipt: Receipt
  if (i % 20 === 19)
    receipt = await door.drop(
      `${operation === undefined ? '' : `${operation}_`}broken${i}-${file.replace(/\W+/g, '-').slice(-60)}`,
      bytes,
      'Failed',
    )
  else {
    const { status, receipts, body } = await hub.send(
      bytes,
      operation === undefined ? {} : { headers: { 'x-operation': operation } },
    )
    if (status !== 422) return `${status} ${JSON.stringify(body).slice(0, 300)}`
    receipt = receipts[0]!
  }
  const found = receipt.faults.map(({ code, path }) => ({ code, path }))
  return receipt.status === 'refused' &&
    JSON.stringify(found) === JSON.stringify(expected!.map(({ code, path }) => ({ code, path })))
    ? undefined
    : `${receipt.status} ${receipt.code} ${JSON.stringify(found)} instead of ${JSON.stringify(expected)}`
}

interface Door {
  /** Drops a file and waits for its technical receipt in the InBox. */
  drop(base: string, bytes: Buffer, as: 'Successed' | 'Failed'): Promise<Receipt>
  names(box: string): Promise<string[]>
  close(): Promise<unknown>
}

async function openDoor(hub: RunningHub): Promise<Door> {
  const client = new SftpClient()
  await client.connect({
    readyTimeout: patienceMs,
    host: hub.env.HUB_SFTP_HOST!,
    port: Number(hub.env.HUB_SFTP_PORT),
    username: hub.env.HUB_SFTP_USER!,
    privateKey: await readFile(hub.env.HUB_SFTP_KEYFILE!),
  })
  // One look at a folder serves everyone who asks meanwhile.
  const looks = new Map<string, Promise<string[]>>()
  const names = (box: string) => {
    const begun =
      looks.get(box) ??
      client
        .list(`/${box}`)
        .then((all) => all.map((f) => f.name))
        .finally(() => looks.delete(box))
    looks.set(box, begun)
    return begun
  }
  return {
    names,
    async drop(base, bytes, as) {
      await client.put(bytes, `/OutBox/${base}.xml`)
      const name = await until(
        `the answer to ${base}.xml`,
        async () =>
          (await names('InBox')).find((n) => n.startsWith(`Successed_${base}_`) || n.startsWith(`Failed_${base}_`)),
        30_000,
      )
      const file: unknown = await client.get(`/InBox/${name}`)
      const receipt = receiptFromXml((file as Buffer).toString())
      if (!name.startsWith(as))
        throw new Error(`${name}: ${receipt.code} ${JSON.stringify(receipt.faults).slice(0, 400)}`)
      return receipt
    },
    close: () => client.end(),
  }
}

/** All of them, so many at a time, answers in the order of the questions. */
async function inTurn<T, R>(
  items: readonly T[],
  width: number,
  work: (item: T, i: number) => Promise<R>,
): Promise<R[]> {
  const answers: R[] = []
  let next = 0
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (let i = next++; i < items.length; i = next++) answers[i] = await work(items[i]!, i)
    }),
  )
  return answers
}

const evenly = <T>(all: T[], most: number): T[] =>
  most >= all.length
    ? all
    : all.filter((_, i) => Math.floor((i * most) / all.length) !== Math.floor(((i - 1) * most) / all.length))
const said = (error: unknown) => (error instanceof Error ? error.message : String(error))
