// sealer — what is written into the ledger encrypted, and read from it as it was. Encrypted bytes begin with a mark
// that only this ledger has, so that old plain ones beside them are known for what they are, whatever a partner sends.
//
//   mark (16 bytes) │ data key's id (8) │ what the cipher makes
import { createCipher, type Cipher } from './ciphers.js'
import type { DataKey } from './data-keys.js'

const markBytes = 16
const idBytes = 8
const headBytes = markBytes + idBytes

/** All data keys of one ledger, and the mark of what they have sealed. */
export interface Sealer {
  /** With the newest key; what is sealed already, and what is empty, stays as it is. */
  seal(bytes: Buffer): Buffer
  /**
   * What cannot be opened comes back as it is: it has not the SHA-256 it should have, and is damaged like any other.
   */
  open(bytes: Buffer): Buffer
  /** Of a column that holds text. */
  sealText(text: string): string
  openText(text: string): string
  /** The sealed texts within JSON text, opened. */
  openWithin(json: string): string
  /** Whether it is as it would be written now; the first 60 bytes or letters are enough. */
  isCurrent(kept: Buffer | string): boolean
  /** The id of its data key when that is not known here: another hub made it. */
  unknownKey(kept: Buffer | string): string | undefined
}

/**
 * @param keys all of the ledger's, at least one
 * @param current what new bytes are sealed with; undefined: not at all
 */
export function createSealer(keys: readonly DataKey[], current: DataKey | undefined): Sealer {
  const mark = Buffer.from(keys[0]!.row.mark, 'hex')
  const textMark = `${keys[0]!.row.mark}:`
  const known = new Map<string, { head: Buffer; cipher: Cipher }>()
  for (const { row, key } of keys)
    known.set(row.id, {
      head: Buffer.concat([mark, Buffer.from(row.id, 'hex')]),
      cipher: createCipher(row.cipher, key),
    })
  const newest = current && known.get(current.row.id)!
  const within = new RegExp(`"${textMark}[0-9a-f]{${2 * idBytes}}:[A-Za-z0-9+/=]*"`, 'g')

  const isSealed = (bytes: Buffer) => bytes.length >= headBytes && bytes.compare(mark, 0, markBytes, 0, markBytes) === 0
  const idOf = (bytes: Buffer) => bytes.toString('hex', markBytes, headBytes)

  function opened(id: string, sealed: Buffer): Buffer | undefined {
    const key = known.get(id)
    try {
      return key?.cipher.decrypt(sealed, key.head)
    } catch {
      return undefined
    }
  }

  const sealer: Sealer = {
    seal(bytes) {
      if (!newest || bytes.length === 0 || isSealed(bytes)) return bytes
      return Buffer.concat([newest.head, ...newest.cipher.encrypt(bytes, newest.head)])
    },
    open: (bytes) => (isSealed(bytes) ? (opened(idOf(bytes), bytes.subarray(headBytes)) ?? bytes) : bytes),
    sealText(text) {
      if (!newest || text === '' || text.startsWith(textMark)) return text
      const sealed = Buffer.concat(newest.cipher.encrypt(Buffer.from(text), newest.head))
      return `${textMark}${idOf(newest.head)}:${sealed.toString('base64')}`
    },
    openText(text) {
      if (!text.startsWith(textMark)) return text
      const [, id = '', sealed = ''] = text.split(':')
      return opened(id, Buffer.from(sealed, 'base64'))?.toString() ?? text
    },
    openWithin: (json) =>
      json.includes(textMark) ? json.replace(within, (one) => JSON.stringify(sealer.openText(one.slice(1, -1)))) : json,
    isCurrent(kept) {
      if (kept.length === 0) return true
      const id =
        typeof kept === 'string'
          ? kept.startsWith(textMark)
            ? kept.split(':')[1]
            : undefined
          : isSealed(kept)
            ? idOf(kept)
            : undefined
      return id === current?.row.id
    },
    unknownKey(kept) {
      const id =
        typeof kept === 'string' ? kept.startsWith(textMark) && kept.split(':')[1] : isSealed(kept) && idOf(kept)
      return id && !known.has(id) ? id : undefined
    },
  }
  return sealer
}
