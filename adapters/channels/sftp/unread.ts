// unread — how many receipts of what was no news (refused files, files that were taken before) a partner leaves lying
// in its InBox. Whoever may send may send such without end, and each has its receipt: beyond a number nothing more is
// taken from that partner until it has deleted what it has read. No receipt is ever left out or removed.
import { readdir } from 'node:fs/promises'
import type { Log } from '../log.js'
import type { Mailbox } from './mailbox.js'

/** Counted in memory, by partner; the folder is read at the first file and where the count says that it is full. */
export interface Unread {
  /** One more such receipt was put into the InBox. */
  add(partnerId: string): void
  /** May nothing more be taken, until the partner has deleted receipts? */
  isFull(mailbox: Pick<Mailbox, 'partnerId' | 'folder'>): Promise<boolean>
}

/** A full InBox is looked at again after this long: whoever sends without a pause costs no more. */
const lookMs = 2_000
const tellAgainMs = 3_600_000

interface UnreadParts {
  /** Receipts of one partner. */
  most: number
  log: Pick<Log, 'warn'>
  /** By a clock that nobody sets, in milliseconds. */
  now?: () => number
}

/** Nothing is known at first: a restart looks at what lies there. */
export function createUnread({ most, log, now = () => performance.now() }: UnreadParts): Unread {
  const counts = new Map<string, number>()
  const fullSince = new Map<string, number>()
  const told = new Map<string, number>()

  function tell(partnerId: string, receipts: number): void {
    if (now() - (told.get(partnerId) ?? -Infinity) < tellAgainMs) return
    told.set(partnerId, now())
    log.warn(
      { partnerId, receipts, most },
      'InBox full of receipts of refused and repeated files: nothing is taken until the partner deletes them',
    )
  }

  return {
    add: (partnerId) => void counts.set(partnerId, (counts.get(partnerId) ?? 0) + 1),
    async isFull({ partnerId, folder }) {
      const counted = counts.get(partnerId)
      if (counted !== undefined && counted < most) return false
      if (now() - (fullSince.get(partnerId) ?? -Infinity) < lookMs) return true
      const names = await readdir(folder('InBox'))
      const refused = names.filter((name) => name.startsWith('Failed_')).length
      // Of repeated files the name of a receipt says nothing: they count by what was counted.
      const lying = counted === undefined ? refused : names.length
      if (lying < most) {
        counts.set(partnerId, refused)
        fullSince.delete(partnerId)
        return false
      }
      counts.set(partnerId, Math.max(counted ?? 0, most))
      fullSince.set(partnerId, now())
      tell(partnerId, lying)
      return true
    },
  }
}
