// sha256 — digests of bytes in the main thread, with turns for others.
import { createHash } from 'node:crypto'
import { hashInTurns } from '../../messages/hash-in-turns.js'
import { createTurn } from '../../messages/turns.js'

/** Of these bytes, one after another; hexadecimal. */
export async function sha256(...pieces: Buffer[]): Promise<string> {
  const hash = createHash('sha256')
  const turn = createTurn()
  for (const bytes of pieces) {
    await hashInTurns(hash, bytes, turn)
    await turn()
  }
  return hash.digest('hex')
}
