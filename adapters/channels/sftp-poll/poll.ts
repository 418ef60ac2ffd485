// poll — fetches from a partner's own SFTP server and returns to it: one job at a time, one connection while there is
// work.
import type { Accept } from '../../../messages/inbound.js'
import type { MemoryBudget } from '../../../messages/memory-budget.js'
import type { SignBytes } from '../../../messages/sign-bytes.js'
import type { Partner } from '../../../messages/partner.js'
import { isPlainName } from '../boxes.js'
import type { Log } from '../log.js'
import type { RenderReceipt } from '../offer.js'
import { backoff } from './claims.js'
import { beforeDeadline } from '../../ssh/deadline.js'
import type { PollLimits } from './limits.js'
import { connectRemote, type Remote } from './remote.js'
import { createRound } from './round.js'

/** @see [startFileDoors](../../../hub/doors/file-doors.ts) */
interface SftpPollParts {
  partner: Pick<Partner, 'partnerId' | 'settings'>
  accept: Accept
  /** @see [receiptToXml](../../../messages/receipt-xml.ts) */
  renderReceipt: RenderReceipt
  /** Receipts get a signature beside them; absent: they get none. */
  sign?: SignBytes | undefined
  /** Where room in memory comes from for a file that is fetched. */
  memory: MemoryBudget
  limits: Partial<PollLimits> & { maxBytes: number; temporaryEndings: readonly string[] }
  log: Log
  /**
   * The value of the setting `passwordEnv` names. Throws when it may not be named.
   * @see [createPartnerSecrets](../../../hub/operate/partner-secrets.ts)
   */
  secret: (name: string) => string | undefined
  /**
   * The bytes of the file the setting `keyFile` names. Rejects when it may not be named.
   * @see [createPartnerSecrets](../../../hub/operate/partner-secrets.ts)
   */
  readKey: (keyFile: string) => Promise<Buffer>
  /** Why new work is turned away for now, if it is. Receipts go to the partner all the same. */
  turnedAway?: () => Error | undefined
  /** Does the work unless another hub polls this partner: undefined then. Default: there is no other. */
  alone?: (work: () => Promise<number>) => Promise<number | undefined>
}

/** The poll of one partner's server. */
export interface SftpPoll {
  /**
   * Looks now, whatever the schedule. Resolves with how many files were answered for; rejects when the server cannot be
   * reached.
   */
  pollNow(): Promise<number>
  /** Puts a receipt into the partner's InBox, whole under its final name. Idempotent. Rejects when it could not. */
  deliver(fileName: string, bytes: Buffer): Promise<void>
  /**
   * Finishes the file at hand, if that takes no longer than `graceMs` (default `closeMs`), then ends the connection.
   */
  close(graceMs?: number): Promise<void>
}

/** Polls one partner's server: at once, then as often as the partner's settings say, until it is stopped. */
export function startSftpPoll({
  partner,
  accept,
  renderReceipt,
  sign,
  memory,
  limits: given,
  log,
  secret,
  readKey,
  turnedAway,
  alone = (work) => work(),
}: SftpPollParts): SftpPoll {
  const { partnerId } = partner
  const { poll: settings } = partner.settings
  if (!settings) throw new Error(`partner ${partnerId} has no poll settings`)
  const everyMs = settings.everySeconds * 1_000
  const limits: PollLimits = {
    maxFiles: 200,
    settleMs: Math.min(everyMs, 5_000),
    claimMs: 120_000,
    retryMs: 5_000,
    lingerMs: 15_000,
    closeMs: 10_000,
    connectMs: 20_000,
    callMs: 30_000,
    transferMs: 300_000,
    turnMs: 30_000,
    ...given,
  }
  let stopped = false
  let remote: Remote | undefined
  let timer: NodeJS.Timeout | undefined
  let linger: NodeJS.Timeout | undefined
  let failures = 0
  /** The tail of the line: jobs run one after another. */
  let last: Promise<unknown> = Promise.resolve()
  const round = createRound({
    partnerId,
    accept,
    renderReceipt,
    sign,
    memory,
    limits,
    log,
    stopping: () => stopped,
    ...(turnedAway ? { turnedAway } : {}),
  })

  /** When the server last was not reached, and why. */
  let away: { at: number; error: unknown } | undefined
  const connected = async (askedAt: number): Promise<Remote> => {
    if (remote?.alive) return remote
    // Whoever waited while somebody else found nobody there does not wait once more.
    if (away && away.at >= askedAt) throw away.error
    try {
      return (remote = await connectRemote({ settings, limits, secret, readKey }))
    } catch (error) {
      away = { at: performance.now(), error }
      throw error
    }
  }

  const work = <T>(job: (remote: Remote) => Promise<T>): Promise<T> => {
    const askedAt = performance.now()
    const run = async (): Promise<T> => {
      if (stopped) throw new Error('the channel is closed')
      clearTimeout(linger)
      const current = await connected(askedAt)
      try {
        return await job(current)
      } finally {
        if (!current.alive) await current.close()
        else linger = setTimeout(() => void current.close(), limits.lingerMs).unref()
      }
    }
    const done = last.then(run)
    last = done.catch(() => undefined)
    return done
  }

  /** The same, but a job whose turn does not come is not waited for. Nothing of it is done then. */
  const inTurn = async (job: (remote: Remote) => Promise<void>): Promise<void> => {
    let state: 'waits' | 'begun' | 'late' = 'waits'
    const done = work(async (connected) => {
      if (state === 'late') return
      state = 'begun'
      await job(connected)
    })
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        if (state !== 'waits') return
        state = 'late'
        reject(new Error(`${settings.host} is busy with other files`))
      }, limits.turnMs).unref()
    })
    await Promise.race([done, late]).finally(() => clearTimeout(timer))
  }

  /** One round, and the time of the next: as configured, or later and later while the server cannot be reached. */
  const look = async (): Promise<number> => {
    clearTimeout(timer)
    try {
      const done = (await alone(() => work(round))) ?? 0
      failures = 0
      schedule(everyMs)
      return done
    } catch (error) {
      failures += 1
      const waitMs = Math.max(everyMs, backoff(failures, everyMs))
      if (!stopped)
        log.warn({ partnerId, host: settings.host, failures, waitMs, err: error }, "partner's server not polled")
      schedule(waitMs)
      throw error
    }
  }
  const schedule = (ms: number): void => {
    clearTimeout(timer)
    if (!stopped) timer = setTimeout(() => void look().catch(() => undefined), ms).unref()
  }
  schedule(0)

  let closed: Promise<void> | undefined
  return {
    pollNow: look,
    async deliver(fileName, bytes) {
      if (!isPlainName(fileName, 255))
        throw new Error(`receipt name ${JSON.stringify(fileName)} is not a plain file name`)
      await inTurn((connected) => connected.write('InBox', fileName, bytes))
    },
    close: (graceMs = limits.closeMs) =>
      (closed ??= (async () => {
        stopped = true
        clearTimeout(timer)
        clearTimeout(linger)
        // A file between ledger and SentBox is brought to its end, if that does not take too long; else the next run
        // does it.
        await beforeDeadline('closing', graceMs, last, () => void remote?.close()).catch(() => undefined)
        clearTimeout(linger)
        await remote?.close()
      })()),
  }
}
