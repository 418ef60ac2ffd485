// one-file-zip — the only file of a zip, at once and in bounded memory. Some channels zip the message before they put
// it into an envelope as base64; what the doors take as a zip of several files is another matter
// (hub/steps/accept/unzip.ts).
import { crc32, inflateRawSync } from 'node:zlib'

const END = 0x06054b50
const DIRECTORY = 0x02014b50
const LOCAL = 0x04034b50
const END_SIZE = 22
const ENCRYPTED = 1
const [STORED, DEFLATED] = [0, 8]

/** Whether the bytes begin as a zip does. */
export const looksZipped = (bytes: Buffer): boolean => bytes.length > END_SIZE && bytes.readUInt32LE(0) === LOCAL

/**
 * The file in a zip that holds exactly one; undefined for any other zip, for one that is enciphered, damaged or not
 * what it declares, and for a file of more than `most` bytes.
 */
export function onlyFileOf(zip: Buffer, most: number): Buffer | undefined {
  const end = zip.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]))
  if (end < 0 || zip.length < end + END_SIZE || zip.readUInt32LE(end) !== END || zip.readUInt16LE(end + 10) !== 1)
    return undefined
  const entry = zip.readUInt32LE(end + 16)
  if (entry + 46 > end || zip.readUInt32LE(entry) !== DIRECTORY) return undefined
  const [flags, method, crc, packed, size, local] = [
    zip.readUInt16LE(entry + 8),
    zip.readUInt16LE(entry + 10),
    zip.readUInt32LE(entry + 16),
    zip.readUInt32LE(entry + 20),
    zip.readUInt32LE(entry + 24),
    zip.readUInt32LE(entry + 42),
  ]
  if ((flags & ENCRYPTED) !== 0 || size > most || local + 30 > entry || zip.readUInt32LE(local) !== LOCAL)
    return undefined
  // The local header has name and extra field of its own length; sizes may stand only in the directory.
  const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28)
  if (start + packed > entry) return undefined
  const file = unpacked(zip.subarray(start, start + packed), method, size)
  return file?.length === size && crc32(file) === crc ? file : undefined
}

function unpacked(bytes: Buffer, method: number, size: number): Buffer | undefined {
  if (method === STORED) return bytes
  if (method !== DEFLATED) return undefined
  try {
    return inflateRawSync(bytes, { maxOutputLength: Math.max(size, 1) })
  } catch {
    return undefined
  }
}
