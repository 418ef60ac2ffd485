// unzip — the files of a zip, or why it is not opened: bombs, paths, links, doubles and ciphers end here, in bounded
// memory.
import { crc32 } from 'node:zlib'
import { fromBuffer, type Entry, type ZipFile } from 'yauzl'
import { fault, HubError, type ErrorCode } from '../../../messages/errors.js'
import type { Fault } from '../../../messages/fault.js'
import { nameFault } from '../../../messages/file-name.js'
import { gather } from '../../../messages/shared-bytes.js'
import { isSystemFile } from '../../../messages/system-file.js'

/** Each of them is looked at before anything is inflated. */
export interface UnzipLimits {
  /** Largest sum of all files once inflated, in bytes. */
  maxBytes: number
  /** Most files in one zip. Default 1000. */
  maxEntries?: number
  /**
   * How much larger than its packed form a file above one megabyte may be. Default 200; deflate itself ends at 1032.
   */
  maxRatio?: number
  /** Asked for room in memory before anything is inflated; may reject. Default: nobody is asked. */
  take?: (bytes: number) => Promise<void> | undefined
}

/** `name` as it stands in the zip, in UTF-8; with folders only where they are allowed. */
export interface ZipEntry {
  name: string
  bytes: Buffer
}

/** Thrown inside this file only; becomes the refusal. */
class Refused extends Error {
  readonly fault: Fault
  constructor(code: ErrorCode, values: Record<string, string | number> = {}) {
    super(code)
    this.fault = fault(code, values)
  }
}

/**
 * Every file of the zip in its own order, or the fault that stands against opening it. Never rejects for what the bytes
 * are, only where `take` does.
 */
export async function unzip(bytes: Buffer, limits: UnzipLimits): Promise<{ entries: ZipEntry[] } | { refused: Fault }> {
  try {
    return { entries: await readAll(bytes, { maxEntries: 1000, maxRatio: 200, take: () => undefined, ...limits }) }
  } catch (error) {
    if (error instanceof HubError) throw error
    if (error instanceof Refused) return { refused: error.fault }
    return { refused: fault('HUB_ZIP_INVALID', { detail: error instanceof Error ? error.message : String(error) }) }
  }
}

async function readAll(bytes: Buffer, limits: Required<UnzipLimits>): Promise<ZipEntry[]> {
  const zip = await open(bytes)
  if (zip.entryCount > limits.maxEntries)
    throw new Refused('HUB_ZIP_UNSAFE', { detail: `more than ${limits.maxEntries} files` })
  // The whole directory is judged before a byte is inflated.
  const listed = await list(zip, limits.maxEntries)
  const names = new Set<string>()
  let declared = 0
  const files = listed.flatMap((entry) => {
    if (isSystemFile(decodeName(entry))) return []
    const name = safeName(entry)
    const key = name.normalize('NFC').toLowerCase()
    if (names.has(key)) throw new Refused('HUB_ZIP_UNSAFE', { detail: `two files are named ${name}` })
    names.add(key)
    judge(entry, name, limits)
    declared += entry.uncompressedSize
    if (declared > limits.maxBytes) throw new Refused('HUB_TOO_LARGE', { limit: limits.maxBytes })
    return [{ name, entry }]
  })
  await limits.take(declared)
  // What the directory declares may be a lie: yauzl stops at the declared size, and inflating counts again.
  const out: ZipEntry[] = []
  let room = limits.maxBytes
  for (const { name, entry } of files) {
    const { content, sum } = await inflate(zip, entry, { room, limit: limits.maxBytes })
    if (sum !== entry.crc32) throw new Refused('HUB_ZIP_INVALID', { detail: `${name} is damaged (CRC-32)` })
    room -= content.length
    out.push({ name, bytes: content })
  }
  return out
}

function open(bytes: Buffer): Promise<ZipFile> {
  return new Promise((resolve, reject) => {
    fromBuffer(bytes, { lazyEntries: true, decodeStrings: false, validateEntrySizes: true }, (error, zip) =>
      error ? reject(error) : resolve(zip),
    )
  })
}

function list(zip: ZipFile, maxEntries: number): Promise<Entry[]> {
  return new Promise((resolve, reject) => {
    const entries: Entry[] = []
    zip.on('entry', (entry: Entry) => {
      if (entries.push(entry) > maxEntries)
        reject(new Refused('HUB_ZIP_UNSAFE', { detail: `more than ${maxEntries} files` }))
      else zip.readEntry()
    })
    zip.once('end', () => resolve(entries))
    zip.once('error', reject)
    zip.readEntry()
  })
}

/**
 * Throws for an entry that must not be opened. Unix file types: APPNOTE 4.4.15, the high half of the external
 * attributes.
 */
function judge(entry: Entry, name: string, { maxRatio }: Required<UnzipLimits>): void {
  const type = (entry.externalFileAttributes >>> 16) & 0o170000
  if (type === 0o120000) throw new Refused('HUB_ZIP_UNSAFE', { detail: `${name} is a symbolic link` })
  if (type !== 0 && type !== 0o100000) throw new Refused('HUB_ZIP_UNSAFE', { detail: `${name} is not a plain file` })
  if (entry.isEncrypted()) throw new Refused('HUB_ZIP_INVALID', { detail: `${name} is encrypted` })
  if (entry.compressionMethod !== 0 && entry.compressionMethod !== 8) {
    throw new Refused('HUB_ZIP_INVALID', {
      detail: `${name} is packed with method ${entry.compressionMethod}; use deflate`,
    })
  }
  if (entry.uncompressedSize > 1_048_576 && entry.uncompressedSize > entry.compressedSize * maxRatio) {
    throw new Refused('HUB_ZIP_UNSAFE', { detail: `${name} inflates more than ${maxRatio} times` })
  }
}

/** `room`: what is left of the `limit` for all entries together. */
function inflate(
  zip: ZipFile,
  entry: Entry,
  { room, limit }: { room: number; limit: number },
): Promise<{ content: Buffer; sum: number }> {
  return new Promise((resolve, reject) => {
    zip.openReadStream(entry, (error, stream) => {
      if (error) return reject(error)
      const gathered = gather({ expected: Math.min(entry.uncompressedSize, room), most: room })
      let sum = 0
      stream.on('data', (chunk: Buffer) => {
        if (gathered.size + chunk.length <= room) {
          sum = crc32(chunk, sum)
          return gathered.push(chunk)
        }
        stream.destroy()
        reject(new Refused('HUB_TOO_LARGE', { limit }))
      })
      stream.once('error', reject)
      stream.once('end', () => resolve({ content: gathered.whole(), sum }))
    })
  })
}

/** The entry's name, decoded and harmless: one path segment that every system an agency may run can store. */
function safeName(entry: Entry): string {
  const name = decodeName(entry)
  const bad = nameFault(name)
  if (bad) throw new Refused('HUB_ZIP_UNSAFE', { detail: bad.slice(0, 200).replace(/[^\P{Cc}]|\p{Cf}/gu, '?') })
  return name
}

/**
 * UTF-8 when flagged (APPNOTE 4.4.4, bit 11) or when it reads as UTF-8; else GBK, which Chinese Windows writes
 * unflagged.
 */
function decodeName(entry: Entry): string {
  const raw = entry.fileNameRaw
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(raw)
  } catch {
    if (entry.generalPurposeBitFlag & 0x800)
      throw new Refused('HUB_ZIP_INVALID', { detail: 'a name is not UTF-8 although flagged so' })
  }
  try {
    return new TextDecoder('gb18030', { fatal: true }).decode(raw)
  } catch {
    throw new Refused('HUB_ZIP_INVALID', { detail: 'a name is neither UTF-8 nor GBK' })
  }
}
