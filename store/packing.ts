// packing — large bytes are kept compressed where that pays: made and undone off the main thread, and what comes back
// is what came.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import { gunzip, gzip } from 'node:zlib'
import { isShared, sharedFrom } from '../messages/shared-bytes.js'
import type { PackAsked, PackSaid } from './pack-thread.js'

const [zip, unzip] = [promisify(gzip), promisify(gunzip)]

/**
 * Below it compressing costs more of a message's time than the disk it saves: a third of all that taking a 12 KB
 * message takes.
 */
const leastBytes = 64 * 1024
/** What does not become a tenth smaller stays as it is. */
const worthwhile = 0.9
const level = 1

/**
 * Bytes as they are kept; `packed` 1: gzip of what they were. 2 and 3: the same in an object store, and `bytes` is the
 * object's name (payloads/payloads.ts).
 */
export interface KeptForm {
  bytes: Buffer
  packed: number
  /** Of the object. */
  size?: number
}

/** Short bytes are kept as they came: packing them costs more than it saves. */
export const worthPacking = ({ length }: Uint8Array): boolean => length >= leastBytes

/** Compressed where that saves enough; `packed` says which (0: as they came). */
export async function pack(bytes: Buffer): Promise<KeptForm> {
  if (!worthPacking(bytes)) return { bytes, packed: 0 }
  const small = bytes.length >= sharedFrom && isShared(bytes) ? await zipAside(bytes) : await zip(bytes, { level })
  return small.length < bytes.length * worthwhile ? { bytes: small, packed: 1 } : { bytes, packed: 0 }
}

/** @throws Error (of gzip: its own checksum is looked at) when they are not what was kept */
export const unpack = ({ bytes, packed }: KeptForm): Promise<Buffer> | Buffer => (packed === 1 ? unzip(bytes) : bytes)

let thread: Worker | undefined
let asked = 0
const waiting = new Map<number, { resolve: (bytes: Buffer) => void; reject: (error: Error) => void }>()

/** In a thread that lets others go first. When it fails, the usual way: a message is not lost for want of a thread. */
async function zipAside(bytes: Buffer): Promise<Buffer> {
  try {
    return await new Promise<Buffer>((resolve, reject) => {
      const id = ++asked
      waiting.set(id, { resolve, reject })
      started().postMessage({ id, bytes, level } satisfies PackAsked)
    })
  } catch {
    return zip(bytes, { level })
  }
}

function started(): Worker {
  if (thread) return thread
  const worker = (thread = new Worker(workerFile()))
  const over = (error: Error) => {
    if (thread === worker) thread = undefined
    for (const { reject } of waiting.values()) reject(error)
    waiting.clear()
  }
  worker.on('message', (said: PackSaid) => {
    const one = waiting.get(said.id)
    waiting.delete(said.id)
    if ('failed' in said) one?.reject(new Error(said.failed))
    else one?.resolve(Buffer.from(said.bytes.buffer))
  })
  worker.on('error', over)
  worker.on('exit', () => over(new Error('the thread ended')))
  worker.unref()
  return worker
}

/**
 * The built thread, also when this file itself runs from its source, as under the tests: a thread cannot load
 * TypeScript.
 */
function workerFile(): string {
  const beside = fileURLToPath(new URL('./pack-thread.js', import.meta.url))
  return existsSync(beside) ? beside : fileURLToPath(new URL('../dist/bundle/pack-thread.js', import.meta.url))
}
