// seeded — random numbers that can be had again: the same seed, the same numbers. A test that uses them says its seed
// in its title.

export class Random {
  #state: number

  constructor(readonly seed: number) {
    this.#state = seed >>> 0
  }

  /** From 0 up to 1 (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let t = this.#state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }

  /** From `low` to `high`, both possible. */
  int(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1))
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  pick<T>(from: readonly T[] | string): T {
    return from[this.int(0, from.length - 1)] as T
  }
}

/**
 * The seed that was asked for, else a new one; continuous integration judges a change, so it always tries the same. New
 * ones are tried at a desk.
 */
export const seedOf = (variable: string | undefined): number =>
  Number(variable ?? (process.env.CI ? 1 : Math.floor(Math.random() * 2 ** 31)))
