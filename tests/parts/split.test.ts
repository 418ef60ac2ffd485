// split — what a partner may put into one file, and which zips are turned away before they can do harm.
import { describe, expect, test } from 'vitest'
import iconv from 'iconv-lite'
import { ZipFile } from 'yazl'
import { split, type MessagePart, type SplitLimits } from '../../hub/steps/accept/split.js'
import type { Inbound } from '../../messages/inbound.js'

const limits: SplitLimits = { maxBytes: 5_000_000 }
const xml = (text: string) => Buffer.from(`<Declaration><No>${text}</No></Declaration>`)
const inbound = (bytes: Buffer, more: Partial<Inbound> = {}): Inbound => ({
  partnerId: 'p1',
  channel: 'sftp',
  bytes,
  ...more,
})

function zip(files: Record<string, Buffer>, options: { mode?: number; compress?: boolean } = {}): Promise<Buffer> {
  const made = new ZipFile()
  for (const [name, bytes] of Object.entries(files)) made.addBuffer(bytes, name, options)
  made.end()
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    made.outputStream
      .on('data', (chunk: Buffer) => chunks.push(chunk))
      .once('end', () => resolve(Buffer.concat(chunks)))
      .once('error', reject)
  })
}

/**
 * Changes a file name in both headers to another of the same length; how a hostile packer writes what no library would.
 */
function renamed(bytes: Buffer, from: string | Buffer, to: string | Buffer): Buffer {
  const [a, b] = [Buffer.from(from), Buffer.from(to)]
  expect(a.length).toBe(b.length)
  const out = Buffer.from(bytes)
  let found = 0
  for (let at = out.indexOf(a); at >= 0; at = out.indexOf(a, at + 1)) {
    b.copy(out, at)
    found += 1
  }
  expect(found).toBe(2)
  return out
}

/** Offset of the first central directory header (signature PK\1\2). */
const central = (bytes: Buffer) => bytes.indexOf(Buffer.from([0x50, 0x4b, 1, 2]))

async function parts(bytes: Buffer, more: Partial<Inbound> = {}): Promise<MessagePart[]> {
  const result = await split(inbound(bytes, more), limits)
  if ('refused' in result) throw new Error(`refused: ${result.refused.code} ${result.refused.text.en}`)
  return result.parts
}
async function code(bytes: Buffer, more: Partial<Inbound> = {}, lim = limits): Promise<string> {
  const result = await split(inbound(bytes, more), lim)
  return 'refused' in result ? result.refused.code : `${result.parts.length} parts`
}

describe('what is one message and what is several', () => {
  test('a plain file is one message under its own name, bytes untouched', async () => {
    const bytes = xml('1')
    const [only, ...rest] = await parts(bytes, { filename: 'a.xml' })
    expect(rest).toEqual([])
    expect(only).toEqual({ bytes, name: 'a.xml', attachments: [] })
  })

  test('files that came beside a plain message stay its attachments', async () => {
    const attachments = [{ name: 'invoice.pdf', bytes: Buffer.from('%PDF') }]
    expect(await parts(xml('1'), { attachments })).toEqual([{ bytes: xml('1'), attachments }])
  })

  test('a zip with one XML is that message, whatever the XML is called, and all else is attached', async () => {
    const files = {
      '发票.pdf': Buffer.from('%PDF'),
      'other.xml': xml('1'),
      'inner.zip': Buffer.from('PK\u0003\u0004 not opened'),
    }
    const [only, ...rest] = await parts(await zip(files), { filename: 'decl.zip' })
    expect(rest).toEqual([])
    expect(only?.name).toBe('other.xml')
    expect(only?.bytes).toEqual(xml('1'))
    expect(only?.attachments.map((a) => a.name)).toEqual(['发票.pdf', 'inner.zip'])
    expect(only?.attachments[0]?.bytes).toEqual(Buffer.from('%PDF'))
  })

  test('a zip of XMLs alone is a batch in the order of the zip', async () => {
    const batch = await parts(await zip({ 'b.xml': xml('b'), 'a.xml': xml('a'), 'c.XML': xml('c') }), {
      filename: 'batch.zip',
    })
    expect(batch.map((p) => [p.name, p.bytes.toString()])).toEqual([
      ['b.xml', xml('b').toString()],
      ['a.xml', xml('a').toString()],
      ['c.XML', xml('c').toString()],
    ])
  })

  test("among several XMLs and other files, the zip's namesake is the message and the rest is attached", async () => {
    const [only] = await parts(await zip({ 'a.xml': xml('a'), 'decl.xml': xml('d'), 'x.pdf': Buffer.from('p') }), {
      filename: 'Decl.zip',
    })
    expect(only?.name).toBe('decl.xml')
    expect(only?.attachments.map((a) => a.name)).toEqual(['a.xml', 'x.pdf'])
  })

  test('several XMLs and a picture without a namesake is refused: nobody can tell which is the message', async () => {
    const bytes = await zip({ 'a.xml': xml('a'), 'b.xml': xml('b'), 'x.jpg': Buffer.from('j') })
    expect(await code(bytes, { filename: 'decl.zip' })).toBe('HUB_ZIP_NO_MESSAGE')
    expect(await code(bytes, { contentType: 'application/zip' })).toBe('HUB_ZIP_NO_MESSAGE')
  })

  test('a zip without any message is refused, one with an EDIFACT file is not', async () => {
    expect(await code(await zip({ 'x.pdf': Buffer.from('p') }), { filename: 'x.zip' })).toBe('HUB_ZIP_NO_MESSAGE')
    const edi = Buffer.from("UNB+UNOC:3+TEST+CUSTOMS+261123:0900+1'")
    expect((await parts(await zip({ 'x.txt': edi }), { filename: 'x.zip' }))[0]?.bytes).toEqual(edi)
  })

  test('a zip is known by its first bytes too, and a .zip that is none is refused', async () => {
    const bytes = await zip({ 'a.xml': xml('a'), 'b.xml': xml('b') })
    expect(await code(bytes, { filename: 'batch.xml' })).toBe('2 parts')
    expect(await code(xml('a'), { filename: 'a.zip' })).toBe('HUB_ZIP_INVALID')
    expect(await code(xml('a'), { contentType: 'application/zip; charset=binary' })).toBe('HUB_ZIP_INVALID')
  })

  test('file names in GBK, as Chinese Windows packs them, are read right', async () => {
    const gbk = iconv.encode('报关单附件', 'gbk')
    const bytes = renamed(await zip({ 'a.xml': xml('a'), '0123456789': Buffer.from('p') }), '0123456789', gbk)
    // Clear the UTF-8 flag (bit 11) that the packer set, in both central entries.
    for (let at = central(bytes); at >= 0; at = bytes.indexOf(Buffer.from([0x50, 0x4b, 1, 2]), at + 1))
      bytes.writeUInt16LE(bytes.readUInt16LE(at + 8) & ~0x800, at + 8)
    expect((await parts(bytes, { filename: 'a.zip' }))[0]?.attachments[0]?.name).toBe('报关单附件')
  })
})

describe('what is turned away', () => {
  test('nothing, and nothing but white space, is refused as empty', async () => {
    expect(await code(Buffer.alloc(0))).toBe('HUB_EMPTY')
    expect(await code(Buffer.from('\ufeff \r\n'))).toBe('HUB_EMPTY')
    expect(await code(await zip({}), { filename: 'a.zip' })).toBe('HUB_EMPTY')
    expect(await code(Buffer.alloc(0), { filename: 'a.zip' })).toBe('HUB_EMPTY')
  })

  test('an empty file in a batch does not spoil its siblings', async () => {
    expect(
      (await parts(await zip({ 'a.xml': xml('a'), 'b.xml': Buffer.alloc(0) }))).map((p) => p.bytes.length),
    ).toEqual([xml('a').length, 0])
  })

  test('a body above the limit is refused', async () => {
    expect(await code(Buffer.alloc(101, 65), {}, { maxBytes: 100 })).toBe('HUB_TOO_LARGE')
  })

  test.each([
    ['../a.xml', 'climbs out'],
    ['/aa/a.xml', 'is absolute'],
    ['dir/a.xml', 'has a folder'],
    ['dir\\a.xml', 'has a Windows folder'],
    ['C:aaa.xml', 'names a drive'],
    ['aa\u0000a.xml', 'holds a NUL'],
    ['aa\na.xml', 'holds a line break'],
  ])('a name that %j (%s) is unsafe', async (name) => {
    const stand = 'Q'.repeat(Buffer.byteLength(name))
    expect(await code(renamed(await zip({ [stand]: xml('a') }), stand, name), { filename: 'a.zip' })).toBe(
      'HUB_ZIP_UNSAFE',
    )
  })

  test('two files of one name are unsafe, also when only the case differs', async () => {
    expect(await code(await zip({ 'a.xml': xml('1'), 'A.xml': xml('2') }), { filename: 'a.zip' })).toBe(
      'HUB_ZIP_UNSAFE',
    )
    expect(
      await code(renamed(await zip({ 'a.xml': xml('1'), 'b.xml': xml('2') }), 'b.xml', 'a.xml'), { filename: 'a.zip' }),
    ).toBe('HUB_ZIP_UNSAFE')
  })

  test('a symbolic link is unsafe', async () => {
    expect(
      await code(await zip({ 'a.xml': Buffer.from('/etc/passwd') }, { mode: 0o120777 }), { filename: 'a.zip' }),
    ).toBe('HUB_ZIP_UNSAFE')
  })

  test('an encrypted file is refused, saying so', async () => {
    const bytes = await zip({ 'a.xml': xml('1') })
    bytes.writeUInt16LE(bytes.readUInt16LE(central(bytes) + 8) | 1, central(bytes) + 8)
    const result = await split(inbound(bytes), limits)
    expect(result).toMatchObject({
      refused: { code: 'HUB_ZIP_INVALID', text: { en: expect.stringContaining('encrypted') as string } },
    })
  })

  test('a bomb is refused by its ratio without being inflated', async () => {
    expect(await code(await zip({ 'a.xml': Buffer.alloc(4_000_000) }), { filename: 'a.zip' })).toBe('HUB_ZIP_UNSAFE')
  })

  test('files that together exceed the limit are refused as too large', async () => {
    const noise = (seed: number) => Buffer.from(Array.from({ length: 2_000 }, (_, i) => (i * 31 + seed * 17) % 251))
    const bytes = await zip({ 'a.xml': noise(1), 'b.pdf': noise(2) })
    expect(await code(bytes, { filename: 'a.zip' }, { maxBytes: 3_999 })).toBe('HUB_TOO_LARGE')
    expect(await code(bytes, { filename: 'a.zip' }, { maxBytes: 4_100 })).toBe('1 parts')
  })

  test('a zip that lies about its sizes is stopped while inflating', async () => {
    const bytes = await zip({ 'a.xml': Buffer.alloc(900_000, 65) })
    bytes.writeUInt32LE(10, central(bytes) + 24)
    expect(await code(bytes, { filename: 'a.zip' })).toBe('HUB_ZIP_INVALID')
  })

  test('a damaged zip is refused: cut short, flipped bits, or no zip at all', async () => {
    const bytes = await zip({ 'a.xml': xml('1234567890') }, { compress: false })
    expect(await code(bytes.subarray(0, bytes.length - 30), { filename: 'a.zip' })).toBe('HUB_ZIP_INVALID')
    const flipped = Buffer.from(bytes)
    const at = flipped.indexOf('1234567890')
    flipped[at] = 0x32
    expect(await code(flipped, { filename: 'a.zip' })).toBe('HUB_ZIP_INVALID')
  })

  test('a thousand files is the most a zip may hold', async () => {
    const files = (n: number) => Object.fromEntries(Array.from({ length: n }, (_, i) => [`${i}.xml`, xml(String(i))]))
    expect(await code(await zip(files(1000)), { filename: 'a.zip' })).toBe('1000 parts')
    expect(await code(await zip(files(1001)), { filename: 'a.zip' })).toBe('HUB_ZIP_UNSAFE')
  })

  test('no garbage makes it throw', async () => {
    const good = await zip({ 'a.xml': xml('a'), 'b.pdf': Buffer.alloc(3000, 7) })
    let seed = 42
    const random = (below: number) => (seed = (seed * 1103515245 + 12345) % 2147483648) % below
    for (let round = 0; round < 400; round++) {
      const bad = Buffer.from(good)
      for (let n = 0; n < 1 + random(6); n++) bad[random(bad.length)] = random(256)
      const result = await split(inbound(bad, { filename: 'a.zip' }), limits)
      expect('parts' in result || result.refused.code.startsWith('HUB_')).toBe(true)
    }
  })
})
