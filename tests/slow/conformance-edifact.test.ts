// Every EDIFACT sample, by HTTP and by SFTP, to the authorities it is owed to: CONTRL at once, then what they say;
// every broken one is refused with exactly its faults. CONFORMANCE_EDIFACT bounds how many of each (default: all),
// taken evenly.
import { readdirSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import SftpClient from 'ssh2-sftp-client'
import { expect, test } from 'vitest'
import { checkMessage } from '../../messages/edifact/check-message.js'
import { cutInterchanges } from '../../messages/edifact/parts.js'
import { readInterchanges } from '../../messages/edifact/reader.js'
import type { Receipt } from '../../messages/receipt.js'
import { receiptFromXml } from '../../messages/receipt-xml.js'
import { directories } from '../support/edifact.js'
import { root, startHub, type RunningHub } from '../support/hub.js'
import { freePort, ownAgency } from '../support/neighbours.js'
import { patienceMs, until } from '../support/until.js'
import { print } from './conformance/table.js'

const dir = join(root, 'xsd/families/edifact/samples')
const most = Number(process.env.CONFORMANCE_EDIFACT ?? Infinity)
/** Answers to something, not filings. */
const answers = new Set(['CONTRL', 'APERAK', 'CUSRES'])
const evenly = <T>(all: T[]): T[] =>
  most >= all.length
    ? all
    : all.filter((_, i) => Math.floor((i * most) / all.length) !== Math.floor(((i - 1) * most) / all.length))
const typeOf = (file: string) => file.slice(0, 6)
const isGbk = (file: string) => file.includes('gbk')

async function addPartner(hub: RunningHub, partnerId: string): Promise<string> {
  const { stdout } = await hub.cli(
    'partner',
    'add',
    partnerId,
    '--name',
    `测试${partnerId}有限公司`,
    '--rights',
    '*',
    '--json',
  )
  return (JSON.parse(stdout) as { secret: string }).secret
}

/** What a CONTRL says of the interchange (0083), once it is found right itself. */
function said(contrl: string): string {
  const [read] = readInterchanges(Buffer.from(contrl, 'latin1'))
  const faults = [
    ...read!.end.faults,
    ...read!.messages.flatMap((message) => checkMessage(message, directories()).faults),
  ].filter((f) => f.severity === 'error')
  if (faults.length > 0) throw new Error(`the CONTRL is wrong: ${faults[0]!.text.en}`)
  const uci = read!.messages[0]!.segments[1]!
  return uci.elements[3]![0]![0]!
}

test('every EDIFACT sample is filed, acknowledged and answered, and every broken one refused', async () => {
  const hub = await startHub({ env: { HUB_RATE_PER_SECOND: '1000000', HUB_LOG_LEVEL: 'info' } })
  const key = await addPartner(hub, 'carrier')
  const chinese = await addPartner(hub, 'chinese')
  expect((await hub.cli('partner', 'edifact', 'chinese', '--charset', 'gbk')).code).toBe(0)
  const sftp = new SftpClient()
  await sftp.connect({
    readyTimeout: patienceMs,
    host: hub.env.HUB_SFTP_HOST!,
    port: Number(hub.env.HUB_SFTP_PORT),
    username: hub.env.HUB_SFTP_USER!,
    privateKey: await readFile(hub.env.HUB_SFTP_KEYFILE!),
  })
  const rows = new Map<string, { samples: number; messages: number; receipts: number; refused: number }>()
  const row = (file: string) =>
    rows.get(typeOf(file)) ??
    rows.set(typeOf(file), { samples: 0, messages: 0, receipts: 0, refused: 0 }).get(typeOf(file))!
  const wrong: string[] = []
  try {
    const good = evenly(readdirSync(dir).filter((file) => file.endsWith('.edi') && !answers.has(typeOf(file)))).sort()
    for (const file of good) {
      const bytes = readFileSync(join(dir, file))
      const count = cutInterchanges(bytes, isGbk(file) ? { charset: 'gb18030' } : {}).reduce(
        (n, { parts }) => n + parts.length,
        0,
      )
      const http = await hub.send(bytes, { type: 'application/edifact', key: isGbk(file) ? chinese : key })
      const refused = http.receipts.filter((r) => r.status !== 'accepted')
      if (refused.length > 0 || http.receipts.length !== count)
        wrong.push(
          `${file} by HTTP: ${http.status}, ${http.receipts.length} of ${count} ` +
            `messages, ${JSON.stringify(refused[0] ?? http.body).slice(0, 500)}`,
        )
      const all = await Promise.all(
        http.receipts.filter((r) => r.status === 'accepted').map((r) => answered(r, isGbk(file) ? chinese : key)),
      )
      const mine = row(file)
      mine.samples++
      mine.messages += count
      mine.receipts += all.flat().length
      const contrl = await (
        await hub.get(`/v1/messages/${http.receipts[0]!.messageId}/acknowledgement`, {
          key: isGbk(file) ? chinese : key,
        })
      ).text()
      if (said(contrl) !== '7') wrong.push(`${file}: CONTRL says ${said(contrl)}`)
      // The partner of the SFTP door reads no GBK under another name.
      if (!isGbk(file)) await bySftp(file, bytes)
    }
    const broken = evenly(
      readdirSync(join(dir, 'invalid'))
        .filter((file) => file.endsWith('.edi'))
        .sort(),
    )
    for (const file of broken) {
      const expected = (
        JSON.parse(readFileSync(join(dir, 'invalid', file.replace(/\.edi$/, '.expected.json')), 'utf8')) as {
          code: string
          path: string
        }[]
      ).map(({ code, path }) => `${code} ${path}`)
      const { receipts } = await hub.send(readFileSync(join(dir, 'invalid', file)), {
        type: 'application/edifact',
        key: isGbk(file) ? chinese : key,
      })
      const found = receipts.flatMap((r) => r.faults).map(({ code, path }) => `${code} ${path}`)
      if (JSON.stringify(found) !== JSON.stringify(expected))
        wrong.push(`${file}: ${found.join(', ')} instead of ${expected.join(', ')}`)
      else row(file).refused++
    }
    print(
      `EDIFACT through the doors (${good.length} samples, ${broken.length} broken ones)`,
      ['message', 'samples', 'messages', 'receipts', 'refused exactly'],
      [...rows]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([type, { samples, messages, receipts, refused }]) =>
          [type, samples, messages, receipts, refused].map(String),
        ),
    )
    expect(wrong).toEqual([])
    expect(good.length).toBeGreaterThan(0)
  } finally {
    await sftp.end()
  }

  /** The last word of every authority it is owed to. */
  async function answered({ messageId, operation }: Receipt, by?: string): Promise<Receipt[]> {
    const receipts = () =>
      hub.read<{ receipts: Receipt[]; submissions: { agency: string }[] }>(
        `/v1/messages/${messageId}`,
        by === undefined ? {} : { key: by },
      )
    return until(
      `${messageId} (${operation}) to be answered`,
      async () => {
        const { receipts: all, submissions } = await receipts()
        const business = all.filter((r) => r.stage === 'business')
        return submissions.every(({ agency }) =>
          business.some((r) => r.agency === agency && ['approved', 'released'].includes(r.status)),
        )
          ? business
          : undefined
      },
      30_000,
    )
  }

  async function bySftp(file: string, bytes: Buffer): Promise<void> {
    await sftp.put(bytes, `/OutBox/${file}`)
    const base = file.replace(/\.edi$/, '')
    const name = await until(
      `the answer to ${file}`,
      async () => (await sftp.list('/InBox')).map((f) => f.name).find((n) => n.startsWith(`CONTRL_${base}_`)),
      30_000,
    )
    const contrl = (await sftp.get(`/InBox/${name}`)) as Buffer
    if (said(contrl.toString('latin1')) !== '7')
      wrong.push(`${file} by SFTP: CONTRL says ${said(contrl.toString('latin1'))}`)
    const taken = (await sftp.list('/InBox')).some((f) => f.name.startsWith(`Successed_${base}_`))
    if (!taken) wrong.push(`${file} by SFTP was not taken`)
  }
})

/** The arrival of a flight, with the sender's code and the seats customs asks for; each time of another number. */
const flight = (number: string) =>
  readFileSync(join(dir, 'PAXLST-D02B-arrival.edi'), 'utf8')
    .replace('NAD+MS+++', 'NAD+MS+0101110000124++')
    .replace(/RFF\+AVF:TX(\d+)PNR'/g, "RFF+AVF:TX$1PNR'RFF+SEA:$1A'")
    .replace('UNT+66', 'UNT+71')
    .replaceAll('PAX268083', number)

test('a passenger list is filed as XML where asked, and its answer comes home by its own door', async () => {
  const httpPort = await freePort()
  const agency = await ownAgency({ hubPort: httpPort, policy: { xml: ['PAXLST'] } })
  const hub = await startHub({ config: agency.config, env: agency.env, httpPort })
  const business = (all: Receipt[]) => all.filter(({ stage }) => stage === 'business')
  const said = async (messageId: string, last: string) =>
    business(await hub.receiptsOf(messageId, (all) => business(all).some(({ code }) => code === last))).map(
      ({ code, status, documentType, reference }) => ({ code, status, documentType, reference }),
    )

  // By HTTP: received, then accepted, under the carrier's own number.
  const { receipts } = await hub.send(flight('PAX268090'), { type: 'application/edifact' })
  const [{ messageId, reference } = { messageId: '', reference: '' }] = receipts
  const of = { documentType: 'PAXLST', reference }
  expect(await said(messageId, 'accepted')).toEqual([
    { code: 'received', status: 'processing', ...of },
    { code: 'accepted', status: 'approved', ...of },
  ])
  expect(await hub.state(messageId)).toBe('approved')
  const forwarded = await hub.get(`/v1/messages/${messageId}/forwarded`)
  expect(await forwarded.text()).toMatch(/<PassengerManifest [^]*<MessageID>PAX268090<[^]*<FamilyName>KIM</)
  expect((await agency.taken()).map(({ documentType, times }) => [documentType, times])).toEqual([
    ['PassengerManifest', 1],
  ])

  // By SFTP, by the folder: the answer lies where the list came in.
  const sftp = new SftpClient()
  await sftp.connect({
    readyTimeout: patienceMs,
    host: hub.env.HUB_SFTP_HOST!,
    port: Number(hub.env.HUB_SFTP_PORT),
    username: hub.env.HUB_SFTP_USER!,
    privateKey: await readFile(hub.env.HUB_SFTP_KEYFILE!),
  })
  try {
    await sftp.put(Buffer.from(flight('PAX268091')), '/OutBox/flight.edi')
    const names = () => sftp.list('/InBox').then((all) => all.map(({ name }) => name))
    const answers = async () => {
      const named = (await names()).filter((name) => name.startsWith('Receipt_'))
      const read = await Promise.all(named.map((name) => sftp.get(`/InBox/${name}`)))
      return read.map((bytes) => receiptFromXml((bytes as Buffer).toString()))
    }
    const came = await until(
      'customs’ answers in the InBox',
      async () => {
        const found = await answers()
        return found.some(({ code }) => code === 'accepted') ? found : undefined
      },
      20_000,
    )
    expect(new Set(came.map(({ documentType }) => documentType))).toEqual(new Set(['PAXLST']))
  } finally {
    await sftp.end()
  }
  expect((await hub.ops<{ orphans: unknown[] }>('/ops/orphans')).orphans).toEqual([])
})
