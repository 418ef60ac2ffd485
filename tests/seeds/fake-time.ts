// fake-time — every clock, timer and source of randomness of this process belongs to the history that runs: what a
// machine's clock, a slow disk or chance would decide is decided by the seed. Real ones are kept for who measures.
//
// Loaded before the hub's own files, so that those find nothing else.
import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import timersPromises from 'node:timers/promises'

/** What the history that runs decides. */
export interface Machine {
  /** Milliseconds since 1970. */
  now(): number
  /** From 0 up to 1: what is decided by chance. */
  random(): number
  /** From 0 up to 1: what ids are made of. How many are drawn depends on the histories before. */
  randomOfId(): number
  /** In the turn after this one. */
  soon(work: () => void): void
  /** In so many milliseconds. The returned function forgets it. */
  after(ms: number, work: () => void): () => void
}

export const real = {
  now: performance.now.bind(performance),
  soon: globalThis.setImmediate,
  random: Math.random.bind(Math),
}

let machine: Machine | undefined
/** From now on this history decides. */
export function giveTimeTo(history: Machine): void {
  machine = history
}

/** Before the first history, while modules are loaded, it is this moment. */
const epoch = Date.UTC(2026, 10, 2, 1, 0, 0)
const nowMs = () => machine?.now() ?? epoch
const RealDate = Date

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args) => (args.length === 0 ? new target(nowMs()) : (Reflect.construct(target, args) as Date)),
  apply: () => new RealDate(nowMs()).toString(),
  get: (target, name, receiver) => (name === 'now' ? nowMs : (Reflect.get(target, name, receiver) as unknown)),
})
performance.now = () => nowMs() - epoch
const chance = () => (machine ? machine.random() : real.random())
Math.random = chance
const immediate = (work: (...args: unknown[]) => void, ...args: unknown[]) =>
  machine ? machine.soon(() => work(...args)) : real.soon(work, ...args)
const timeout = (work: () => void, ms = 0) => ({ forget: machine!.after(ms, work), unref: () => {}, ref: () => {} })
globalThis.setImmediate = immediate as unknown as typeof setImmediate
globalThis.setTimeout = timeout as unknown as typeof setTimeout
globalThis.clearTimeout = ((timer: ReturnType<typeof timeout> | undefined) => timer?.forget()) as typeof clearTimeout

crypto.randomFillSync = (<T extends Uint8Array>(bytes: T): T => {
  for (let i = 0; i < bytes.length; i++) bytes[i] = (machine ? machine.randomOfId() : real.random()) * 256
  return bytes
}) as typeof crypto.randomFillSync
timersPromises.setTimeout = (<T>(ms: number, value: T, { signal }: { signal?: AbortSignal } = {}) =>
  new Promise<T>((resolve, reject) => {
    const ends = () => {
      forget()
      reject(new Error('ended'))
    }
    const forget = machine!.after(ms, () => {
      signal?.removeEventListener('abort', ends)
      resolve(value)
    })
    signal?.addEventListener('abort', ends)
  })) as typeof timersPromises.setTimeout
syncBuiltinESMExports()
