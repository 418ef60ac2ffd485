// ledger-thread — the thread a ledger lives in when it is opened by threaded.ts: calls come in, answers, receipts and
// log lines go out. Whatever SQLite takes for a write of 32 MB, an fsync or a long list, it takes here.
import { AsyncLocalStorage } from 'node:async_hooks'
import { parentPort, workerData } from 'node:worker_threads'
import { HubError } from '../../messages/errors.js'
import { beforeTurns, nextTurn } from '../../messages/turns.js'
import type { AuditEntry, Ledger, LedgerEvents, LedgerSize } from '../ledger.js'
import type { PayloadSettings } from '../payloads/payloads.js'
import { asBuffers, transferable } from './cloning.js'
import type { Encryption } from '../sealing/master-keys.js'
import { openSqliteLedger } from './open.js'

/** A call of a method by its name. */
export interface LedgerCall {
  id: number
  method: string
  args: unknown[]
  /** Of an act that is audited: its number, and the entry its first write keeps. */
  act?: { id: number; entry: AuditEntry }
}
/** No more calls of this act will come. */
export interface LedgerActEnd {
  endAct: number
}
/** An error as it passes between threads; a HubError with its code and values. */
export interface LedgerFailure {
  name: string
  message: string
  stack?: string | undefined
  code?: string | undefined
  hub?: { code: string; values: Record<string, string | number | undefined>; retryAfterSeconds?: number | undefined }
}
/** What the thread says. `id` is the call's. */
export type LedgerSaid =
  | { kind: 'opened'; size: LedgerSize; damaged: number }
  | { kind: 'not-opened'; failure: LedgerFailure }
  | { kind: 'result'; id: number; value: unknown }
  /** How large it is and how much of it is damaged, behind what is said in one turn. */
  | { kind: 'stands'; size: LedgerSize; damaged: number }
  | { kind: 'failed'; id: number; failure: LedgerFailure }
  | { kind: 'receipt'; event: Parameters<Parameters<LedgerEvents['receipts']>[0]>[0] }
  | { kind: 'error'; failure: LedgerFailure; message: string }

/** What a question reads, milliseconds each: one a round, behind what is taken, sent and settled. */
const canWait: ReadonlySet<string> = new Set<keyof Ledger>(['filed', 'filedContent'])

const port = parentPort!
let ledger: (Ledger & LedgerEvents) | undefined
let closed = false
let said: LedgerSaid[] = []
let moved: ArrayBuffer[] = []

/**
 * What is said in one turn goes as one: a commit answers dozens of calls at once, and each message between threads
 * wakes the other.
 */
function say(one: LedgerSaid, transfer: ArrayBuffer[] = []): void {
  if (said.push(one) === 1) beforeTurns(sayAll)
  moved.push(...transfer)
}

function sayAll(): void {
  if (ledger && !closed) said.push({ kind: 'stands', size: ledger.size(), damaged: ledger.damaged() })
  const [all, transfer] = [said, moved]
  said = []
  moved = []
  port.postMessage(all, transfer)
}

function failureOf(error: unknown): LedgerFailure {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) }
  const { name, message, stack } = error
  const code = (error as { code?: unknown }).code
  return {
    name,
    message,
    stack,
    ...(typeof code === 'string' ? { code } : {}),
    ...(error instanceof HubError
      ? { hub: { code: error.code, values: error.values, retryAfterSeconds: error.retryAfterSeconds } }
      : {}),
  }
}

type Run = (work: () => Promise<void>) => Promise<void>
const at: Run = (work) => work()
/** Deeds under way: where their writes are made, so that the ledger knows them for one, and what ends them. */
const acts = new Map<number, { at: Run; end: () => void }>()

function within({ id, entry }: NonNullable<LedgerCall['act']>): Run {
  if (!acts.has(id))
    void ledger!.audited(
      entry,
      () => new Promise<void>((end) => acts.set(id, { at: AsyncLocalStorage.snapshot(), end })),
    )
  return acts.get(id)!.at
}

function endAct(id: number): void {
  acts.get(id)?.end()
  acts.delete(id)
}

try {
  const { file, encryption, payloads } = workerData as {
    file: string
    encryption?: Encryption
    payloads?: PayloadSettings
  }
  // Buffers arrive as plain bytes.
  const masters = encryption?.masters.map((key) => Buffer.from(key))
  const store = payloads && (await import('../payloads/s3.js')).createS3Payloads(payloads)
  const log = {
    error: ({ err, ...fields }: { err?: unknown }, message: string) =>
      say({
        kind: 'error',
        failure: failureOf(err),
        message: Object.keys(fields).length === 0 ? message : `${message} ${JSON.stringify(fields)}`,
      }),
  }
  ledger = await openSqliteLedger({
    file,
    log,
    payloads: store,
    ...(masters ? { encryption: { ...encryption!, masters } } : {}),
  })
  ledger.receipts((event) => say({ kind: 'receipt', event }))
  port.on('message', (asked: (LedgerCall | LedgerActEnd)[]) => {
    for (const one of asked)
      if ('endAct' in one) endAct(one.endAct)
      else if (canWait.has(one.method)) void nextTurn().then(() => answer(one))
      else void (one.act ? within(one.act) : at)(() => answer(one))
  })
  say({ kind: 'opened', size: ledger.size(), damaged: ledger.damaged() })
} catch (error) {
  say({ kind: 'not-opened', failure: failureOf(error) })
}

async function answer({ id, method, args }: LedgerCall): Promise<void> {
  try {
    const known = ledger as unknown as Record<string, (...args: unknown[]) => unknown>
    const given = asBuffers(args) as unknown[]
    // What changes a hold or a partner was worked out on the other side, where one waits for the other: functions do
    // not travel.
    const [, worked] = given
    if (method === 'holdAgency' || method === 'changePartner') given[1] = () => worked
    const { value, transfer } = transferable(await known[method]!(...given))
    if (method === 'close') closed = true
    say({ kind: 'result', id, value }, transfer)
    if (closed) {
      sayAll()
      port.close()
    }
  } catch (error) {
    say({ kind: 'failed', id, failure: failureOf(error) })
  }
}
