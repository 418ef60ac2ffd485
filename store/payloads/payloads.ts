// payloads — bytes in an object store in place of the ledger: what a store must do, and how a row says where they are.
// An object's name is the day it was put and the SHA-256 of its bytes: the same bytes again are the same object, and
// nothing is ever put under the name of an earlier day, so that what nobody refers to can be swept without a race.
import { HubError } from '../../messages/errors.js'
import type { KeptForm } from '../packing.js'
import { unpack as unpackHere } from '../packing.js'

/** An object store, seen as the bytes of messages. */
export interface Payloads {
  /** For people: the address without its keys. */
  name: string
  /** Resolves with its name once the store has it for good. @throws HubError HUB_PAYLOADS_UNAVAILABLE */
  put(bytes: Buffer): Promise<string>
  /**
   * What was put under this name, compared with it. @throws HubError HUB_PAYLOADS_UNAVAILABLE while the store is away;
   * Error when there is nothing, or something else
   */
  get(object: string): Promise<Buffer>
  /** There or not, it is not there afterwards. */
  remove(object: string): Promise<void>
  /** All names, some at a time. */
  names(): AsyncIterable<string[]>
  /** Rejects while the store cannot be asked. */
  check(): Promise<void>
}

/** Where the store is and what opens it. The keys are never printed. */
export interface PayloadSettings {
  bucket: string
  /** Before every name; empty or without a slash at its ends. */
  prefix: string
  endpoint: string
  region: string
  keyId: string
  secret: string
}

/** Added to how they are packed (packing.ts): the bytes are the name of an object that holds them. */
const apart = 2
/** Whether the row holds a name in an object store in place of bytes. */
export const isApart = ({ packed }: KeptForm): boolean => packed >= apart

/** How the bytes of messages and their attachments are kept, and got again. */
export interface Keeping {
  /** They go to an object store. */
  apart: boolean
  /** The form in which a row keeps them: as it is, or the name of the object that has them now. */
  keep(form: KeptForm): Promise<KeptForm>
  unpack(form: KeptForm): Buffer | Promise<Buffer>
  /**
   * Fetches them now; what it gives unpacks them, and never waits for the store. @throws HubError
   * HUB_PAYLOADS_UNAVAILABLE
   */
  ahead(forms: readonly KeptForm[]): Promise<Keeping['unpack']>
  /** Of names whose rows are gone: removes those nobody else refers to. What cannot be removed now is swept later. */
  release(objects: readonly string[], isReferredTo: (object: string) => Promise<boolean>): Promise<void>
  /** Removes what nobody refers to; how many. */
  sweep(referredTo: (objects: readonly string[]) => Promise<ReadonlySet<string>>): Promise<number>
  check(): Promise<void>
}

/** Longer than any write is under way between its object and its row. */
const youngestDays = 2
const checkedMs = 5_000

/**
 * How bytes of messages are kept and read: in rows, or with `payloads` in an object store. Rows of either kind are read
 * in both cases.
 */
export function createKeeping(payloads: Payloads | undefined, now: () => Date = () => new Date()): Keeping {
  if (!payloads)
    return {
      apart: false,
      keep: async (form) => form,
      unpack: (form) => (isApart(form) ? Promise.reject(unset()) : unpackHere(form)),
      ahead: async () => unpackHere,
      release: async () => {},
      sweep: async () => 0,
      check: async () => {},
    }

  const fetched = async ({ bytes, packed }: KeptForm): Promise<KeptForm> => ({
    bytes: await payloads.get(bytes.toString('latin1')),
    packed: packed - apart,
  })
  const unpack = async (form: KeptForm): Promise<Buffer> => unpackHere(isApart(form) ? await fetched(form) : form)

  /** Nobody can be about to refer to it. */
  const isOld = (object: string) => {
    const day = Date.parse(object.slice(0, 10))
    return Number.isFinite(day) && now().getTime() - day > (youngestDays + 1) * 86_400_000
  }

  let checked: { at: number; result: Promise<void> } | undefined
  return {
    apart: true,
    async keep({ bytes, packed }) {
      return { bytes: Buffer.from(await payloads.put(bytes), 'latin1'), packed: packed + apart, size: bytes.length }
    },
    unpack,
    async ahead(forms) {
      const there = new Map<string, KeptForm | Error>()
      for (const form of forms.filter(isApart)) {
        const name = form.bytes.toString('latin1')
        const found = await fetched(form).catch((error: unknown) => {
          // What is missing or damaged is told where it is used.
          if (error instanceof HubError || !(error instanceof Error)) throw error
          return error
        })
        there.set(name, found)
      }
      return (form) => {
        if (!isApart(form)) return unpackHere(form)
        const found = there.get(form.bytes.toString('latin1'))
        if (found instanceof Error) return Promise.reject(found)
        return found ? unpackHere(found) : unpack(form)
      }
    },
    async release(objects, isReferredTo) {
      for (const object of new Set(objects.filter(isOld)))
        if (!(await isReferredTo(object))) await payloads.remove(object).catch(() => {})
    },
    async sweep(referredTo) {
      let count = 0
      for await (const page of payloads.names()) {
        const old = page.filter(isOld)
        if (old.length === 0) continue
        const wanted = await referredTo(old)
        for (const object of old) {
          if (wanted.has(object)) continue
          await payloads.remove(object)
          count++
        }
      }
      return count
    },
    check() {
      if (checked && performance.now() - checked.at < checkedMs) return checked.result
      checked = { at: performance.now(), result: payloads.check() }
      checked.result.catch(() => {})
      return checked.result
    },
  }
}

const unset = () =>
  new HubError('HUB_PAYLOADS_UNAVAILABLE', { detail: 'bytes are in an object store, and none is set: `payloads`' })
