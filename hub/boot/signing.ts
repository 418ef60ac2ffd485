// signing — the keys that sign for customs, the thread that makes and reads XML signatures, and the key that signs
// receipts.
import { createReceiptSigner } from '../../adapters/trust/receipt-signatures.js'
import { ConfigError } from '../config/config-error.js'
import { receiptKeyFile } from '../config/receipt-key-file.js'
import { createSignatures } from '../trust/signatures.js'
import { createSigners } from '../trust/signers.js'
import type { Start } from './start.js'

/** Canonical XML of the largest message, a few times over. */
const memoryMb = 512

export type Signing = Awaited<ReturnType<typeof startSigning>>

/** @throws ConfigError: receipts are to be signed, and the file of the keys is none */
export async function startSigning({ config, env, log, life }: Start) {
  const signatures = life.started(createSignatures({ memoryMb }), (s) => s.close())
  const signers = life.started(createSigners({ settings: config.signers, env, signatures, log }), (s) => s.close())
  // A thread of its own, so that what comes in never holds up what goes out; it starts when it is needed.
  const verifying = life.started(createSignatures({ memoryMb }), (s) => s.close())
  const receipts =
    config.signReceipts &&
    (await createReceiptSigner({
      keyFile: receiptKeyFile(config),
      trouble: (err) => log.error({ err }, 'keys of receipts not read again; those of before go on'),
    }).catch((error: unknown) => {
      throw new ConfigError([`signReceipts: ${error instanceof Error ? error.message : String(error)}`])
    }))
  return { signatures, signers, verifying, receipts }
}
