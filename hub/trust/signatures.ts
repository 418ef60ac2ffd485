// signatures — XML signatures made and read in a thread of their own, one after another.
import { existsSync } from 'node:fs'
import type { KeyKind } from '../../adapters/trust/algorithms.js'
import { createOneThread } from '../base/one-thread.js'
import type { RegisteredCertificate } from '../../messages/signing-certificates.js'
import type { SignatureThreadInput, SignatureThreadOutput } from './signature-thread.js'
import type { Verified } from './verify-signature.js'

/** What the signature thread does, as functions of the main thread. */
export interface Signatures {
  /**
   * A message that is not signed yet, made ready for a key of this kind.
   * @throws UnsignableError, when a signature cannot be put into it, now or ever
   */
  prepare(
    bytes: Uint8Array,
    by: { kind: KeyKind; keyName: string; certificate?: string },
  ): Promise<{ signedInfo: Buffer; complete: (value: Buffer) => Buffer }>
  /** By `certificates`, of which one must have signed. `inner`: path of the element that holds it as base64. */
  verify(
    bytes: Uint8Array,
    by: { certificates: readonly RegisteredCertificate[]; now: Date; inner?: string | undefined },
  ): Promise<Verified>
  close(): Promise<void>
}

/** No signature can be put into this message. */
export class UnsignableError extends Error {
  override name = 'UnsignableError'
}

/** Its thread starts with the first message. */
export function createSignatures({
  memoryMb,
  deadlineMs = 30_000,
}: {
  memoryMb: number
  deadlineMs?: number
}): Signatures {
  const thread = createOneThread<SignatureThreadInput, SignatureThreadOutput>({
    file: threadFile(),
    memoryMb,
    deadlineMs,
  })

  async function ask(input: SignatureThreadInput): Promise<SignatureThreadOutput> {
    return thread.inLine(async () => {
      try {
        return await thread.ask(input)
      } catch (error) {
        // It may still be at it: the next one gets a thread of its own.
        if (!thread.closed) await thread.end()
        throw error
      }
    })
  }
  const unexpected = (said: SignatureThreadOutput): never => {
    if (said.made === 'nothing') throw said.form ? new UnsignableError(said.why) : new Error(said.why)
    throw new Error(`the thread of signatures said ${said.made}`)
  }

  return {
    async prepare(bytes, by) {
      const said = await ask({ ask: 'prepare', bytes, ...by })
      if (said.made !== 'prepared') return unexpected(said)
      return {
        signedInfo: Buffer.from(said.signedInfo),
        complete: (value) => Buffer.concat([said.before, Buffer.from(value.toString('base64'), 'latin1'), said.after]),
      }
    },
    async verify(bytes, { certificates, now, inner }) {
      const where = inner === undefined ? {} : { inner }
      const said = await ask({ ask: 'verify', bytes, certificates, now: now.getTime(), ...where })
      return said.made === 'verified' ? said.verified : unexpected(said)
    },
    close: () => thread.close(),
  }
}

/** The built thread, also when this file itself runs from its source, as under the tests. */
function threadFile(): URL {
  const beside = new URL('./signature-thread.js', import.meta.url)
  return existsSync(beside) ? beside : new URL('../../dist/hub/trust/signature-thread.js', import.meta.url)
}
