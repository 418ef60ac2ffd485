// fuzz — bytes that are no interchange, or no longer one: the reader answers every one of them, soon and without
// keeping it. EDIFACT_SEED repeats a run, EDIFACT_ROUNDS lengthens it (`npm run test:edifact`).
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { beforeAll, describe, expect, test } from 'vitest'
import { type CharsetName } from '../../../messages/edifact/charset.js'
import { hubFault } from '../../../messages/edifact/hub-fault.js'
import { InterchangeReader, type ReaderEvent } from '../../../messages/edifact/reader.js'
import { messageToXml } from '../../../messages/edifact/to-xml.js'
import { directories } from '../../support/edifact.js'
import { root } from '../../support/hub.js'
import { Random, seedOf } from '../../support/seeded.js'

const seed = seedOf(process.env['EDIFACT_SEED'])
const rounds = Number(process.env['EDIFACT_ROUNDS'] ?? 1)
const dir = join(root, 'xsd/families/edifact/samples')
const samples = readdirSync(dir)
  .filter((file) => file.endsWith('.edi'))
  .map((file) => readFileSync(join(dir, file)))

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

const held = () => {
  const { heapUsed, external } = process.memoryUsage()
  return (heapUsed + external) / 2 ** 20
}

/**
 * Megabytes held now. Buffers that nobody holds any more are given back a little after the collector ran: the least of
 * several looks is meant.
 */
async function heldAtLeast(enough = -Infinity, looks = 20): Promise<number> {
  let least = Infinity
  for (let look = 0; look < looks && least > enough; look++) {
    collect()
    await new Promise((resolve) => setImmediate(resolve))
    least = Math.min(least, held())
  }
  return least
}

/**
 * What rounds may leave behind, in megabytes, however many they are: the tables of a release that a flipped bit named
 * for the first time.
 */
const mostKept = 5

/**
 * Reads, checks and turns into XML whatever comes out. Every input ends in at least one `end`, and each fault says
 * where it is.
 */
function swallow(bytes: Uint8Array, random: Random, charset?: CharsetName): { ends: number; messages: number } {
  const reader = new InterchangeReader(charset ? { charset } : {})
  let ends = 0
  let messages = 0
  const take = (event: ReaderEvent) => {
    const faults =
      event.kind === 'end'
        ? event.faults
        : event.kind === 'message'
          ? messageToXml(event.message, directories()).faults
          : []
    if (event.kind === 'end') ends++
    if (event.kind === 'message') messages++
    for (const fault of faults) {
      const { code, path, line, text } = hubFault(fault)
      if (!/^HUB_EDI_/.test(code) || typeof path !== 'string' || !(line! >= 1) || text.zh === '' || text.en === '')
        throw new Error(`a fault without its place: ${JSON.stringify(fault)}`)
    }
  }
  const size = random.pick([1, 9, 64, 1000, 70_000])
  for (let at = 0; at < bytes.length; at += size)
    for (const event of reader.push(bytes.subarray(at, at + size))) take(event)
  for (const event of reader.end()) take(event)
  return { ends, messages }
}

const separators = ["'", '+', ':', '?', '*', 'A', 'UNH', 'UNT', 'UNZ', 'UNB', 'UNA', 'BGM', '\n', ' ']

const spoilers: Record<string, (random: Random) => Uint8Array> = {
  'random bytes': (random) => Buffer.from(Array.from({ length: random.int(0, 3000) }, () => random.int(0, 255))),
  'random bytes behind a header': (random) =>
    Buffer.concat([
      Buffer.from(
        `UNA:+.?*'UNB+${random.pick(['UNOA', 'UNOC', 'UNOW', 'UNOY', 'UNOX', ''])}:` +
          `${random.int(0, 9)}+A+B+260131:1200+1'` +
          `UNH+1+${random.pick(['CUSCAR:D:95B:UN', 'BAPLIE:D:13B:UN', '::::', 'CONTRL:4:1:UN'])}'`,
      ),
      Buffer.from(Array.from({ length: random.int(0, 3000) }, () => random.int(0, 255))),
    ]),
  'separators in any order': (random) =>
    Buffer.from(
      `UNB+UNOA:${random.int(1, 4)}+A+B+260131:1200+1'UNH+1+CUSCAR:D:95B:UN'` +
        Array.from({ length: random.int(0, 2000) }, () => random.pick(separators)).join(''),
    ),
  'a sample cut short': (random) => {
    const whole = random.pick(samples)
    return whole.subarray(0, random.int(0, whole.length - 1))
  },
  'a sample whose beginning is gone': (random) => {
    const whole = random.pick(samples)
    return whole.subarray(random.int(1, whole.length))
  },
  'a sample with flipped bits': (random) => {
    const bytes = Buffer.from(random.pick(samples))
    for (let i = random.int(1, 20); i > 0; i--) {
      const at = random.int(0, bytes.length - 1)
      bytes[at] = bytes[at]! ^ (1 << random.int(0, 7))
    }
    return bytes
  },
  'a sample with pieces of others in it': (random) => {
    const whole = random.pick(samples)
    const other = random.pick(samples)
    const at = random.int(0, whole.length)
    const from = random.int(0, other.length)
    return Buffer.concat([whole.subarray(0, at), other.subarray(from, from + random.int(0, 500)), whole.subarray(at)])
  },
  'a sample as UTF-16': (random) =>
    Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(random.pick(samples).toString('latin1'), 'utf16le')]),
}

describe(`bytes that are no interchange (EDIFACT_SEED=${seed})`, () => {
  // The tables of every release that samples name, unfolded once, are not what this is about.
  beforeAll(() => {
    const random = new Random(1)
    for (const bytes of samples) swallow(bytes, random)
  })

  test.each(Object.keys(spoilers))(
    '%s are answered, each within two seconds of processor, and nothing of them is kept',
    async (name) => {
      const random = new Random(seed)
      const make = spoilers[name]!
      let slowest = 0
      const before = await heldAtLeast(-Infinity, 3)
      for (let round = 0; round < 100 * rounds; round++) {
        const bytes = make(random)
        const began = process.cpuUsage()
        const { ends } = swallow(
          bytes,
          random,
          random.chance(0.2) ? random.pick<CharsetName>(['gb18030', 'big5', 'utf-8', 'iso-8859-15']) : undefined,
        )
        slowest = Math.max(slowest, process.cpuUsage(began).user / 1000)
        expect(ends, `round ${round}`).toBeGreaterThan(0)
      }
      expect(slowest).toBeLessThan(2000)
      expect((await heldAtLeast(before + mostKept)) - before).toBeLessThanOrEqual(mostKept)
    },
    300_000 * rounds,
  )

  const hostile: Record<string, () => { piece: Buffer; times: number }> = {
    'a segment without end': () => ({ piece: Buffer.from('A'.repeat(65_536)), times: 120 }),
    'separators without end': () => ({ piece: Buffer.from('+:'.repeat(32_768)), times: 120 }),
    'blanks without end': () => ({ piece: Buffer.from(`'${'\r\n'.repeat(32_768)}`), times: 120 }),
    'release characters without end': () => ({ piece: Buffer.from('?'.repeat(65_536)), times: 120 }),
    'segments that belong nowhere': () => ({ piece: Buffer.from("QQQ+1:2:3+?'++'".repeat(4000)), times: 40 }),
    'empty segments': () => ({ piece: Buffer.from("'".repeat(60_000)), times: 10 }),
    'trailers without header': () => ({ piece: Buffer.from("UNT+1+1'".repeat(4000)), times: 40 }),
    'messages of one segment': () => ({ piece: Buffer.from("UNH+1+CUSCAR:D:95B:UN'UNT+2+1'".repeat(2000)), times: 20 }),
    'interchanges of nothing': () => ({
      piece: Buffer.from("UNZ+0+1'UNB+UNOA:3+A+B+260131:1200+1'".repeat(1500)),
      times: 20,
    }),
  }
  test.each(Object.keys(hostile))('%s cost neither time nor memory', (name) => {
    const { piece, times } = hostile[name]!()
    const reader = new InterchangeReader()
    const began = process.cpuUsage()
    let most = 0
    let faults = 0
    collect()
    const before = process.memoryUsage()
    const take = (event: ReaderEvent) => {
      if (event.kind === 'end') faults += event.faults.length
      if (event.kind === 'message') faults += event.message.faults.length
    }
    for (const event of reader.push(Buffer.from("UNB+UNOA:3+A+B+260131:1200+1'UNH+1+CUSCAR:D:95B:UN'"))) take(event)
    for (let i = 0; i < times; i++) {
      for (const event of reader.push(piece)) take(event)
      if (i % 10 !== 9) continue
      collect()
      const now = process.memoryUsage()
      most = Math.max(most, now.heapUsed + now.external - before.heapUsed - before.external)
    }
    for (const event of reader.end()) take(event)
    expect(faults).toBeGreaterThan(0)
    expect(most / 2 ** 20).toBeLessThan(250)
    expect(process.cpuUsage(began).user / 1000).toBeLessThan(10_000)
  })
})
