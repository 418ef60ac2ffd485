// refused-bytes — how much of a partner's refused messages is stored a day. Beyond it the record and the receipt are
// stored, the bytes are not.
import type { Receipt } from '../../messages/receipt.js'

interface RefusedBytesFacts {
  /** Of this message, as it would stand on disk. */
  bytes: number
  /** Kept of this partner today. */
  kept: number
  /** Kept a day at most. */
  quota: number
}

/** Whether the bytes are kept, not only the record and the receipt. */
export const keepsRefused = ({ bytes, kept, quota }: RefusedBytesFacts): boolean => kept + bytes <= quota

/** The receipt of a message whose bytes are not kept. */
export function withoutBytes(receipt: Receipt): Receipt {
  return {
    ...receipt,
    text: {
      zh: `${receipt.text.zh}（超过当日退单保存上限，报文原文未保存。）`,
      en:
        `${receipt.text.en} (The bytes were not kept: the partner's refused messages of today are beyond ` +
        `their limit.)`,
    },
  }
}
