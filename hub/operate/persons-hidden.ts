// persons-hidden — what an operator is shown, without the values that name persons: of an answer of /ops, of bytes, of
// what happens as it happens. Who reveals them says why, and that is in the audit before they are shown.
import { createPersons, type ShownDocument } from '../../messages/persons/persons.js'
import type { PersonFields } from '../../messages/persons/fields.js'
import type { Ledger } from '../../store/ledger.js'

/** @see [buildHttpDoor](../boot/http.ts) */
interface PersonsHiddenParts {
  ledger: Pick<Ledger, 'getContent' | 'getMessage' | 'audit'>
  /** Read when the first answer needs it. */
  fields: () => PersonFields
  now?: () => Date
}

/** Values of larger messages are not looked for in what is said of them; their own fields are hidden all the same. */
const largestKnown = 2 * 1024 * 1024
const mostKnown = 500
/** Of a list, so many messages are looked into. */
const mostOfList = 100

interface AboutMessage {
  messageId?: unknown
  detail?: unknown
  receipt?: { messageId?: unknown }
}

/** Fields that name persons are read with the first answer that may hold some. */
export function createPersonsHidden({ ledger, fields, now = () => new Date() }: PersonsHiddenParts) {
  let made: ReturnType<typeof createPersons> | undefined
  const persons = () => (made ??= createPersons(fields()))
  /** Bytes of a message never change. */
  const known = new Map<string, Promise<string[]>>()

  async function read(messageId: string): Promise<string[]> {
    const found = await ledger.getContent(messageId)
    return found?.bytes && found.bytes.length <= largestKnown ? persons().valuesIn(found.bytes) : []
  }
  /** What names persons in a message, to look for in what is said of it. Bytes that cannot be read name nobody here. */
  async function valuesOf(messageId: unknown): Promise<string[]> {
    if (typeof messageId !== 'string' || !messageId.startsWith('msg_')) return []
    let values = known.get(messageId)
    if (!values) {
      if (known.size >= mostKnown) known.delete(known.keys().next().value!)
      values = read(messageId).catch(() => [])
      known.set(messageId, values)
    }
    return values
  }

  /** What is said in words of a message: by an agency, by a fault. */
  const saysSomething = (one: AboutMessage) => one.detail !== undefined || one.receipt !== undefined
  async function item(one: unknown, left: { looks: number }): Promise<unknown> {
    if (typeof one !== 'object' || one === null) return persons().answer(one)
    const told = one as AboutMessage
    const messageId = told.messageId ?? told.receipt?.messageId
    const values = saysSomething(told) && left.looks-- > 0 ? await valuesOf(messageId) : []
    return persons().answer(one, values)
  }

  return {
    /** An answer of /ops, or an event of the monitor. */
    async answer<T>(payload: T): Promise<T> {
      if (typeof payload !== 'object' || payload === null) return payload
      const whole = payload as Record<string, unknown>
      if (typeof whole.messageId === 'string') return persons().answer(payload, await valuesOf(whole.messageId))
      const left = { looks: mostOfList }
      const shown: Record<string, unknown> = {}
      for (const [name, value] of Object.entries(persons().answer(whole))) {
        const given = whole[name]
        shown[name] = value
        if (!Array.isArray(given)) continue
        const items: unknown[] = []
        for (const one of given) items.push(await item(one, left))
        shown[name] = items
      }
      return shown as T
    },
    text: (said: string): string => persons().text(said),
    /** Bytes of a partner or an agency. */
    bytes: (bytes: Buffer): Promise<ShownDocument> => persons().bytes(bytes),
    /** Does the message, or what was answered to it, name anybody? Bytes nobody can look into may. */
    async namesSomebody(messageId: string): Promise<boolean> {
      const found = await ledger.getContent(messageId)
      if (found?.bytes) {
        const { hidden, unread } = await persons().bytes(found.bytes)
        if (hidden > 0 || unread) return true
      }
      const message = await ledger.getMessage(messageId)
      return JSON.stringify(persons().answer(message)) !== JSON.stringify(message)
    },
    /** Resolves when it is on disk that this person is shown them. */
    revealed: ({ target, what }: { target: string; what: string }, by: { who: string; why: string }): Promise<void> =>
      ledger.audit({ at: now(), who: by.who, action: 'persons.reveal', target, why: by.why, detail: { what } }),
  }
}
