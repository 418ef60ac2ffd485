// slices — a delivery of many messages is written some at a time, their bytes packed before: a write holds up nobody
// for long.
import { pack, worthPacking, type KeptForm } from './packing.js'
import type { NewMessage } from './ledger.js'
import type { Keeping } from './payloads/payloads.js'
import type { Sums } from './sums.js'

/** What one transaction takes of a delivery: each keeps the event loop busy until it is made. */
const mostOfSlice = 100
const mostBytesOfSlice = 2 * 1024 * 1024

/** A message and the form in which its bytes are kept. */
export interface Packed {
  message: NewMessage
  kept: KeptForm
  attached: KeptForm[]
  sums?: Sums
}

/** Whether nothing of the message is compressed: it needs no waiting before its write. */
export const isSmall = ({ bytes, attachments }: NewMessage): boolean =>
  !worthPacking(bytes) && !attachments.some((one) => worthPacking(one.bytes))

/** The message to be written with its bytes as they came. */
export function asItIs(message: NewMessage): Packed {
  const form = (bytes: Buffer): KeptForm => ({ bytes, packed: 0 })
  return { message, kept: form(message.bytes), attached: message.attachments.map(({ bytes }) => form(bytes)) }
}

/** Objects of one delivery that are put at the same time. */
const putAtOnce = 16

/** One after the other: compressing is done by few threads, which everybody shares. */
export async function packed(
  messages: readonly NewMessage[],
  { sumsOf, keeping }: { sumsOf: (message: NewMessage) => Promise<Sums>; keeping: Keeping },
): Promise<Packed[]> {
  const found: Packed[] = []
  let putting: Promise<void>[] = []
  for (const message of messages) {
    if (isSmall(message) && !keeping.apart) {
      found.push(asItIs(message))
      continue
    }
    const attached: KeptForm[] = []
    for (const { bytes } of message.attachments) attached.push(await pack(bytes))
    const form = { message, kept: await pack(message.bytes), attached, sums: await sumsOf(message) }
    found.push(form)
    if (!keeping.apart) continue
    // Before any row: an object nobody refers to is swept, a row without its bytes would be a message lost.
    putting.push(put(form, keeping))
    if (putting.length < putAtOnce) continue
    await Promise.all(putting)
    putting = []
  }
  await Promise.all(putting)
  return found
}

async function put(form: Packed, keeping: Keeping): Promise<void> {
  for (const [i, one] of form.attached.entries()) form.attached[i] = await keeping.keep(one)
  form.kept = await keeping.keep(form.kept)
}

/** The messages in their order, so many at a time. At least one slice, which may be empty. */
export function slices<T>(messages: readonly T[], bytesOf: (message: T) => number): { messages: T[]; bytes: number }[] {
  const found = [{ messages: [] as T[], bytes: 0 }]
  for (const message of messages) {
    const bytes = bytesOf(message)
    let last = found.at(-1)!
    const full = last.messages.length === mostOfSlice || last.bytes + bytes > mostBytesOfSlice
    if (full && last.messages.length > 0) found.push((last = { messages: [], bytes: 0 }))
    last.messages.push(message)
    last.bytes += bytes
  }
  return found
}

/** How many bytes the write of this message takes. */
export function bytesOf({ message: { forwarded, submissions }, kept, attached }: Packed): number {
  return [...attached, ...submissions.flatMap(({ sent }) => sent ?? [])].reduce(
    (sum, one) => sum + one.bytes.length,
    kept.bytes.length + (forwarded?.length ?? 0),
  )
}
