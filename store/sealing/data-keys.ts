// data-keys — the keys that bytes are encrypted with. They stand in the ledger (and so in every backup of it), each
// encrypted with a master key from outside: who has the file alone has nothing.
import { randomBytes } from 'node:crypto'
import { createCipher, keyBytes, type CipherName } from './ciphers.js'
import { LedgerKeyError, fingerprint, type Encryption } from './master-keys.js'

/** A row of the table `data_key`. */
export interface DataKeyRow {
  n: number
  /** Hexadecimal, 8 bytes. */
  id: string
  /** Hexadecimal, 16 bytes, the same in all rows: encrypted bytes of this ledger begin with it. */
  mark: string
  cipher: CipherName
  /** Fingerprint of the master key that opens it. */
  master: string
  /** Base64. */
  wrapped: string
  /** Milliseconds since 1970. */
  made_at: number
}

/** A data key with what it was opened to. */
export interface DataKey {
  row: Omit<DataKeyRow, 'n'>
  key: Buffer
}

const bound = ({ id, cipher }: Pick<DataKeyRow, 'id' | 'cipher'>) => Buffer.from(`data key ${id} ${cipher}`)

/** A new one, under the first master key. */
export function newDataKey({ masters }: Encryption, cipher: CipherName, mark: string | undefined, now: Date): DataKey {
  const key = randomBytes(keyBytes)
  const row = { id: randomBytes(8).toString('hex'), cipher }
  return {
    key,
    row: {
      ...row,
      mark: mark ?? randomBytes(16).toString('hex'),
      ...wrap(key, row, masters[0]!),
      made_at: now.getTime(),
    },
  }
}

/** The same key under another master key. */
export const wrap = (key: Buffer, row: Pick<DataKeyRow, 'id' | 'cipher'>, master: Buffer) => ({
  master: fingerprint(master),
  wrapped: Buffer.concat(createCipher(row.cipher, master).encrypt(key, bound(row))).toString('base64'),
})

/**
 * Decrypts a data key with the master key that sealed it.
 * @throws LedgerKeyError when none of those given does
 */
export function openDataKey(row: Omit<DataKeyRow, 'n'>, masters: readonly Buffer[]): DataKey {
  const master = masters.find((one) => fingerprint(one) === row.master)
  if (!master)
    throw new LedgerKeyError(
      `the ledger is encrypted with master key ${row.master}, and \`encryption.key\` ` +
        `gives ${masters.map(fingerprint).join(', ') || 'none'}. ` +
        'Put that key back into the key file: as its first line, or below the new one. ' +
        `账本由主密钥 ${row.master} 加密，请将该密钥放回密钥文件（新密钥之下亦可）。`,
    )
  try {
    return { row, key: createCipher(row.cipher, master).decrypt(Buffer.from(row.wrapped, 'base64'), bound(row)) }
  } catch (cause) {
    throw new LedgerKeyError(
      `data key ${row.id} in the ledger is damaged: restore a backup. 账本中的数据密钥已损坏，请恢复备份。`,
      { cause },
    )
  }
}
