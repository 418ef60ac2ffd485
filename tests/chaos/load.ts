// load — partners at their work, at a steady pace: they file new documents, changes of them, wrong ones and the same
// ones again, over HTTP and SFTP, read what comes back and acknowledge it. All of it is written down.
import { createHash } from 'node:crypto'
import { readdir, readFile, rm } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { join } from 'node:path'
import SftpClient from 'ssh2-sftp-client'
import type { Receipt } from '../../messages/receipt.js'
import { sample } from '../support/hub.js'
import { changeOf, freshOrder, renumbered } from '../support/orders.js'
import type { Random } from '../support/seeded.js'
import type { Handled, Sent } from './history.js'

export interface LoadPartner {
  partner: string
  /** HTTP key. */
  key: string
  /** Files by SFTP, with this key; its receipts come as files into this folder. */
  sftp?: { privateKey: Buffer; inBox: string }
}

export interface LoadParts {
  partners: LoadPartner[]
  doors: { http: number; sftp: number }
  /** Messages a second, of all partners together. */
  rate: number
  random: Random
}

export interface Load {
  sent: Sent[]
  handled: Handled[]
  /** Answers that no partner should ever get, e.g. a conflict about its own bytes. */
  surprises: string[]
  /** Answers of the door by status, and calls without one. */
  answers: Map<string, number>
  accepted(): number
  /** Resolves when everybody has an answer to what it sent; nobody begins anything new. Reading goes on. */
  rest(): Promise<void>
  goOn(): void
  /** Has every partner found its mailbox empty since `readAgain`? */
  nothingToRead(): boolean
  readAgain(): void
  stop(): Promise<void>
}

export const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex')

/** Longer than any answer takes; shorter than a hub may stand still: then its partners go to another. */
const impatienceMs = 8_000

interface Message {
  bytes: Buffer
  reference: string
  document?: string
  /** What its sender knows of it. */
  wrong?: boolean
}

const inText = (bytes: Buffer, pattern: RegExp) => pattern.exec(bytes.toString())![1]!
const referenceOf = (bytes: Buffer) => inText(bytes, /(?:guid="|<MessageID>)([^"<]+)/)

/** One sender's messages, one after the other. */
function* messages(random: Random): Generator<Message> {
  for (;;) {
    if (random.chance(0.12)) {
      // Owed to three agencies.
      const bytes = renumbered(sample('manifest/MT1101-9.xml'))
      yield { bytes, reference: referenceOf(bytes) }
      continue
    }
    const order = freshOrder()
    if (random.chance(0.1)) {
      const bytes = Buffer.from(order.toString().replace(/(<\/(?:ceb:)?orderNo>)/, '$1<Unbekannt>1</Unbekannt>'))
      yield { bytes, reference: referenceOf(bytes), wrong: true }
      continue
    }
    const document = inText(order, /orderNo>([^<]+)</)
    yield { bytes: order, reference: referenceOf(order), document }
    for (let n = random.chance(0.3) ? random.int(1, 3) : 0; n > 0; n--) {
      const bytes = changeOf(order, `变更${n}`)
      yield { bytes, reference: referenceOf(bytes), document }
    }
  }
}

export function startLoad({ partners, doors, rate, random }: LoadParts): Load {
  const sent: Sent[] = []
  const handled: Handled[] = []
  const surprises: string[] = []
  const answers = new Map<string, number>()
  const count = (what: string | number) => answers.set(String(what), (answers.get(String(what)) ?? 0) + 1)
  let over = false
  let accepted = 0
  let gate: Promise<void> = Promise.resolve()
  let open = () => {}
  let busy = 0
  const senders = partners.flatMap((one) => (one.sftp ? [one] : [one, one]))
  const paceMs = (1000 * senders.length) / rate
  const empty = new Set<string>()
  /** An answer to a question that was asked before says nothing. */
  let readings = 0

  const call = (path: string, key: string, init: RequestInit & { ms?: number } = {}) =>
    fetch(`http://127.0.0.1:${doors.http}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${key}`, ...(init.headers as Record<string, string>) },
      signal: AbortSignal.timeout(init.ms ?? impatienceMs),
    })

  /** As partners do: the same bytes again until there is an answer that says what became of them. */
  async function deliver({ partner, key }: LoadPartner, message: Message, entry: Sent): Promise<void> {
    for (let wait = 50; ; wait = Math.min(2 * wait, 1000)) {
      try {
        const response = await call('/v1/messages', key, {
          method: 'POST',
          body: new Uint8Array(message.bytes),
          headers: { 'content-type': 'application/xml' },
        })
        const text = await response.text()
        count(response.status)
        const { receipts = [] } = (text.startsWith('{') ? JSON.parse(text) : {}) as { receipts?: Receipt[] }
        const expected = message.wrong ? [422] : [200, 202]
        if (expected.includes(response.status)) {
          entry.said = message.wrong ? 'refused' : 'accepted'
          for (const { messageId, receiptId } of receipts) {
            if (!entry.messageIds.includes(messageId)) entry.messageIds.push(messageId)
            // The answer of the door is the technical receipt; a refused one that was sent again is another message.
            handled.push({ partner, what: 'acknowledged', receiptId, messageId })
          }
          return
        }
        // Too much, too busy, no room: later. All else is no answer to these bytes.
        if (response.status < 500 && response.status !== 429) {
          surprises.push(`${partner} sent ${entry.reference} and was told ${response.status} ${text.slice(0, 300)}`)
          return
        }
      } catch {
        count('no answer')
      }
      await pause(wait)
    }
  }

  /** One session as long as it holds; a file that was not taken for certain is put again under the same name. */
  function sftpSender({ partner, sftp }: LoadPartner) {
    let client: SftpClient | undefined
    const close = async () => {
      const old = client
      client = undefined
      await Promise.race([old?.end().catch(() => {}), pause(1000)])
    }
    return {
      close,
      async put(message: Message, entry: Sent): Promise<void> {
        for (let wait = 50; ; wait = Math.min(2 * wait, 1000)) {
          const late = new AbortController()
          try {
            if (!client) {
              client = new SftpClient('partner', { error() {}, end() {}, close() {} })
              await client.connect({
                host: '127.0.0.1',
                port: doors.sftp,
                username: partner,
                privateKey: sftp!.privateKey,
                readyTimeout: impatienceMs,
              })
            }
            await Promise.race([
              client.put(message.bytes, `/OutBox/${message.reference}.xml`),
              pause(impatienceMs, undefined, { signal: late.signal }).then(() => Promise.reject(new Error('late'))),
            ])
            count('file taken')
            entry.said = 'accepted'
            return
          } catch {
            count('file not taken')
            await close()
          } finally {
            late.abort()
          }
          await pause(wait)
        }
      },
    }
  }

  async function send(as: LoadPartner): Promise<void> {
    const files = as.sftp && sftpSender(as)
    for (const message of messages(random)) {
      if (as.sftp && message.wrong) continue
      const begun = performance.now()
      await gate
      if (over) break
      busy++
      const { reference, document } = message
      const entry: Sent = {
        ...{ partner: as.partner, reference, sha256: sha256(message.bytes), said: 'unknown', messageIds: [] },
        ...(document === undefined ? {} : { document }),
      }
      sent.push(entry)
      try {
        if (files) await files.put(message, entry)
        else await deliver(as, message, entry)
        if (entry.said === 'accepted') accepted++
        // Some partners send a file twice, to be sure.
        if (!files && !message.wrong && random.chance(0.05)) await deliver(as, message, entry)
      } finally {
        busy--
      }
      await pause(Math.max(0, paceMs - (performance.now() - begun)))
    }
    await files?.close()
  }

  /** The mailbox over HTTP: read, then acknowledged. */
  async function readMailbox({ partner, key }: LoadPartner): Promise<void> {
    while (!over) {
      const since = readings
      try {
        const response = await call('/v1/receipts?wait=2&limit=100', key)
        if (!response.ok) throw new Error(String(response.status))
        const { receipts } = (await response.json()) as { receipts: Receipt[] }
        for (const { receiptId, messageId } of receipts) handled.push({ partner, what: 'read', receiptId, messageId })
        if (receipts.length === 0) {
          if (since === readings) empty.add(partner)
          continue
        }
        for (const { receiptId, messageId } of receipts) handled.push({ partner, what: 'asked', receiptId, messageId })
        const ack = await call('/v1/receipts/ack', key, {
          method: 'POST',
          body: JSON.stringify({ receipts: receipts.map(({ receiptId }) => receiptId) }),
          headers: { 'content-type': 'application/json' },
        })
        if (!ack.ok) throw new Error(String(ack.status))
        const { acknowledged } = (await ack.json()) as { acknowledged: string[] }
        for (const { receiptId, messageId } of receipts)
          if (acknowledged.includes(receiptId)) handled.push({ partner, what: 'acknowledged', receiptId, messageId })
      } catch {
        count('not read')
        await pause(200)
      }
    }
  }

  /** The InBox: read, then deleted. A hub that dies in between puts the same file there again. */
  async function readInBox({ partner, sftp }: LoadPartner): Promise<void> {
    while (!over) {
      const since = readings
      const names = (await readdir(sftp!.inBox).catch(() => [])).filter((name) =>
        /^(Success|Fail|Receipt).*xml$/.test(name),
      )
      for (const name of names) {
        const text = await readFile(join(sftp!.inBox, name), 'utf8').catch(() => '')
        const [, receiptId] = /<ReceiptId>([^<]+)/.exec(text) ?? []
        const [, messageId] = /<MessageId>([^<]+)/.exec(text) ?? []
        if (receiptId === undefined || messageId === undefined || !text.trimEnd().endsWith('</Receipt>'))
          surprises.push(`${partner} found ${name} in its InBox, which is no whole receipt: ${text.slice(0, 200)}`)
        else handled.push({ partner, what: 'acknowledged', receiptId, messageId })
        await rm(join(sftp!.inBox, name), { force: true })
      }
      if (names.length === 0 && since === readings) empty.add(partner)
      await pause(200)
    }
  }

  const loops = [...senders.map(send), ...partners.map((one) => (one.sftp ? readInBox(one) : readMailbox(one)))]
  return {
    sent,
    handled,
    surprises,
    answers,
    accepted: () => accepted,
    async rest() {
      gate = new Promise((resolve) => (open = resolve))
      while (busy > 0) await pause(25)
    },
    goOn: () => open(),
    nothingToRead: () => partners.every(({ partner }) => empty.has(partner)),
    readAgain() {
      readings++
      empty.clear()
    },
    async stop() {
      over = true
      open()
      await Promise.allSettled(loops)
    },
  }
}
