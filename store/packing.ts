// packing — large bytes are kept compressed where that pays: made and undone off the main thread, and what comes back is what came.
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'

const [zip, unzip] = [promisify(gzip), promisify(gunzip)]

/** Below it compressing costs more of a message's time than the disk it saves: a third of all that taking a 12 KB message takes. */
const leastBytes = 64 * 1024
/** What does not become a tenth smaller stays as it is. */
const worthwhile = 0.9

/** Bytes as they are kept; `packed`: gzip of what they were. */
export interface KeptForm {
  bytes: Buffer
  packed: number
}

export const worthPacking = ({ length }: Uint8Array): boolean => length >= leastBytes

export async function pack(bytes: Buffer): Promise<KeptForm> {
  const small = worthPacking(bytes) ? await zip(bytes, { level: 1 }) : bytes
  return small.length < bytes.length * worthwhile ? { bytes: small, packed: 1 } : { bytes, packed: 0 }
}

/** @throws Error (of gzip: its own checksum is looked at) when they are not what was kept */
export const unpack = ({ bytes, packed }: KeptForm): Promise<Buffer> | Buffer => (packed === 1 ? unzip(bytes) : bytes)
