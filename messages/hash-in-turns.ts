// hash-in-turns — a digest of many bytes in a thread that others need too.
import type { Hash } from 'node:crypto'
import type { Turn } from './turns.js'

/** After this many bytes others have their turn. */
const hashedAtOnce = 1 << 20

/** Adds the bytes to the hash, and gives it back. What is small is hashed in the same turn. */
export async function hashInTurns(hash: Hash, bytes: Uint8Array, turn: Turn): Promise<Hash> {
  for (let at = 0; at < bytes.length; at += hashedAtOnce) {
    if (at > 0) await turn()
    hash.update(bytes.subarray(at, at + hashedAtOnce))
  }
  return hash
}
