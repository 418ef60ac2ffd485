// scrape — numbers that are asked for when they are read. A number that cannot be had is left out, never guessed, and
// takes no other with it.
import { Counter, Gauge, type Registry } from 'prom-client'

/** A number and what it is of; undefined: it cannot be had. */
export type NumberRow = [labels: Record<string, string>, value: number | undefined]

type ReadNumber<T> = () => Promise<T> | T

/** How a group of numbers is named and asked for. @see [createScrape](./scrape.ts) */
export type Scrape = ReturnType<typeof createScrape>

/** Undefined while it cannot be had: a full disk under the ledger, Redis away. */
async function had<T>(read: ReadNumber<T>): Promise<T | undefined> {
  try {
    return await read()
  } catch {
    return undefined
  }
}

/** The three ways to register a number that is asked for at a scrape. */
export function createScrape(registers: Registry[]) {
  return {
    /** One number. */
    gauge(name: string, help: string, read: ReadNumber<number | undefined>): void {
      new Gauge({
        name,
        help,
        registers,
        async collect() {
          const value = await had(read)
          // A number of old would be a guess: what cannot be had is absent, and alerts ask for that.
          if (value === undefined) this.remove()
          else this.set(value)
        },
      })
    },

    /**
     * One number for each agency (and more labels): those that are not named any more are gone, also after a reload.
     */
    table(name: string, help: string, labelNames: string[], read: ReadNumber<NumberRow[]>): void {
      new Gauge({
        name,
        help,
        labelNames,
        registers,
        async collect() {
          const rows = (await had(read)) ?? []
          this.reset()
          for (const [labels, value] of rows) if (value !== undefined) this.set(labels, value)
        },
      })
    },

    /** Numbers that only grow and that somebody else counts. */
    total(name: string, help: string, labelNames: string[], read: () => [Record<string, string>, number][]): void {
      new Counter({
        name,
        help,
        labelNames,
        registers,
        collect() {
          this.reset()
          for (const [labels, value] of read()) this.inc(labels, value)
        },
      })
    },
  }
}
