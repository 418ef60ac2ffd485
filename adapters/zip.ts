// zip — the message and its attachments in one file, `<base>.zip` with `<base>.xml` first (PKWARE APPNOTE 6.3: local
// headers, central directory). The same submission makes the same bytes every time: no clock goes in.
import { promisify } from 'node:util'
import { crc32, deflateRaw } from 'node:zlib'

/** `name` with `/` between folders, in UTF-8. */
export interface ZipMember {
  name: string
  bytes: Buffer
}

const UTF8_NAMES = 0x0800
const VERSION = 20
/** 1 January 1980, the first day MS-DOS knows. */
const NO_DATE = 0x0021
const DEFLATED = 8

const pack = promisify(deflateRaw)

/** @throws RangeError beyond 4 GiB or 65,535 files: such a zip needs a form old readers do not know. */
export async function zip(members: readonly ZipMember[]): Promise<Buffer> {
  const packed: PackedMember[] = []
  for (const member of members) packed.push({ ...member, packed: await pack(member.bytes) })
  return zipOfPacked(packed)
}

/** With its bytes deflated. */
interface PackedMember extends ZipMember {
  packed: Buffer
}

/** A zip of members that are deflated already. */
export function zipOfPacked(members: readonly PackedMember[]): Buffer {
  if (members.length > 0xffff) throw new RangeError(`${members.length} files are too many for one zip`)
  const locals: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const { name, bytes, packed } of members) {
    const path = Buffer.from(name)
    const head = Buffer.alloc(26)
    head.writeUInt16LE(VERSION, 0)
    head.writeUInt16LE(UTF8_NAMES, 2)
    head.writeUInt16LE(DEFLATED, 4)
    head.writeUInt16LE(NO_DATE, 8)
    head.writeUInt32LE(crc32(bytes), 10)
    head.writeUInt32LE(packed.length, 14)
    head.writeUInt32LE(bytes.length, 18)
    head.writeUInt16LE(path.length, 22)
    locals.push(signature(0x04034b50), head, path, packed)
    const tail = Buffer.alloc(14)
    tail.writeUInt32LE(offset, 10)
    directory.push(signature(0x02014b50), short(VERSION), head, tail, path)
    offset += 30 + path.length + packed.length
    if (offset > 0xffffffff) throw new RangeError('more than 4 GiB in one zip')
  }
  const central = Buffer.concat(directory)
  const end = Buffer.alloc(18)
  end.writeUInt16LE(members.length, 4)
  end.writeUInt16LE(members.length, 6)
  end.writeUInt32LE(central.length, 8)
  end.writeUInt32LE(offset, 12)
  return Buffer.concat([...locals, central, signature(0x06054b50), end])
}

function signature(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

function short(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16LE(value)
  return bytes
}
