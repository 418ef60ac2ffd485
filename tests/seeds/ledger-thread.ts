// ledger-thread — a hub and its ledger talk as store/sqlite/threaded.ts does it: what is asked in one turn goes over as
// one message, answers come back as one, and both keep their order. A hub that dies hears nothing any more.
import type { ReceiptEvent } from '../../store/ledger.js'
import type { OpenLedger } from './ledger.js'
import type { Owner, World } from './world.js'

type Call = () => void

/** A hub's way to its ledger: the ledger as the hub sees it. */
export function connect(world: World, owner: Owner, ledger: OpenLedger): OpenLedger {
  const there = createWay(world, owner, '→ ledger')
  const back = createWay(world, owner, 'ledger →')
  const listeners = new Set<(event: ReceiptEvent) => void>()
  const methodsThere = ledger as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>
  ledger.receipts((event) => {
    if (!owner.dead) back.say(() => listeners.forEach((listener) => listener(event)))
  })

  function call(method: string, args: unknown[]): Promise<unknown> {
    if (owner.dead) return new Promise(() => {})
    return new Promise((resolve, reject) =>
      there.say(() => {
        methodsThere[method]!(...args).then(
          (value) => back.say(() => resolve(value)),
          (error: Error) => back.say(() => reject(error)),
        )
      }),
    )
  }

  const methods = new Map<string, unknown>([
    [
      'receipts',
      (listener: (event: ReceiptEvent) => void) => {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
    ],
    ['then', undefined],
  ])
  return new Proxy({} as OpenLedger, {
    get(_, method: string) {
      if (!methods.has(method)) methods.set(method, (...args: unknown[]) => call(method, args))
      return methods.get(method)
    },
  })
}

/** One after another; those of one turn together. */
function createWay(world: World, owner: Owner, label: string) {
  const messages: { step: number; calls: Call[] }[] = []
  let moving = false
  function move(): void {
    moving = true
    world.post(owner, label, () => {
      const first = messages.shift()!
      moving = messages.length > 0
      if (moving) move()
      for (const one of first.calls) one()
    })
  }
  return {
    say(one: Call): void {
      const last = messages.at(-1)
      if (last?.step === world.steps()) last.calls.push(one)
      else messages.push({ step: world.steps(), calls: [one] })
      if (!moving) move()
    },
  }
}
