// scope — a value that is known to everything a piece of work leads to, however far down: who acts, under which lease.
// While no such work is under way it costs nothing: what Node does for it at every promise and every turn (before
// release 24; a tenth of what taking a message costs) is switched off again after the last one.
import { AsyncLocalStorage } from 'node:async_hooks'

/** A value that holds for all that is done inside of a call. */
export interface CallScope<T> {
  /** Undefined outside. */
  current(): T | undefined
  /**
   * Inside, until what `work` gives has come to its end, or `until` has: what it leads to and does not wait for is
   * outside from then on.
   */
  run<R>(value: T, work: () => R, until?: Promise<unknown>): R
}

/** A scope of its own: nobody else's value is seen in it. */
export function createScope<T>(): CallScope<T> {
  const storage = new AsyncLocalStorage<{ value: T | undefined }>()
  let inside = 0
  return {
    current: () => storage.getStore()?.value,
    run(value, work, until) {
      const held: { value: T | undefined } = { value }
      const leave = () => {
        held.value = undefined
        if (--inside === 0) storage.disable()
      }
      inside++
      let given: ReturnType<typeof work>
      try {
        given = storage.run(held, work)
      } catch (error) {
        leave()
        throw error
      }
      const end = until ?? given
      if (end instanceof Promise) end.then(leave, leave)
      else leave()
      return given
    },
  }
}
