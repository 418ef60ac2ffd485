// partner — a partner's own system: it files what it has to file until it is answered, sends things twice, reads its
// mailbox when it likes and acknowledges late or twice. It remembers all it was ever told.
import type { Answer } from '../../messages/inbound.js'
import type { Receipt } from '../../messages/receipt.js'
import { bytesOf, channelOf, companyOf, type Filing } from './documents.js'
import type { Hub } from './hub.js'
import type { World } from './world.js'

/** What a partner was answered to one message. */
export interface Told {
  partnerId: string
  bytes: string
  filing: Filing | undefined
  answer: Pick<Answer, 'outcome' | 'messageId' | 'receipt'>
}

export interface PartnerParts {
  partnerId: string
  world: World
  /** A hub that is there now. */
  door: () => Hub | undefined
  /** Told of every answer, in the moment the partner hears it. */
  told: (one: Told) => void
  trouble: number
}

export type PartnerSystem = ReturnType<typeof createPartnerSystem>

export function createPartnerSystem({ partnerId, world, door, told, trouble }: PartnerParts) {
  const { random } = world
  let calm = false
  /** Deliveries that no answer was heard to yet. */
  let open = 0
  /** Receipts that came, by id, and how often. */
  const got = new Map<string, { receipt: Receipt; times: number }>()
  const rough = () => !calm && random.chance(trouble)

  /** Until it hears an answer. */
  function deliver(texts: string[], ms: number): void {
    open++
    attempt(ms)

    function attempt(wait: number): void {
      world.after(wait, undefined, `${partnerId} sends`, () => {
        const hub = door()
        if (!hub) return attempt(random.int(1_000, 20_000))
        let heard = false
        const cut = rough()
        world.note(() => `${partnerId} sends ${texts.map(short).join(', ')} to ${hub.owner.name}`)
        const bytes = Buffer.from(texts.join('\n'))
        void (async () => {
          await world.gate(hub.owner, 'door')
          const answered = await hub.accept({ partnerId, channel: channelOf(partnerId), bytes }).catch(() => undefined)
          await world.gate(hub.owner, 'door answers')
          if (cut) return
          if (!answered) return heard || (again(random.int(1_000, 10_000)), undefined)
          heard = true
          open--
          for (const [i, answer] of answered.answers.entries()) {
            world.note(() => `${partnerId} hears ${answer.outcome} of ${short(texts[i]!)}`)
            told({ partnerId, bytes: texts[i]!, filing: filingOf(texts[i]!), answer })
          }
        })()
        let waits = true
        function again(ms: number): void {
          if (!waits) return
          waits = false
          attempt(ms)
        }
        world.after(random.int(30_000, 60_000), undefined, `${partnerId} waits`, () => {
          if (heard) return
          if (!waits) return
          waits = false
          // What it hears from now on of this call it does not hear any more.
          heard = true
          attempt(random.int(10, 5_000))
        })
      })
    }
  }

  /** Looks into its mailbox, and takes out what it has read. */
  function look(): void {
    const hub = door()
    if (!hub) return
    void (async () => {
      await world.gate(hub.owner, 'mailbox')
      const page = await hub.ledger.mailbox(partnerId, 0, 50)
      await world.gate(hub.owner, 'mailbox answers')
      for (const { receipt } of page) {
        receive(receipt)
        if (rough()) continue
        const times = rough() ? 2 : 1
        for (let i = 0; i < times; i++)
          world.after(random.int(1, calm ? 10 : 30_000), undefined, `${partnerId} acknowledges`, () => {
            const now = door()
            void now?.ledger.acknowledge(partnerId, receipt.receiptId, world.date()).catch(() => {})
          })
      }
    })().catch(() => {})
  }

  function receive(receipt: Receipt): void {
    const known = got.get(receipt.receiptId)
    if (known) known.times++
    else {
      world.note(() => `${partnerId} gets ${receipt.status} of ${receipt.reference}`)
      got.set(receipt.receiptId, { receipt, times: 1 })
    }
  }

  return {
    partnerId,
    deliver,
    look,
    receive,
    got,
    rough,
    open: () => open,
    calm: () => void (calm = true),
  }
}

/** What a partner has to file in a history, and when: originals, changes of them, corrections, and some of it twice. */
export function plan(
  partnerId: string,
  { random }: World,
  most: number,
  within: number,
): { texts: string[]; ms: number }[] {
  const company = companyOf(partnerId)
  const deliveries: { texts: string[]; ms: number }[] = []
  const say = (...filings: Filing[]) => filings.map((one) => bytesOf(one).toString())
  for (let i = random.int(1, most); i > 0; i--) {
    // Two companies may have numbers that are the same.
    const document = random.chance(0.2) ? `D${i}` : `${partnerId}-D${i}`
    const owedTo = random.chance(0.25) ? 'all' : 'one'
    const original: Filing = {
      kind: 'filing',
      company,
      document,
      reference: `${document}-0`,
      owedTo,
      version: 1,
      ...(random.chance(0.2) ? { bad: true as const } : {}),
    }
    const at = random.int(0, within)
    const changes = Array.from({ length: random.chance(0.4) ? random.int(1, 2) : 0 }, (_, n): Filing => ({
      kind: 'filing',
      company,
      document,
      reference: `${document}-${n + 1}`,
      changes: true,
      owedTo,
      version: 1,
    }))
    const together = changes.length > 0 && random.chance(0.3)
    deliveries.push({ texts: together ? say(original, ...changes) : say(original), ms: at })
    if (!together)
      changes.forEach((one, n) => deliveries.push({ texts: say(one), ms: at + (n + 1) * random.int(1, 8_000) }))
    // The same once more, soon or late.
    if (random.chance(0.4)) deliveries.push({ texts: say(original), ms: at + random.int(0, within) })
    // Other bytes under the same reference: a correction, or a slip.
    if (random.chance(0.3)) {
      const { bad: _, ...good } = original
      deliveries.push({ texts: say({ ...good, version: 2 }), ms: at + random.int(0, within) })
    }
  }
  if (random.chance(0.1)) deliveries.push({ texts: ['no message at all'], ms: random.int(0, within) })
  return deliveries
}

function filingOf(text: string): Filing | undefined {
  return text.startsWith('{') ? (JSON.parse(text) as Filing) : undefined
}

export function short(text: string): string {
  const filing = filingOf(text)
  return filing ? `${filing.reference} v${filing.version}${filing.bad ? ' (bad)' : ''}` : text
}
