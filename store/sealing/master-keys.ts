// master-keys — the keys that stay outside the ledger. They encrypt the data keys that stand in it; the first of them
// is used for new ones, the others still open what an earlier one closed.
import { createHash } from 'node:crypto'
import type { CipherName } from './ciphers.js'
import { keyBytes } from './ciphers.js'

/** How bytes are kept. `none`: new ones plainly; what is encrypted can still be read. */
export interface Encryption {
  masters: readonly Buffer[]
  cipher: CipherName | 'none'
}

/** The hub does not start: the text says what to do. */
export class LedgerKeyError extends Error {
  override name = 'LedgerKeyError'
}

/**
 * Of a key file: a key of 32 bytes a line, in base64 (`openssl rand -base64 32`); empty lines and those after # are
 * for people.
 * @throws LedgerKeyError, which never shows what stands in the file
 */
export function masterKeys(text: string, from: string): Buffer[] {
  const keys = text
    .split(/\r?\n/)
    .map((line, i) => ({ line: line.replace(/#.*/, '').trim(), number: i + 1 }))
    .filter(({ line }) => line !== '')
    .map(({ line, number }) => {
      const key = Buffer.from(line, 'base64')
      if (!/^[A-Za-z0-9+/]+=*$/.test(line) || key.length !== keyBytes)
        throw new LedgerKeyError(
          `${from}, line ${number}: no key. A key is ${keyBytes} bytes in base64: ` +
            `make one with \`openssl rand -base64 32\`. 密钥应为 ${keyBytes} 字节的 base64。`,
        )
      return key
    })
  if (keys.length === 0)
    throw new LedgerKeyError(
      `${from} holds no key. Make one with \`openssl rand -base64 32\`. 未找到密钥，请用该命令生成。`,
    )
  return keys
}

/** The name of a master key: 16 hexadecimal digits of a hash, from which nothing of the key can be found out. */
export const fingerprint = (master: Buffer): string =>
  createHash('sha256').update('singlewindow hub master key 1').update(master).digest('hex').slice(0, 16)
