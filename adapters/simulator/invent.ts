// invent — the times and numbers a simulated agency writes into its receipts: the same for the same submission, so that
// every receipt of its course, and one sent twice, speaks of the same declaration.
import { createHash } from 'node:crypto'
import { termDays } from '../../messages/terms.js'

/** What templates know as `sim`. Times are China time, which is how agencies write them. */
interface Invented {
  /** yyyyMMddHHmmss */
  now14: string
  /** yyyyMMddHHmm, and HHmm alone */
  now12: string
  hhmm: string
  /** yyyyMMddHHmmssSSS */
  now17: string
  /** yyyy-MM-ddTHH:mm:ss */
  nowIso: string
  /** yyyy-MM-dd HH:mm:ss */
  nowText: string
  /** yyyyMMdd */
  date8: string
  /** 18 digits, the agency's own number of the document (统一编号). */
  seqNo: string
  /** 18 digits, the number of the declaration (报关单号, 清单编号). */
  entryId: string
  /** B and 17 digits, the number before it is declared (预录入编号). */
  preNo: string
  /** 9 digits. */
  serial9: string
  /** yyyy-MM-dd, and the same day a year on. */
  today: string
  inOneYear: string
  /** The day so many days on: the end of a term. */
  [day: `day${number}`]: string
  /** As many digits as the name says: numbers of licences, approvals, records. */
  [digits: `digits${number}`]: string
  /** The agency's words when it turns a document down; '' when it does not. */
  refusal: string
}

/** `at`: when it was taken; times are Beijing time. `refusal`: words for the refusal, where some were given. */
export function invent(submissionId: string, at: Date, refusal = ''): Invented {
  const digits = (purpose: string, length: number) => {
    const number = BigInt(`0x${createHash('sha256').update(`${purpose} ${submissionId}`).digest('hex')}`)
    return (number % 10n ** BigInt(length)).toString().padStart(length, '0')
  }
  const china = new Date(at.getTime() + 8 * 3_600_000).toISOString()
  const now17 = china.replace(/\D/g, '')
  return {
    now14: now17.slice(0, 14),
    now12: now17.slice(0, 12),
    hhmm: now17.slice(8, 12),
    now17,
    nowIso: china.slice(0, 19),
    nowText: china.slice(0, 19).replace('T', ' '),
    date8: now17.slice(0, 8),
    // They begin with 9, which no number of a person or of a real customs office does.
    seqNo: `9${digits('seqNo', 17)}`,
    entryId: `9${digits('entryId', 17)}`,
    preNo: `B${digits('preNo', 17)}`,
    serial9: digits('serial', 9),
    today: china.slice(0, 10),
    inOneYear: `${Number(china.slice(0, 4)) + 1}${china.slice(4, 10).replace('-02-29', '-02-28')}`,
    ...Object.fromEntries(
      termDays.map((n) => [`day${n}`, new Date(Date.parse(china) + n * 86_400_000).toISOString().slice(0, 10)]),
    ),
    ...Object.fromEntries([3, 4, 5, 6, 7, 8, 9].map((n) => [`digits${n}`, digits('number', 9).slice(-n)])),
    refusal,
  }
}
