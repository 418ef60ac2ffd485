// pack-thread — the thread that compresses what is large, one after another, and lets everybody else go first.
import { parentPort } from 'node:worker_threads'
import { gzipSync } from 'node:zlib'
import { arrived } from '../messages/shared-bytes.js'
import { stepBack } from '../messages/step-back.js'

/** `id` comes back with the answer; `level` is that of deflate, 1 to 9. */
export interface PackAsked {
  id: number
  bytes: Uint8Array
  level: number
}
/** The compressed bytes, or why there are none. */
export type PackSaid = { id: number; bytes: Uint8Array } | { id: number; failed: string }

stepBack()
parentPort!.on('message', ({ id, bytes, level }: PackAsked) => {
  arrived(bytes)
  try {
    // Of its own: what is handed over is not a view of something larger.
    const packed = new Uint8Array(gzipSync(bytes, { level }))
    parentPort!.postMessage({ id, bytes: packed } satisfies PackSaid, [packed.buffer])
  } catch (error) {
    parentPort!.postMessage({ id, failed: String(error) } satisfies PackSaid)
  }
})
