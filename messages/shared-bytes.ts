// shared-bytes — memory for what is large: all threads of the process read the same bytes, so that handing them over
// copies nothing and makes no garbage. Whoever has such bytes never writes into them.

/** From here on bytes are worth sharing. */
export const sharedFrom = 1024 * 1024

/**
 * Where they are made, a half is counted: there a collection holds up everybody, and every second body would cause one.
 */
const countedOf = 2

/**
 * What is larger than this the system gives page by page as it is written to (the most that M_MMAP_THRESHOLD grows to,
 * mallopt(3)); of what is smaller, used memory is wiped first, all at once.
 */
const givenByPages = 32 * 1024 * 1024 + 1
const wipedAtOnce = 4 * 1024 * 1024

/** An empty piece of memory of this size, shared where it is large. */
function memoryOf(size: number): Buffer {
  if (size < sharedFrom) return Buffer.allocUnsafe(size)
  const memory = new SharedArrayBuffer(size > wipedAtOnce ? Math.max(size, givenByPages) : size)
  return Buffer.from(counted(memory, Math.ceil(size / countedOf)), 0, size)
}

const counts = Symbol('what the garbage collector counts')
/**
 * A thread's garbage collector does not count shared memory, and would not run for it: each thread that holds some
 * holds memory of its own beside it, which is counted and, never being written to, costs none.
 */
function counted(memory: SharedArrayBuffer & { [counts]?: ArrayBuffer }, size: number): SharedArrayBuffer {
  memory[counts] ??= new (ArrayBuffer as new (size: number, options: { maxByteLength: number }) => ArrayBuffer)(size, {
    maxByteLength: size,
  })
  return memory
}

/** Do other threads read these very bytes when they are sent to them? */
export const isShared = (bytes: Uint8Array): boolean => bytes.buffer instanceof SharedArrayBuffer

/** To be called in the thread that was sent them. */
export function arrived(bytes: Uint8Array): void {
  if (bytes.buffer instanceof SharedArrayBuffer) counted(bytes.buffer, bytes.buffer.byteLength)
}

/** Pieces that come one after another and become one. */
interface Gathering {
  /** @throws RangeError when there are more than `most` bytes */
  push(piece: Uint8Array): void
  readonly size: number
  /** All of it; nothing is pushed afterwards. */
  whole(): Buffer
}

/**
 * Each piece is copied when it comes, so that there is no moment at which all are.
 *
 * @param expected the size, where it is known
 * @param most bytes. Of memory that is asked for and not written to, the system gives nothing.
 */
export function gather({ expected, most }: { expected?: number | undefined; most: number }): Gathering {
  let size = 0
  let memory = expected === undefined ? Buffer.alloc(0) : memoryOf(Math.min(expected, most))

  function grow(least: number): void {
    const larger = memoryOf(least < sharedFrom ? Math.min(most, Math.max(least, memory.length * 2, 4096)) : most)
    larger.set(memory.subarray(0, size))
    memory = larger
  }

  return {
    push(piece) {
      const after = size + piece.length
      if (after > most) throw new RangeError(`more than ${most} bytes`)
      if (after > memory.length) grow(after)
      memory.set(piece, size)
      size = after
    },
    get size() {
      return size
    },
    whole: () => memory.subarray(0, size),
  }
}
