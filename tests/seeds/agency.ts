// agency — an agency as it really is: it answers, late, twice or never; it hangs up before or after it has taken what
// it was sent; it closes. It alone knows what it has, and that is what a history is judged by.
import type { Connector, SendOutcome } from '../../adapters/connectors/connector.js'
import type { ReceiptStatus } from '../../messages/states.js'
import { bytesOf, read, type Filing, type Said } from './documents.js'
import type { Owner, World } from './world.js'

export interface Habits {
  /** It takes one submission id once, however often it comes. */
  idempotent: boolean
  /** It can be asked what it has. */
  queryable: boolean
  /** Its first receipt is the answer to the call. */
  answersAtOnce: boolean
  /** Its later receipts name only the number it has given. */
  citesGiven: boolean
  /** Its receipts name the document, whose number an original and its changes share. */
  citesDocument: boolean
  /** It turns down what is bad at the door, else in a receipt. */
  refusesAtOnce: boolean
  /** Of tries that end in trouble. */
  trouble: number
}

/** What it has of one submission. */
export interface Taken {
  submissionId: string
  bytes: string
  filing: Filing
  /** How often it was filed. */
  times: number
  /** Its place among all that were taken. */
  place: number
  given: string
  answers: Answer[]
  /** What it thinks of it in the end. */
  verdict: ReceiptStatus
}
interface Answer {
  said: Said
  bytes: Buffer
  /** It has been told that it came. */
  heard: boolean
  atOnce: boolean
}

/** A hub's door for agencies. */
export type Callback = (agency: string, bytes: Buffer) => Promise<unknown>

export type Agency = ReturnType<typeof createAgency>

/** After it hung up it may still be taking it in for so long. */
const stillTakingMs = 2_000

export function createAgency({
  code,
  world,
  habits,
  door,
}: {
  code: string
  world: World
  habits: Habits
  /** A hub that is there now, and who that is. */
  door: () => { owner: Owner; takeReply: Callback } | undefined
}) {
  const { random } = world
  const has = new Map<string, Taken>()
  let places = 0
  let numbers = 0
  let closed = false
  let calm = false

  function take(submissionId: string, bytes: Buffer): Taken | 'refused' {
    const filing = read(bytes) as Filing
    if (filing.bad && habits.refusesAtOnce) return 'refused'
    const known = has.get(submissionId)
    if (known && habits.idempotent) return known
    if (known) {
      known.times++
      world.note(() => `${code} has ${filing.reference} for the ${known.times}th time`)
      return known
    }
    const verdict = filing.bad ? 'rejected' : 'released'
    const given = `${code.toUpperCase()}${++places}`
    const answers = answersTo(filing, given, verdict)
    const taken = { submissionId, bytes: bytes.toString(), filing, times: 1, place: places, given, answers, verdict }
    has.set(submissionId, taken as Taken)
    world.note(() => `${code} takes ${filing.reference} v${filing.version} (${filing.company}) as ${given}`)
    for (const answer of answers) if (!answer.atOnce) tellLater(answer, random.int(50, 20_000))
    return taken as Taken
  }

  function answersTo({ company, reference, document }: Filing, given: string, verdict: ReceiptStatus): Answer[] {
    const said = (status: ReceiptStatus, more: Partial<Said>): Said => ({
      kind: 'said',
      agency: code,
      number: ++numbers,
      company,
      status,
      ...more,
    })
    const shared = habits.citesDocument ? { document } : { reference }
    const first = said('processing', { ...shared, given, teaches: true })
    const later = habits.citesGiven ? { given } : shared
    const between = random.chance(0.2) ? [said('approved', later)] : []
    return [first, ...between, said(verdict, later)].map((one, i) => ({
      said: one,
      bytes: bytesOf(one),
      heard: false,
      atOnce: i === 0 && habits.answersAtOnce,
    }))
  }

  /** Until somebody says that it came; and sometimes once more. */
  function tellLater(answer: Answer, ms: number): void {
    world.after(ms, undefined, `${code} tells`, () => {
      const hub = door()
      if (!hub) return tellLater(answer, random.int(2_000, 20_000))
      let told = false
      const cut = !calm && random.chance(habits.trouble)
      const { status, reference, document, given, company } = answer.said
      world.note(() => `${code} says ${status} of ${reference ?? document ?? given} (${company})`)
      hub.takeReply(code, answer.bytes).then(
        () =>
          world.post(undefined, 'heard', () => {
            told = true
            if (!cut) answer.heard = true
            if (!calm && random.chance(0.1)) tellLater(answer, random.int(100, 30_000))
          }),
        () => {},
      )
      // It waits so long for the hub's word, and then tells it again.
      world.after(random.int(5_000, 15_000), undefined, `${code} waits`, () => {
        if ((!told || cut) && !answer.heard) tellLater(answer, random.int(10, 5_000))
      })
    })
  }

  /** The way to it, as one hub has it. */
  function connectorOf(owner: Owner, deadlineMs: number): Connector {
    return {
      send({ submissionId, bytes, reference }) {
        return new Promise((resolve) => {
          const say = (ms: number, outcome: () => SendOutcome) =>
            world.after(ms, owner, `${code} answers`, () => {
              const told = outcome()
              world.note(() => `${owner.name} hears ${told.outcome} of ${reference} from ${code}`)
              resolve(told)
            })
          const arrives = (ms: number, then: (taken: Taken | 'refused') => void) =>
            world.after(ms, undefined, `${code} gets`, () => then(take(submissionId, bytes)))
          const way = random.int(5, 400)
          world.note(() => `${owner.name} sends ${reference} to ${code}`)
          if (closed)
            return say(way, () => ({ outcome: 'transient', code: 'HUB_AGENCY_UNAVAILABLE', detail: 'closed' }))
          if (!calm && random.chance(habits.trouble)) return trouble()
          arrives(way, (taken) => say(random.int(5, 400), () => answerOf(taken)))

          function trouble(): void {
            const cut = { outcome: 'ambiguous', code: 'HUB_AGENCY_CUT', detail: 'cut' } as const
            const hangsUp = random.int(5, 3_000)
            switch (random.int(0, 5)) {
              case 0:
                return void say(way, () => ({
                  outcome: 'transient',
                  code: 'HUB_AGENCY_BUSY',
                  detail: '503',
                  retryAfterSeconds: random.int(0, 20),
                }))
              case 1:
                return void say(hangsUp, () => cut)
              case 2:
                arrives(random.int(1, hangsUp + stillTakingMs), () => {})
                return void say(hangsUp, () => cut)
              case 3:
                if (random.chance(0.5)) arrives(random.int(1, deadlineMs), () => {})
                return void say(deadlineMs, () => ({ outcome: 'ambiguous', code: 'HUB_AGENCY_TIMEOUT', detail: '' }))
              case 4:
                arrives(way, () => {})
                return void say(way + 50, () => ({ outcome: 'ambiguous', code: 'HUB_AGENCY_FOREIGN', detail: 'page' }))
              default:
                return void arrives(random.int(1, deadlineMs - 1_000), (taken) =>
                  say(random.int(5, 900), () => answerOf(taken)),
                )
            }
          }
        })
      },
      ...(habits.queryable
        ? {
            async query(submissionId: string) {
              await world.wait(random.int(5, 300), owner, `${code} is asked`)
              const answer = closed || (!calm && random.chance(habits.trouble)) ? 'unknown' : undefined
              const known = answer ?? (has.has(submissionId) ? 'taken' : 'not-taken')
              world.note(() => `${owner.name} asks ${code} of ${submissionId}: ${known}`)
              return known
            },
            async receipt(submissionId: string) {
              await world.wait(random.int(5, 300), owner, `${code} is asked for its receipt`)
              if (closed || (!calm && random.chance(habits.trouble))) return undefined
              const first = has.get(submissionId)?.answers[0]
              if (!first?.atOnce) return undefined
              return { mediaType: 'application/json', bytes: first.bytes }
            },
          }
        : {}),
      close: async () => {},
    }

    function answerOf(taken: Taken | 'refused'): SendOutcome {
      if (taken === 'refused') return { outcome: 'permanent', code: 'HUB_AGENCY_REFUSED', detail: 'bad' }
      const [first] = taken.answers
      return {
        outcome: 'taken',
        ...(first?.atOnce ? { answer: { mediaType: 'application/json', bytes: first.bytes } } : {}),
      }
    }
  }

  return {
    code,
    habits,
    has,
    connectorOf,
    close: () => void (closed = true),
    open: () => void (closed = false),
    calm: () => void (calm = true),
  }
}
