// judge-delivery — cuts a delivery into messages and judges each of them. What is large waits for its turn.
import type { CutInterchange } from '../../../messages/edifact/parts.js'
import { edifactSettings, type EdifactSettings } from '../../../messages/edifact/settings.js'
import { HubError, type ErrorCode } from '../../../messages/errors.js'
import type { Fault } from '../../../messages/fault.js'
import type { Inbound } from '../../../messages/inbound.js'
import type { Room } from '../../../messages/memory-budget.js'
import type { Partner } from '../../../messages/partner.js'
import { sharedFrom } from '../../../messages/shared-bytes.js'
import { mapInTurns } from '../../../messages/turns.js'
import type { LargeWork } from './large-work.js'
import type { Split } from './split.js'
import { createFaultLimit } from './fault-limit.js'
import { firstOfEach } from './interchange-around.js'
import { createJudge, type JudgeParts, type MessageVerdict } from './judge.js'

/** @see [createAccept](../accept.ts) */
export interface JudgeDeliveryParts extends JudgeParts {
  /** @see [split](./split.ts) */
  split: (inbound: Inbound, settings: EdifactSettings) => Promise<Split>
  /** @see [createPartnerBook](../../operate/partner-book.ts) */
  partner: (partnerId: string) => Promise<Partner | undefined>
  /** What is large is worked on few at a time. */
  largeWork: LargeWork
  /**
   * Hears the size of a delivery in bytes, after inflation, before it is checked. Default: nobody counts.
   * @see [createRates](../../../messages/rates.ts)
   */
  spend?: (partner: Partner, bytes: number) => void
}

/** A delivery cut into its messages, each with what was found of it; nothing is on disk yet. */
export interface JudgedDelivery {
  owner: Partner
  interchanges: CutInterchange[]
  verdicts: MessageVerdict[]
  /** Of EDIFACT refused as a whole: the interchange that is answered for it, and why. */
  refused?: [CutInterchange, Fault]
}

/**
 * Called with the bytes of a delivery as far as they are known. Resolves at once for a small one, and in its turn for a
 * large one.
 */
type Weigh = (bytes: number) => Promise<void>

const bytesIn = (pieces: readonly { bytes: Uint8Array }[]) => pieces.reduce((sum, { bytes }) => sum + bytes.length, 0)

/** @see [createAccept](../accept.ts) */
export function createJudgeDelivery({ split, partner, largeWork, spend = () => {}, ...parts }: JudgeDeliveryParts) {
  const judge = createJudge(parts)

  async function judged(inbound: Inbound, weigh: Weigh): Promise<JudgedDelivery> {
    const owner = await partner(inbound.partnerId)
    if (!owner || owner.disabled) throw new HubError('HUB_FORBIDDEN')
    const came = bytesIn([inbound, ...(inbound.more ?? []), ...(inbound.attachments ?? [])])
    spend(owner, came)
    await weigh(came)
    const found = await split(
      {
        ...inbound,
        // Its turn comes before more room: who has the turn must never wait for the room of somebody who waits for the
        // turn.
        ...(inbound.room ? { room: weighedRoom(inbound.room, (more) => weigh(came + more)) } : {}),
      },
      edifactSettings(owner.settings.edifact),
    )
    if ('refused' in found) {
      const { refused, edifact } = found
      const pieces = [inbound, ...(inbound.more ?? [])].map(({ bytes }) => bytes)
      const part = { bytes: pieces.length > 1 ? Buffer.concat(pieces) : inbound.bytes, attachments: [] }
      const verdict: MessageVerdict = { part, faults: [refused], code: refused.code as ErrorCode }
      return { owner, interchanges: [], verdicts: [verdict], ...(edifact ? { refused: [edifact, refused] } : {}) }
    }
    const unpacked = bytesIn(found.parts.flatMap((part) => [part, ...part.attachments]))
    if (unpacked > came) spend(owner, unpacked - came)
    await weigh(unpacked)
    const limited = createFaultLimit()
    const first = new Set(firstOfEach(found.parts))
    const verdicts = await mapInTurns(found.parts, (part) => {
      const verdict = judge(part, owner, inbound.operation, first.has(part)).then(limited)
      // Awaited below, with the others; until then nobody listens.
      verdict.catch(() => {})
      return verdict
    })
    return { owner, interchanges: found.edifact ?? [], verdicts: await Promise.all(verdicts) }
  }

  /**
   * Judges a delivery, then does `work` with its verdicts. The turn of a large one lasts until the work is done.
   * @throws HubError HUB_FORBIDDEN where there is no such partner, or it is disabled
   */
  return async function judgeDelivery<T>(inbound: Inbound, work: (judged: JudgedDelivery) => Promise<T>): Promise<T> {
    let done: (() => void) | undefined
    const weigh: Weigh = async (bytes) => {
      if (bytes >= sharedFrom) done ??= await largeWork.turn(inbound.partnerId, bytes)
    }
    try {
      return await work(await judged(inbound, weigh))
    } finally {
      done?.()
    }
  }
}

const weighedRoom = (room: Pick<Room, 'take'>, weigh: Weigh): Pick<Room, 'take'> => ({
  async take(bytes) {
    await weigh(bytes)
    await room.take(bytes)
  },
})
