// sha256 — digests of bytes in the main thread, with turns for others.
import { createHash, type Hash } from 'node:crypto'
import { createTurn, type Turn } from '../../messages/turns.js'

/** After so many bytes others have their turn. */
const hashedAtOnce = 1 << 20

/** Of these bytes, one after another. */
export async function sha256(...pieces: Buffer[]): Promise<string> {
  const hash = createHash('sha256')
  const turn = createTurn()
  for (const bytes of pieces) await hashed(hash, bytes, turn)
  return hash.digest('hex')
}

/** Adds the bytes to the hash and gives it back; others have their turn after each megabyte. */
export async function hashed(hash: Hash, bytes: Buffer, turn: Turn): Promise<Hash> {
  for (let at = 0; at < bytes.length; at += hashedAtOnce) {
    hash.update(bytes.subarray(at, at + hashedAtOnce))
    await turn()
  }
  return hash
}
