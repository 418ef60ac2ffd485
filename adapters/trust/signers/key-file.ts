// key-file — a signer whose key lies in a file. Read anew when it is replaced, so that a key can be renewed while the
// hub runs.
import { createPrivateKey, sign as signBytes, type KeyObject } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import type { Algorithms } from '../algorithms.js'
import type { SignWithKey } from '../signer.js'
import { signSm2 } from '../sm2.js'

/** Rejects while the file cannot be read or is no key of that kind. */
export function keyFileSigner(
  file: string,
  passphrase: string | undefined,
  { kind }: Pick<Algorithms, 'kind'>,
): SignWithKey {
  let read: { at: number; key: KeyObject } | undefined

  async function key(): Promise<KeyObject> {
    const at = (await stat(file)).mtimeMs
    if (read?.at !== at) {
      const pem = await readFile(file)
      read = {
        at,
        key: createPrivateKey({ key: pem, format: 'pem', ...(passphrase === undefined ? {} : { passphrase }) }),
      }
    }
    return read.key
  }

  return async (bytes) => {
    const secret = await key()
    if (kind === 'sm2') return signSm2(bytes, secret)
    return new Promise((resolve, reject) =>
      signBytes('sha256', bytes, secret, (error, value) => (error ? reject(error) : resolve(value))),
    )
  }
}
