// random — what is written is what is read, for messages nobody thought of; and what is spoilt is refused, at the place
// where it was spoilt. EDIFACT_SEED repeats a run, EDIFACT_ROUNDS lengthens it (`npm run test:edifact`).
import { describe, expect, test } from 'vitest'
import { bindingElements } from '../../../messages/edifact/directory/codes.js'
import { type ComponentSpec, type MessageSpec, type StructureNode } from '../../../messages/edifact/directory/spec.js'
import { checkMessage } from '../../../messages/edifact/check-message.js'
import { charsetNamed, type CharsetName } from '../../../messages/edifact/charset.js'
import { messageFromXml } from '../../../messages/edifact/from-xml.js'
import { hubFault } from '../../../messages/edifact/hub-fault.js'
import { spread } from '../../../messages/edifact/repeated-elements.js'
import { readInterchanges, type ReadInterchange } from '../../../messages/edifact/reader.js'
import { segment, type Segment } from '../../../messages/edifact/segment.js'
import { type ServiceCharacters } from '../../../messages/edifact/service-characters.js'
import { messageToXml } from '../../../messages/edifact/to-xml.js'
import { Tokenizer } from '../../../messages/edifact/tokenizer.js'
import { closeMessage, writeSegments, type WriteOptions } from '../../../messages/edifact/writer.js'
import { directories } from '../../support/edifact.js'
import { schemaFaults } from '../../support/edifact-xsd.js'
import { Ambiguous, firstPlace, RandomMessage, repertoires, text } from '../../support/edifact-random.js'
import { Random, seedOf } from '../../support/seeded.js'

const seed = seedOf(process.env['EDIFACT_SEED'])
const rounds = Number(process.env['EDIFACT_ROUNDS'] ?? 1)
const time = 30_000 * Math.max(1, rounds)

/** How an interchange is written: level, version, separators, line breaks. */
interface Manner {
  identifier: string
  version: number
  options: WriteOptions
  alphabet: string
}

function manner(random: Random): Manner {
  const identifier = random.pick(Object.keys(repertoires).filter((name) => name.startsWith('UNO')))
  const version = random.int(1, 4)
  const gbk = identifier === 'UNOA' && random.chance(0.3)
  const newline = random.pick(['', '\n', '\r\n'])
  const options: WriteOptions = {
    newline,
    ...(random.chance(0.4) ? { una: true, characters: characters(random, version) } : {}),
    ...(gbk ? { charset: 'gb18030' } : {}),
  }
  return { identifier, version, options, alphabet: repertoires[gbk ? 'gb18030' : identifier] ?? '' }
}

/** Separators of a sender's own, all different; `*` repeats in version 4 and is reserved before. */
function characters(random: Random, version: number): ServiceCharacters {
  const left = [...":+|^~#$*;'!"]
  const take = () => left.splice(random.int(0, left.length - 1), 1)[0]!.charCodeAt(0)
  return {
    component: take(),
    element: take(),
    decimal: '.'.charCodeAt(0),
    release: '?'.charCodeAt(0),
    repetition: version >= 4 ? take() : 0,
    terminator: take(),
  }
}

const reading = ({ options }: Manner): { charset?: CharsetName } =>
  options.charset === undefined ? {} : { charset: charsetNamed(options.charset)! }
const unb = ({ identifier, version }: Manner) =>
  segment(
    'UNB',
    [identifier, String(version)],
    'TESTLINE',
    'TESTPORT',
    [version >= 4 ? '20260131' : '260131', '1200'],
    'REF1',
  )

/** Tag and values; what is empty at the end is not written and so not compared. */
function bare({ tag, elements }: Segment): unknown {
  const kept = elements.map((one) => one.map((values) => trimmed(values, (value) => value === '')))
  return [tag, trimmed(kept, (one) => one.every((values) => values.length === 0))]
}
function trimmed<T>(list: readonly T[], empty: (one: T) => boolean): T[] {
  let end = list.length
  while (end > 0 && empty(list[end - 1] as T)) end--
  return list.slice(0, end)
}

function read(bytes: Uint8Array, how: Manner, random: Random): Segment[] {
  const tokenizer = new Tokenizer(reading(how))
  const found: Segment[] = []
  for (let at = 0; at < bytes.length;) {
    const next = at + random.int(1, random.chance(0.5) ? 7 : 400)
    found.push(...tokenizer.push(bytes.subarray(at, next)))
    at = next
  }
  found.push(...tokenizer.end())
  expect(tokenizer.broken).toBeUndefined()
  return found
}

describe(`random interchanges (EDIFACT_SEED=${seed})`, () => {
  test(
    'segments of any shape and character set are read as written, however their bytes arrive',
    () => {
      const random = new Random(seed)
      for (let round = 0; round < 150 * rounds; round++) {
        const how = manner(random)
        const alphabet = [...how.alphabet]
        const value = () => (random.chance(0.2) ? '' : text(random, alphabet, 1, 40))
        const values = () => Array.from({ length: random.int(1, 5) }, value)
        const element = () =>
          how.version >= 4 && random.chance(0.2) ? { repeat: [values(), values().concat('Z')] } : values()
        const any = () =>
          segment(random.pick(['XAA', 'Y1B', 'ZZZ']), ...Array.from({ length: random.int(0, 9) }, element))
        const written = [
          unb(how),
          segment('UNH', '1', ['CUSCAR', 'D', '95B', 'UN']),
          ...Array.from({ length: random.int(0, 12) }, any),
          segment('UNT', '2', '1'),
          segment('UNZ', '1', 'REF1'),
        ]
        const bytes = writeSegments(written, how.options)
        const found = read(bytes, how, random)
        expect({ round, segments: found.map(bare) }).toEqual({ round, segments: written.map(bare) })
        expect(found.flatMap(({ flaws }) => flaws ?? [])).toEqual([])
        expect(
          Buffer.from(writeSegments(found, how.options)).equals(Buffer.from(bytes)),
          `round ${round} is written the same again`,
        ).toBe(true)
      }
    },
    time,
  )

  test(
    'a message of any type and release has no fault, is XML that its schema takes, and comes back from there',
    () => {
      const random = new Random(seed + 1)
      let made = 0
      for (let round = 0; round < 100 * rounds; round++) {
        const how = manner(random)
        const message = anyMessage(random, how)
        if (!message) continue
        made++
        const { spec, body } = message
        const found = interchange(how, [whole(spec, body)])
        const at = `round ${round}: ${spec.type} ${spec.release}`
        expect({ at, faults: found.end.faults }).toEqual({ at, faults: [] })
        const { faults, errors, xml } = messageToXml(found.messages[0]!, directories())
        expect({ at, faults: faults.filter((fault) => fault.severity === 'error') }).toEqual({ at, faults: [] })
        expect({ at, errors }).toEqual({ at, errors: 0 })
        expect({ at, body: messageFromXml(xml!.xml, directories()).segments.slice(1, -1).map(bare) }).toEqual({
          at,
          body: body.map(bare),
        })
        // Compiling a schema costs more than all the rest: one in ten is asked.
        if (round % 10 === 0) expect({ at, faults: schemaFaults(xml!.xml, spec) }).toEqual({ at, faults: [] })
      }
      expect(made).toBeGreaterThan(60 * rounds)
    },
    time,
  )

  test(
    'repetitions are the same message with * between them and as elements of their own',
    () => {
      const random = new Random(seed + 3)
      let repeated = 0
      for (let round = 0; round < 400 * rounds && repeated < 40 * rounds; round++) {
        const how: Manner = {
          ...manner(random),
          identifier: 'UNOC',
          version: 4,
          alphabet: repertoires['UNOC']!,
          options: {},
        }
        const message = anyMessage(random, how)
        if (!message?.body.some(({ elements }) => elements.some(({ length }) => length > 1))) continue
        const { spec, body } = message
        const apart = body.map((s) => ({ ...s, elements: spread(spec.segment(s.tag), s.elements) }))
        if (apart.some(({ elements }) => elements.some(({ length }) => length > 1))) continue
        repeated++
        const at = `round ${round}: ${spec.type} ${spec.release}`
        const xmlOf = (version: number, segments: Segment[]) => {
          const found = interchange({ ...how, version }, [whole(spec, segments)])
          const { faults, xml } = messageToXml(found.messages[0]!, directories())
          expect({ at, faults: faults.filter(({ severity }) => severity === 'error') }).toEqual({ at, faults: [] })
          return xml!.xml
        }
        const xml = xmlOf(4, body)
        expect(xmlOf(random.pick([2, 3, 4]), apart)).toBe(xml)
        const back = messageFromXml(xml, directories(), { spread: true }).segments.slice(1, -1)
        expect({ at, body: back.map(bare) }).toEqual({ at, body: apart.map(bare) })
        if (repeated % 10 === 0) expect({ at, faults: schemaFaults(xml, spec) }).toEqual({ at, faults: [] })
      }
      expect(repeated).toBeGreaterThan(10 * rounds)
    },
    time,
  )

  test.each(Object.keys(spoilers))(
    '%s is refused at its place',
    (name) => {
      const random = new Random(seed + 2)
      const spoil = spoilers[name]!
      let spoilt = 0
      for (let round = 0; round < 120 * rounds && spoilt < 25 * rounds; round++) {
        const how = manner(random)
        const message = anyMessage(random, how)
        const result = message && spoil(message, random)
        if (!message || !result) continue
        spoilt++
        const { messages, end } = interchange(
          how,
          [result.segments ?? whole(message.spec, message.body)],
          result.messages,
        )
        const faults = [...checkMessage(messages[0]!, directories()).faults, ...end.faults]
          .filter((fault) => fault.severity === 'error')
          .map((fault) => `${fault.code} ${hubFault(fault).path}`)
        expect({ round, type: `${message.spec.type} ${message.spec.release}`, faults }).toEqual({
          round,
          type: expect.anything() as string,
          faults: expect.arrayContaining([result.expected]) as string[],
        })
      }
      expect(spoilt).toBeGreaterThan(5)
    },
    time,
  )
})

function anyMessage(random: Random, how: Manner): RandomMessage | undefined {
  const release = random.pick(directories().releases)
  const spec = directories().message(random.pick(directories().types(release) ?? []), release)!
  try {
    const message = new RandomMessage(random, spec, how.alphabet, 60, how.version >= 4)
    return message.body.length === 0 ? undefined : message
  } catch (error) {
    if (error instanceof Ambiguous) return undefined
    throw error
  }
}

const unh = (spec: MessageSpec) =>
  segment('UNH', 'M1', [spec.type, spec.release.slice(0, 1), spec.release.slice(1), 'UN'])
const whole = (spec: MessageSpec, body: readonly Segment[]) => closeMessage(unh(spec), body)

function interchange(how: Manner, messages: Segment[][], count = messages.length): ReadInterchange {
  const bytes = writeSegments([unb(how), ...messages.flat(), segment('UNZ', String(count), 'REF1')], how.options)
  const found = readInterchanges(bytes, reading(how))
  expect(found).toHaveLength(1)
  return found[0]!
}

interface Spoilt {
  segments?: Segment[]
  /** What UNZ says. */
  messages?: number
  /** Code of 0085 and place. */
  expected: string
}

/** Tags that stand at one place of the whole diagram: only of these is it certain what their absence means. */
function lonely(spec: MessageSpec): Map<string, StructureNode> {
  const seen = new Map<string, StructureNode[]>()
  const walk = (nodes: readonly StructureNode[]): void => {
    for (const node of nodes) {
      const tag = node.kind === 'segment' ? node.tag : node.trigger
      if (node.kind === 'group') walk(node.children.slice(1))
      seen.set(tag, [...(seen.get(tag) ?? []), node])
    }
  }
  walk(spec.structure)
  return new Map([...seen].flatMap(([tag, nodes]) => (nodes.length === 1 ? [[tag, nodes[0]!]] : [])))
}

/** An index of the body for which `fits` holds, or undefined. */
function anywhere(
  { body }: RandomMessage,
  random: Random,
  fits: (s: Segment, i: number) => boolean,
): number | undefined {
  const all = body.flatMap((s, i) => (fits(s, i) ? [i] : []))
  return all.length === 0 ? undefined : random.pick(all)
}

interface Place {
  i: number
  e: number
  c: number
}

/** A value of the body for which `fits` holds. */
function anyValue(
  { body, spec }: RandomMessage,
  random: Random,
  fits: (component: ComponentSpec, open: boolean) => boolean,
): Place | undefined {
  const all: Place[] = []
  for (const [i, s] of body.entries())
    for (const [e, one] of s.elements.entries()) {
      const item = spec.segment(s.tag)?.items[e]
      const open = item?.components.some(({ id }) => id === '1131' || id === '3055') ?? false
      for (const [c, value] of (one[0] ?? []).entries())
        if (value !== '' && item?.components[c] && fits(item.components[c], open)) all.push({ i, e, c })
    }
  return all.length === 0 ? undefined : random.pick(all)
}

function withValue(message: RandomMessage, { i, e, c }: Place, value: string): Segment[] {
  const body = message.body.map((s, at) =>
    at !== i
      ? s
      : {
          ...s,
          elements: s.elements.map((one, n) => (n !== e ? one : [one[0]!.map((old, k) => (k === c ? value : old))])),
        },
  )
  return whole(message.spec, body)
}

function place(message: RandomMessage, { i, e, c }: Place): string {
  const s = message.body[i]!
  const composite = message.spec.segment(s.tag)!.items[e]!.composite
  return `${s.tag}(${i + 2})+${e + 1}${composite ? `:${c + 1}` : ''}`
}

const spoilers: Record<string, (message: RandomMessage, random: Random) => Spoilt | undefined> = {
  'a mandatory segment left out'(message, random) {
    const only = lonely(message.spec)
    const i = anywhere(
      message,
      random,
      (s, at) =>
        message.places[at]?.kind === 'segment' &&
        message.places[at].mandatory &&
        only.has(s.tag) &&
        message.body[at - 1]?.tag !== s.tag &&
        message.body[at + 1]?.tag !== s.tag &&
        nextStays(message, at),
    )
    if (i === undefined) return undefined
    const { tag } = message.body[i]!
    return { segments: whole(message.spec, message.body.toSpliced(i, 1)), expected: `13 ${tag}(${i + 1})` }
  },
  'a segment sent twice where it may stand once'(message, random) {
    const only = lonely(message.spec)
    const i = anywhere(message, random, (s, at) => message.places[at]?.max === 1 && only.has(s.tag))
    if (i === undefined) return undefined
    const s = message.body[i]!
    return {
      segments: whole(message.spec, message.body.toSpliced(i, 0, s)),
      expected: `${message.places[i]!.kind === 'group' ? '36' : '35'} ${s.tag}(${i + 3})`,
    }
  },
  'two segments in the wrong order'(message, random) {
    const only = lonely(message.spec)
    const simple = (at: number) => message.places[at]?.kind === 'segment' && only.has(message.body[at]!.tag)
    const i = anywhere(
      message,
      random,
      (s, at) =>
        simple(at) &&
        simple(at + 1) &&
        s.tag !== message.body[at + 1]!.tag &&
        message.body[at - 1]?.tag !== s.tag &&
        sameLevel(message.spec.structure, message.places[at]!, message.places[at + 1]!),
    )
    if (i === undefined) return undefined
    const body = message.body.toSpliced(i, 2, message.body[i + 1]!, message.body[i]!)
    return { segments: whole(message.spec, body), expected: `15 ${message.body[i]!.tag}(${i + 3})` }
  },
  'a segment of another message'(message, random) {
    const i = random.int(0, message.body.length)
    return {
      segments: whole(message.spec, message.body.toSpliced(i, 0, segment('QQQ', 'X'))),
      expected: `15 QQQ(${i + 2})`,
    }
  },
  'a value that is too long'(message, random) {
    const at = anyValue(message, random, ({ type, max }) => type === 'n' || max < 600)
    if (!at) return undefined
    const component = message.spec.segment(message.body[at.i]!.tag)!.items[at.e]!.components[at.c]!
    return {
      segments: withValue(
        message,
        at,
        component.type === 'n' ? '1'.repeat(component.max + 1) : 'X'.repeat(component.max + 1),
      ),
      expected: `39 ${place(message, at)}`,
    }
  },
  'letters where a number belongs'(message, random) {
    const at = anyValue(message, random, ({ type }) => type === 'n')
    return at && { segments: withValue(message, at, 'X'), expected: `37 ${place(message, at)}` }
  },
  'a qualifier that no directory knows'(message, random) {
    const at = anyValue(message, random, ({ id, min }, open) => bindingElements.has(id) && !open && min === 1)
    return at && { segments: withValue(message, at, 'Q'), expected: `12 ${place(message, at)}` }
  },
  'a mandatory value left out'(message, random) {
    const { spec, body } = message
    const all: Place[] = body.flatMap((s, i) =>
      s.elements.flatMap((one, e) => {
        const item = spec.segment(s.tag)!.items[e]!
        const filled = (one[0] ?? []).filter((value) => value !== '').length
        return item.composite && filled > 1
          ? (one[0] ?? []).flatMap((value, c) => (value !== '' && item.components[c]?.mandatory ? [{ i, e, c }] : []))
          : []
      }),
    )
    if (all.length === 0) return undefined
    const at = random.pick(all)
    return { segments: withValue(message, at, ''), expected: `13 ${place(message, at)}` }
  },
  'a segment count that is wrong'({ spec, body }) {
    const segments = [unh(spec), ...body, segment('UNT', String(body.length + 3), 'M1')]
    return { segments, expected: `29 UNT(${body.length + 2})+1` }
  },
  'a trailer with another reference'({ spec, body }) {
    return {
      segments: [unh(spec), ...body, segment('UNT', String(body.length + 2), 'M2')],
      expected: `28 UNT(${body.length + 2})+2`,
    }
  },
  'a message count that is wrong'() {
    return { messages: 2, expected: '29 UNZ+1' }
  },
}

/** Without body[i], does the one behind it still belong where it did? (UNS is there because it often would not.) */
function nextStays({ body, places, before }: RandomMessage, i: number): boolean {
  const next = body[i + 1]
  const open = before[i]
  if (!next || !open) return true
  const found = firstPlace(open, next.tag)
  return found !== undefined && open[found.level]!.nodes[found.at] === places[i + 1]
}

function sameLevel(nodes: readonly StructureNode[], a: StructureNode, b: StructureNode): boolean {
  if (nodes.includes(a) && nodes.includes(b)) return true
  return nodes.some((node) => node.kind === 'group' && sameLevel(node.children, a, b))
}
