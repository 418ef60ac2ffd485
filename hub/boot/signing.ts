// signing — the keys that sign for customs, and the thread that makes and reads XML signatures.
import { createSignatures } from '../trust/signatures.js'
import { createSigners } from '../trust/signers.js'
import type { Start } from './start.js'

/** Canonical XML of the largest message, a few times over. */
const memoryMb = 512

export type Signing = ReturnType<typeof startSigning>

export function startSigning({ config, env, log, life }: Start) {
  const signatures = life.started(createSignatures({ memoryMb }), (s) => s.close())
  const signers = life.started(createSigners({ settings: config.signers, env, signatures, log }), (s) => s.close())
  // A thread of its own, so that what comes in never holds up what goes out; it starts when it is needed.
  const verifying = life.started(createSignatures({ memoryMb }), (s) => s.close())
  return { signatures, signers, verifying }
}
