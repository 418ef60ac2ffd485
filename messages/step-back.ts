// step-back — a thread that works on what is large lets the others of its process go first.
import { setPriority } from 'node:os'

/**
 * Niceness of a thread for large work: it gets what the others leave, and about a tenth of a core where they leave
 * nothing.
 */
const nice = 10

/**
 * Called in the thread itself. On Linux priority is a thread's own; elsewhere it would be the whole process's, so
 * nothing is done there. A machine that does not allow it changes nothing but the waiting of others.
 */
export function stepBack(): void {
  if (process.platform !== 'linux') return
  try {
    setPriority(0, nice)
  } catch {
    // Not allowed: it works as before.
  }
}
