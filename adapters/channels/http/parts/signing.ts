// signing — the keys that sign for customs, and the agents beside them.
import type { SignerView } from '../../../../messages/signer-view.js'

/** @see [buildHttpDoor](../../../../hub/boot/http.ts) */
export interface SigningParts {
  signers: () => SignerView[]
  /** By the token an agent shows. */
  signAgent: (token: string) =>
    | {
        next: (waitMs: number, signal: AbortSignal) => Promise<{ id: string; bytes: string } | undefined>
        done: (id: string, value: Buffer) => boolean
        failed: (id: string, why: string) => boolean
        lost: (id: string) => void
      }
    | undefined
}
