// cloning — values on their way between threads: bytes travel without being copied twice, and arrive as Buffers.
import { arrived, isShared } from '../../messages/shared-bytes.js'

/**
 * Bytes up to this size travel in one piece of memory: handing over a piece costs both threads more than to copy some
 * kilobytes, and what a question reads is dozens of documents and answers.
 */
const togetherUpTo = 16 * 1024

/**
 * The value with every Buffer as bytes of its own (a Buffer may be a small view of a large one, and all of that would
 * travel), and what is to be handed over instead of copied.
 */
export function transferable(value: unknown): { value: unknown; transfer: ArrayBuffer[] } {
  const transfer: ArrayBuffer[] = []
  const known = new Map<Uint8Array, Uint8Array>()
  let [room, some] = [0, false]
  mapped(value, (bytes) => {
    some = true
    if (isSmall(bytes)) room += bytes.byteLength
    return bytes
  })
  if (!some) return { value, transfer }
  const together = new Uint8Array(room)
  let at = 0
  if (room > 0) transfer.push(together.buffer)
  const made = mapped(value, (bytes) => {
    if (isShared(bytes)) return bytes
    let own = known.get(bytes)
    if (!own) {
      own = isSmall(bytes) ? together.subarray(at, (at += bytes.byteLength)) : new Uint8Array(bytes)
      if (isSmall(bytes)) own.set(bytes)
      else transfer.push(own.buffer as ArrayBuffer)
      known.set(bytes, own)
    }
    return own
  })
  return { value: made, transfer }
}

const isSmall = (bytes: Uint8Array): boolean => !isShared(bytes) && bytes.byteLength <= togetherUpTo

/** What arrived from another thread, its Uint8Arrays as Buffers again. */
export const asBuffers = (value: unknown): unknown =>
  mapped(value, (bytes) => {
    arrived(bytes)
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  })

/** Only plain objects and lists are gone through; nothing is copied where nothing changes. */
function mapped(value: unknown, bytes: (of: Uint8Array) => Uint8Array): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Uint8Array) return bytes(value)
  if (Array.isArray(value)) {
    let changed: unknown[] | undefined
    for (let i = 0; i < value.length; i++) {
      const one = mapped(value[i], bytes)
      if (one !== value[i]) (changed ??= [...(value as unknown[])])[i] = one
    }
    return changed ?? value
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) return value
  const given = value as Record<string, unknown>
  let changed: Record<string, unknown> | undefined
  // Names alone: pairs of all names and values were a fourteenth of what taking a message leaves for the collector.
  for (const name of Object.keys(given)) {
    const one = mapped(given[name], bytes)
    if (one !== given[name]) (changed ??= { ...given })[name] = one
  }
  return changed ?? value
}
