// threaded — a ledger in a thread of its own, as an ordinary ledger. A write of many bytes, an fsync on a slow disk or
// a long list holds up those who wait for the ledger, and nobody else: doors go on answering.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { AgencyHold } from '../../messages/agency-hold.js'
import { HubError, type ErrorCode } from '../../messages/errors.js'
import type { Partner } from '../../messages/partner.js'
import { createScope } from '../../messages/scope.js'
import { beforeTurns } from '../../messages/turns.js'
import type { Ledger, LedgerEvents, Proof, NewInterchange, NewMessage, Recorded } from '../ledger.js'
import { asBuffers, transferable } from './cloning.js'
import type { LedgerActEnd, LedgerCall, LedgerFailure, LedgerSaid } from './ledger-thread.js'
import { LedgerCopyError, LedgerInUseError, LedgerTooNewError, LedgerUnreachableError } from '../ledger-errors.js'
import type { LedgerLog } from './open.js'
import type { PayloadSettings } from '../payloads/payloads.js'
import { LedgerKeyError, type Encryption } from '../sealing/master-keys.js'
import { slices } from '../slices.js'

type Listener = Parameters<LedgerEvents['receipts']>[0]

/**
 * Opens (or makes) the ledger in `file`, in a thread.
 * @throws as openSqliteLedger does. Should the thread itself die, the process does: a hub without its ledger is none.
 */
export async function openThreadedLedger({
  file,
  log,
  encryption,
  payloads,
}: {
  file: string
  log: LedgerLog
  encryption?: Encryption | undefined
  /** The object store the bytes of messages go to. */
  payloads?: PayloadSettings | undefined
}): Promise<Ledger & LedgerEvents & Proof> {
  const thread = new Worker(workerFile(), { workerData: { file, encryption, payloads } })
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: unknown) => void }>()
  const listeners = new Set<Listener>()
  const acting = createScope<NonNullable<LedgerCall['act']>>()
  let acts = 0
  let calls = 0
  let closed = false
  let size = { bytes: 0, spare: 0 }
  let damaged = 0

  await new Promise<void>((resolve, reject) => {
    thread.once('message', ([said]: LedgerSaid[]) => {
      if (said?.kind === 'opened') {
        size = said.size
        damaged = said.damaged
        resolve()
      } else if (said?.kind === 'not-opened') reject(errorOf(said.failure))
    })
    thread.once('error', reject)
  }).catch(async (error: unknown) => {
    await thread.terminate()
    throw error
  })
  thread.on('message', (all: LedgerSaid[]) => all.forEach(hear))
  thread.on('exit', () => {
    if (!closed) throw new Error('the thread of the ledger ended')
  })

  function hear(said: LedgerSaid): void {
    switch (said.kind) {
      case 'result':
        waiting.get(said.id)?.resolve(asBuffers(said.value))
        return void waiting.delete(said.id)
      case 'failed':
        waiting.get(said.id)?.reject(errorOf(said.failure))
        return void waiting.delete(said.id)
      case 'receipt':
        return listeners.forEach((listener) => {
          try {
            listener(said.event)
          } catch (err) {
            log.error({ err, receiptId: said.event.receiptId }, 'a receipt listener failed')
          }
        })
      case 'error':
        return log.error({ err: errorOf(said.failure) }, said.message)
      case 'stands':
        ;({ size, damaged } = said)
        return
      case 'opened':
      case 'not-opened':
        return
      default:
        return said satisfies never
    }
  }

  let asked: { one: LedgerCall | LedgerActEnd; transfer: ArrayBuffer[] }[] = []

  /** What is asked in one turn goes over as one, in its order: each message between threads wakes the other. */
  function ask(one: LedgerCall | LedgerActEnd, transfer: ArrayBuffer[] = []): void {
    if (asked.push({ one, transfer }) === 1) beforeTurns(askAll)
  }

  function askAll(): void {
    const all = asked
    asked = []
    try {
      thread.postMessage(
        all.map(({ one }) => one),
        all.flatMap(({ transfer }) => transfer),
      )
    } catch (error) {
      // One of them holds what cannot travel: only its caller is told, the others go.
      const [only, ...others] = all
      if (only && others.length === 0 && 'id' in only.one) {
        waiting.get(only.one.id)?.reject(error)
        return void waiting.delete(only.one.id)
      }
      for (const each of all) {
        asked = [each]
        askAll()
      }
    }
  }

  function call<T>(method: string, ...args: unknown[]): Promise<T> {
    const { value, transfer } = transferable(args)
    return new Promise<T>((resolve, reject) => {
      const id = ++calls
      waiting.set(id, { resolve: resolve as (value: unknown) => void, reject })
      const act = acting.current()
      const given = { id, method, args: value as unknown[], ...(act ? { act } : {}) } satisfies LedgerCall
      ask(given, transfer)
    })
  }

  /** Thousands of messages are handed over some at a time; while one slice is written, others have their turn. */
  async function record(interchange: NewInterchange): Promise<Recorded[]> {
    const recorded: Recorded[] = []
    for (const [i, { messages }] of slices(interchange.messages, bytesOf).entries()) {
      const slice = { ...interchange, messages, ...(i > 0 ? { continues: true } : {}) }
      recorded.push(...(await call<Recorded[]>('record', slice)))
    }
    return recorded
  }

  // A change that is a function of what is there is worked out here. One process has the ledger, so that one after
  // another here is one after another there.
  let lastChange: Promise<unknown> = Promise.resolve()
  function inLine<T>(change: () => Promise<T>): Promise<T> {
    const made = lastChange.then(change)
    lastChange = made.catch(() => {})
    return made
  }

  const own: Partial<Ledger & LedgerEvents> = {
    record,
    holdAgency: (agency, change, now) =>
      inLine(async () => {
        const before = (await call<Map<string, AgencyHold>>('agencyHolds')).get(agency)
        return call<AgencyHold>('holdAgency', agency, change(before ?? { windows: [] }), now)
      }),
    changePartner: (partnerId, change) =>
      inLine(async () => {
        const before = await call<Partner | undefined>('getPartner', partnerId)
        return call<Partner>('changePartner', partnerId, change(before))
      }),
    audited(entry, change) {
      const act = { id: ++acts, entry }
      return acting.run(act, change).finally(() => ask({ endAct: act.id }))
    },
    receipts(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    /** As it was after the last call. */
    size: () => size,
    damaged: () => damaged,
    async close() {
      closed = true
      await call('close')
      await thread.terminate()
    },
  }
  return new Proxy(own as Ledger & LedgerEvents & Proof, {
    get: (target, method: string) =>
      method === 'then'
        ? undefined
        : ((target as unknown as Record<string, unknown>)[method] ??= (...args: unknown[]) => call(method, ...args)),
  })
}

const bytesOf = ({ bytes, forwarded, attachments }: NewMessage): number =>
  attachments.reduce((sum, one) => sum + one.bytes.length, bytes.length + (forwarded?.length ?? 0))

/** The error as it was thrown there, of its class. */
function errorOf({ name, message, stack, code, hub }: LedgerFailure): Error {
  const known = { LedgerInUseError, LedgerTooNewError, LedgerCopyError, LedgerUnreachableError, LedgerKeyError }[name]
  if (known) return new known(message)
  if (hub)
    return new HubError(hub.code as ErrorCode, hub.values, {
      ...(hub.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: hub.retryAfterSeconds }),
      ...(stack === undefined ? {} : { cause: stack }),
    })
  return Object.assign(new Error(message), {
    name,
    ...(stack ? { stack } : {}),
    ...(code === undefined ? {} : { code }),
  })
}

/**
 * The built thread, also when this file itself runs from its source, as under the tests: a thread cannot load
 * TypeScript.
 */
function workerFile(): string {
  const beside = fileURLToPath(new URL('./ledger-thread.js', import.meta.url))
  return existsSync(beside) ? beside : fileURLToPath(new URL('../../dist/bundle/ledger-thread.js', import.meta.url))
}
