// round — one look at a partner's OutBox: a file nobody writes any more is claimed, offered to `accept`, answered and
// moved away.
//
//   x.xml ─ unchanged ─▶ .claimed-…~x.xml ─ read, size checked ─▶ accept ─▶ receipts ─▶ SentBox or FailBox
//
// Each step is remembered, so whatever breaks, the next round goes on where this one stopped; the ledger comes before
// every move. A file that makes trouble waits by itself; only a lost connection ends the round.
import type { Accept } from '../../../messages/inbound.js'
import type { MemoryBudget, Room } from '../../../messages/memory-budget.js'
import type { SignBytes } from '../../../messages/sign-bytes.js'
import { TooLarge } from '../../ssh/reading.js'
import { acknowledgementName, failReceiptName, isPlainName, operationInName, technicalReceiptName } from '../boxes.js'
import { isTemporary } from '../../temporary-names.js'
import type { Log } from '../log.js'
import { offer, receiptsFile, refusalOfFile, type RenderReceipt, type OfferOutcome } from '../offer.js'
import { withSignature } from '../signature-file.js'
import { backoff, claimName, readClaimName, runId, type FileClaim } from './claims.js'
import type { PollLimits } from './limits.js'
import type { Remote, RemoteFile } from './remote.js'
import { createRefusedNames, isRefusedName } from './refused-names.js'
import { createUnchangedFiles } from '../../unchanged-files.js'

/** @see [startSftpPoll](./poll.ts) */
interface RoundParts {
  partnerId: string
  accept: Accept
  renderReceipt: RenderReceipt
  /** Receipts get a signature beside them; absent: they get none. */
  sign?: SignBytes | undefined
  memory: MemoryBudget
  limits: PollLimits
  log: Log
  stopping: () => boolean
  /**
   * Why new work is turned away for now, if it is: then files stay where the partner put them, under their own names.
   */
  turnedAway?: () => Error | undefined
}

/** Files of ours that are brought to their end side by side; a server could name new ones for ever. */
const mostMine = 10_000

/** Returns how many files were answered for. Rejects when the connection is lost. */
export type Round = (remote: Remote) => Promise<number>

/** What it remembers of claims and of trouble lasts from round to round, over connections that break. */
export function createRound({
  partnerId,
  accept,
  renderReceipt,
  sign,
  memory,
  limits,
  log,
  stopping,
  turnedAway = () => undefined,
}: RoundParts): Round {
  const run = runId()
  const unchanged = createUnchangedFiles<RemoteFile>(limits.settleMs)
  const refusedNames = createRefusedNames({ partnerId, renderReceipt, log })
  const mine = new Map<string, FileClaim>()
  /** Claims of other runs, and since when they have been there. */
  let foreign = new Map<string, number>()
  /** Files that could not even be claimed. */
  const trouble = new Map<string, { failures: number; notBefore: number }>()
  let left = false

  /** The ledger's word on a claimed file, or undefined when the file is not there or not whole after all. */
  const judge = async (remote: Remote, claim: FileClaim): Promise<OfferOutcome | undefined> => {
    const { claimedAs, name } = claim
    const before = await remote.stat('OutBox', claimedAs)
    if (!before) return undefined
    if (before.size > limits.maxBytes)
      return { taken: false, receipts: [refusalOfFile('HUB_TOO_LARGE', { limit: limits.maxBytes }, name)] }
    const room = memory.room(partnerId)
    try {
      await room.take(before.size)
      return await judgeWithin(remote, claim, before, room)
    } finally {
      room.release()
    }
  }

  const judgeWithin = async (
    remote: Remote,
    { claimedAs, name, looked }: FileClaim,
    before: RemoteFile,
    room: Room,
  ): Promise<OfferOutcome | undefined> => {
    // No more than there is room for, whatever the server gives.
    const bytes = await remote.read('OutBox', claimedAs, before.size).catch((error: unknown) => {
      if (error instanceof TooLarge) return undefined
      throw error
    })
    const after = await remote.stat('OutBox', claimedAs)
    // A rename does not stop a writer that still holds the file open.
    const grew =
      !bytes ||
      after?.size !== bytes.length ||
      after.mtime !== before.mtime ||
      (looked && (looked.size !== after.size || looked.mtime !== after.mtime))
    if (grew) {
      log.warn({ partnerId, name }, 'file still being written; given back')
      await remote.claim('OutBox', claimedAs, name)
      return undefined
    }
    const operation = operationInName(name)
    return offer(accept, {
      partnerId,
      channel: 'sftp-poll',
      bytes,
      filename: name,
      room,
      ...(operation === undefined ? {} : { operation }),
    })
  }

  /** Puts a receipt there, with its signature. */
  const writeTo = (remote: Remote) => async (box: 'InBox' | 'FailBox', receiptName: string, bytes: Buffer) => {
    for (const file of await withSignature({ name: receiptName, bytes }, sign))
      await remote.write(box, file.name, file.bytes)
  }

  /** Brings one claimed file to its end. True when it is there. */
  const finish = async (remote: Remote, claim: FileClaim): Promise<boolean> => {
    const { name, claimedAs } = claim
    const verdict = claim.verdict ?? (await judge(remote, claim))
    if (verdict) {
      claim.verdict = verdict
      if (!claim.told) {
        const receipts = await receiptsFile(verdict.receipts, renderReceipt)
        claim.receiptName ??= technicalReceiptName(verdict.taken, name)
        const write = writeTo(remote)
        if (!verdict.taken) await write('FailBox', failReceiptName(name), receipts)
        if (verdict.acknowledgement) {
          const { mediaType, bytes } = verdict.acknowledgement
          await write('InBox', acknowledgementName(claim.receiptName, mediaType), bytes)
        }
        await write('InBox', claim.receiptName, receipts)
        claim.told = true
      }
      await remote.move({ box: 'OutBox', name: claimedAs }, { box: verdict.taken ? 'SentBox' : 'FailBox', name })
      log.info(
        {
          partnerId,
          name,
          taken: verdict.taken,
          messageIds: verdict.receipts.map(({ messageId }) => messageId).slice(0, 20),
        },
        'file fetched',
      )
    }
    mine.delete(claimedAs)
    return verdict !== undefined
  }

  const claimFile = async (remote: Remote, from: string, name: string, looked?: RemoteFile): Promise<void> => {
    const claimedAs = claimName(run, name)
    // Known before it is done: when the answer is lost, the next round finds out whether the file is there under this
    // name.
    mine.set(claimedAs, { name, claimedAs, ...(looked ? { looked } : {}), failures: 0, notBefore: 0 })
    try {
      if (await remote.claim('OutBox', from, claimedAs)) return
      // Another hub was quicker, or the partner took it back.
      mine.delete(claimedAs)
    } catch (error) {
      if (remote.alive) mine.delete(claimedAs)
      throw error
    }
  }

  /** Runs one step; a failure makes the file wait, unless the connection is gone. */
  const guarded = async (
    remote: Remote,
    name: string,
    wait: { failures: number; notBefore: number },
    step: () => Promise<unknown>,
  ): Promise<boolean> => {
    try {
      await step()
      return true
    } catch (error) {
      wait.failures += 1
      wait.notBefore = performance.now() + backoff(wait.failures, limits.retryMs)
      log.warn({ partnerId, name, failures: wait.failures, err: error }, 'file not fetched yet')
      if (!remote.alive) throw error
      return false
    }
  }

  return async function round(remote) {
    const now = performance.now()
    for (const [name, { notBefore }] of trouble) if (notBefore < now - 3_600_000) trouble.delete(name)
    const fresh = (name: string): boolean =>
      !isTemporary(name, limits.temporaryEndings) &&
      (isPlainName(name) || isRefusedName(name)) &&
      (trouble.get(name)?.notBefore ?? 0) <= now
    const listed = await remote.list(
      'OutBox',
      (name) => fresh(name) || readClaimName(name) !== undefined,
      limits.maxFiles,
    )
    const untold = refusedNames.untold(new Set(listed.map(({ name }) => name)))

    const still = new Map<string, number>()
    for (const { name: claimedAs } of listed) {
      const claim = readClaimName(claimedAs)
      if (claim && claim.run !== run) still.set(claimedAs, foreign.get(claimedAs) ?? now)
      // Our own, but unknown: cannot be, except when a reply was lost. Then it is ours all the same.
      else if (claim && !mine.has(claimedAs) && mine.size < mostMine)
        mine.set(claimedAs, { name: claim.name, claimedAs, failures: 0, notBefore: 0 })
    }
    foreign = still
    for (const [claimedAs, since] of foreign) {
      const claim = readClaimName(claimedAs)
      if (!claim || now - since < limits.claimMs) continue
      log.warn({ partnerId, name: claim.name }, 'file of a run that is gone taken over')
      await guarded(remote, claim.name, { failures: 0, notBefore: 0 }, () => claimFile(remote, claimedAs, claim.name))
    }
    const whole = unchanged(
      listed.filter(({ name }) => fresh(name)),
      now,
    )
    whole.sort((a, b) => a.mtime - b.mtime || (a.name < b.name ? -1 : 1))

    let done = 0
    const finishDue = async (): Promise<void> => {
      for (const claim of [...mine.values()]) {
        if (stopping()) return
        if (claim.notBefore <= performance.now())
          await guarded(remote, claim.name, claim, async () => void (done += (await finish(remote, claim)) ? 1 : 0))
      }
    }
    await finishDue()
    const why = whole.length > 0 ? turnedAway() : undefined
    if (why && !left)
      log.warn({ partnerId, files: whole.length, why: why.message }, 'files left on the partner’s server for now')
    left = why !== undefined
    for (const file of left ? [] : whole) {
      if (stopping()) break
      const { name } = file
      const refused = isRefusedName(name)
      if (refused && !untold(name)) continue
      const wait = trouble.get(name) ?? { failures: 0, notBefore: 0 }
      const step = () =>
        refused ? refusedNames.refuse(remote, name, writeTo(remote)) : claimFile(remote, name, name, file)
      if (!(await guarded(remote, name, wait, step))) trouble.set(name, wait)
      else {
        trouble.delete(name)
        if (refused) done += 1
        else await finishDue()
      }
    }
    return done
  }
}
