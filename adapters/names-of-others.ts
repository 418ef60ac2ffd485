// names-of-others — the addresses of names that somebody else answers for: partners' webhooks, and their servers that
// are polled. The system looks names up in a few threads that the agencies' names need too, and a name whose server is
// silent holds one for half a minute. So one of these names is looked up at a time, one that was silent rests, and an
// answer holds for a while.
import { lookup, type LookupAddress } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { promisify } from 'node:util'

interface NamesOfOthers {
  /** @throws Error also without asking: the name rests, or too many wait */
  addressesOf(name: string): Promise<LookupAddress[]>
}

/** An answer is used for so long. */
const keptMs = 60_000
/** A name that took longer and led nowhere rests, each time twice as long. */
const silentMs = 2_000
const firstRestMs = 60_000
const longestRestMs = 600_000
/** Names that wait for their turn. */
const longestLine = 1_000
const mostRemembered = 10_000

const bySystem = (name: string): Promise<LookupAddress[]> => promisify(lookup)(name, { all: true })

/** @param ask how the system does it */
export function createNamesOfOthers({
  ask = bySystem,
  now = () => performance.now(),
}: { ask?: (name: string) => Promise<LookupAddress[]>; now?: () => number } = {}): NamesOfOthers {
  const known = new Map<string, { addresses: LookupAddress[]; until: number }>()
  const resting = new Map<string, { until: number; times: number }>()
  const asking = new Map<string, Promise<LookupAddress[]>>()
  let last: Promise<unknown> = Promise.resolve()

  const remember = <T>(all: Map<string, T>, name: string, what: T): void => {
    if (all.size >= mostRemembered) all.clear()
    all.set(name, what)
  }

  async function look(name: string): Promise<LookupAddress[]> {
    const begun = now()
    try {
      const addresses = await ask(name)
      remember(known, name, { addresses, until: now() + keptMs })
      resting.delete(name)
      return addresses
    } catch (error) {
      if (now() - begun > silentMs) {
        const times = (resting.get(name)?.times ?? 0) + 1
        const until = now() + Math.min(firstRestMs * 2 ** Math.min(times - 1, 10), longestRestMs)
        remember(resting, name, { until, times })
      }
      throw error
    }
  }

  return {
    addressesOf(name) {
      const found = known.get(name)
      if (found && found.until > now()) return Promise.resolve(found.addresses)
      const underWay = asking.get(name)
      if (underWay) return underWay
      const rest = resting.get(name)
      if (rest && rest.until > now()) {
        const seconds = Math.ceil((rest.until - now()) / 1000)
        return Promise.reject(new Error(`nobody answered for the name ${name}; it is asked again in ${seconds} s`))
      }
      if (asking.size >= longestLine) return Promise.reject(new Error('too many names are being looked up'))
      const mine = last.then(() => look(name)).finally(() => asking.delete(name))
      asking.set(name, mine)
      last = mine.catch(() => undefined)
      return mine
    },
  }
}

/** Of this process: its threads are what is shared. */
export const namesOfOthers = createNamesOfOthers()

/** As a connection asks for it. @param refused why these addresses are not connected to; undefined: they may be */
export function lookupOf(
  names: NamesOfOthers,
  refused: (addresses: readonly LookupAddress[]) => string | undefined = () => undefined,
): LookupFunction {
  return (hostname, options, done) => {
    const fail = (error: Error): void => done(error, '', 4)
    names.addressesOf(hostname).then((all) => {
      const found = all.filter(({ family }) => ![4, 6].includes(Number(options.family)) || family === options.family)
      const [first] = found
      const fault = refused(all)
      if (!first) return fail(new Error(`${hostname} has no address of this kind`))
      if (fault !== undefined) return fail(new Error(`${hostname} leads inside: ${fault}`))
      return options.all ? done(null, found) : done(null, first.address, first.family)
    }, fail)
  }
}
