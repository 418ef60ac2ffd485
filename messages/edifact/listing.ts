// listing — an interchange as a person reads it: every segment with its number, every value under its name in the
// directory, and each fault right under what it is about. Made of whatever can be read: a broken interchange is listed
// up to where reading ended.
import { isWarning, type Fault } from '../fault.js'
import { noteLines, printable, type ListingNote } from '../listing-lines.js'
import { charsetUnder, type CharsetName } from './charset.js'
import { checkMessage, findSpec, type CheckSettings } from './check-message.js'
import { type Directories } from './directory/directories.js'
import { serviceSegments } from './directory/service-segments.js'
import { type ItemSpec, type SegmentSpec } from './directory/spec.js'
import { type EdifactMessage } from './envelope.js'
import { type EdifactFault } from './fault.js'
import { hubFault, placeNotation } from './hub-fault.js'
import { itemAt, itemsAt } from './repeated-elements.js'
import { readInterchanges, type ReadInterchange } from './reader.js'
import { significant, type Segment } from './segment.js'
import { type StructureSink } from './structure.js'
import { Tokenizer } from './tokenizer.js'

/** How much of an interchange is listed. */
interface ListingSettings extends CheckSettings {
  /** What the bytes are, where UNB says otherwise. */
  charset?: CharsetName
  /** Segments listed whatever is in them; behind these only faulty ones are. Default 2,000. */
  most?: number
  /** The same by lines; a faulty segment behind these is told by its tag and faults. Default 20,000. */
  mostLines?: number
  /**
   * What else is wrong with the messages, in their order: their content, by the document they become. Places:
   * `LOC(7)+2:1`.
   */
  content?: readonly (readonly Fault[])[]
}

interface Noted {
  /** In their order: in front of the segment at this offset (what is missing), or under it. */
  notes: { offset: number; under: boolean; note: ListingNote }[]
  messages: Map<number, { message: EdifactMessage; errors: number; checked: string }>
  /** Offsets of the segments that no table tells, though their tag may have one elsewhere in the message. */
  untold: Set<number>
}

/** @returns lines of text, the last one with the totals. Of bytes that are no EDIFACT: what is wrong with them */
export function listInterchanges(bytes: Uint8Array, directories: Directories, settings: ListingSettings = {}): string {
  const { most = 2_000, mostLines = 20_000 } = settings
  const charset = charsetUnder(settings.charset, bytes)
  const options = charset === undefined ? {} : { charset }
  const read = readInterchanges(bytes, { ...options, ...(settings.faults ? { faults: settings.faults } : {}) })
  const noted = noteAll(read, directories, settings)
  const lines: string[] = []
  let segments = 0
  let hidden = 0
  const hide = () => {
    if (hidden > 0) lines.push(`      … ${hidden} segments without a fault left out`)
    hidden = 0
  }
  let next = 0
  const upTo = (within: (one: Noted['notes'][number]) => boolean) => {
    const from = next
    while (next < noted.notes.length && within(noted.notes[next]!)) next++
    return noted.notes.slice(from, next).map(({ note }) => note)
  }
  const tokenizer = new Tokenizer(options)
  let open: { message: EdifactMessage; spec: (tag: string) => SegmentSpec | undefined; position: number } | undefined
  const take = (s: Segment) => {
    segments++
    const started = noted.messages.get(s.offset)
    if (started) {
      hide()
      const { message, errors, checked } = started
      const spec = findSpec(message.id, message.interchange.syntaxVersion, directories, settings)
      open = { message, spec: (tag) => spec?.segment(tag) ?? serviceSegments(4).get(tag), position: 0 }
      const { type, version, release } = message.id
      lines.push(
        '',
        `Message ${message.index}  ${message.reference}  ${type}:${version}:${release} ` +
          ` ${errors === 0 ? `no error 无错误 (${checked})` : `${errors} error${errors > 1 ? 's' : ''} 错误`}`,
      )
    } else if (s.tag === 'UNB') lines.push('', 'Interchange 交换', `  service characters 服务字符 ${shown(tokenizer)}`)
    const position = open ? ++open.position : 0
    const before = upTo(({ offset, under }) => offset < s.offset || (offset === s.offset && !under))
    const under = upTo(({ offset }) => offset === s.offset)
    const long = lines.length > mostLines
    if ((long || segments > most) && before.length + under.length === 0) hidden++
    else {
      hide()
      const spec = noted.untold.has(s.offset)
        ? undefined
        : open
          ? open.spec(s.tag)
          : serviceSegments(tokenizer.syntaxVersion).get(s.tag)
      lines.push(
        ...before.flatMap(noteLines),
        ...(long ? [headLine(s, position, spec)] : segmentLines(s, position, spec)),
        ...under.flatMap(noteLines),
      )
    }
    if (open && open.position >= open.message.count) open = undefined
    if (s.tag === 'UNZ') tokenizer.restart()
  }
  for (const s of tokenizer.push(bytes)) take(s)
  for (const s of tokenizer.end()) take(s)
  hide()
  // What has no segment to stand at: bytes that could not be read, trailers that never came.
  lines.push(...upTo(() => true).flatMap(noteLines))
  return `${lines.join('\n').trimStart()}\n\n${totals(read, noted, segments)}\n`
}

function noteAll(read: readonly ReadInterchange[], directories: Directories, settings: ListingSettings): Noted {
  const noted: Noted = { notes: [], messages: new Map(), untold: new Set() }
  const untold: StructureSink = {
    open: nothing,
    close: nothing,
    segment: (node, s) => node?.tag === '*' && noted.untold.add(s.offset),
  }
  // What is missing is told where it should have stood, which is in front of the segment it was missed at.
  const fault = (f: EdifactFault, tagAt: (offset: number) => string | undefined) =>
    noted.notes.push({
      offset: f.offset,
      under: !(f.code === '13' && f.element === 0 && tagAt(f.offset) !== f.tag),
      note: noteOf(f),
    })
  const content = settings.content ?? []
  const counted = read.reduce((sum, { messages }) => sum + messages.length, 0)
  let n = 0
  for (const { messages, end } of read) {
    for (const one of end.faults) fault(one, () => undefined)
    for (const message of messages) {
      const { faults, level, errors } = checkMessage(message, directories, settings, () => untold)
      const tags = new Map(message.segments.map((s) => [s.offset, s.tag]))
      for (const one of faults) fault(one, (offset) => tags.get(offset))
      const said = new Set([...faults, ...end.faults].map((one) => hubFault(one).text.en))
      // One list a message, or none can be told apart.
      const more = content.length === counted ? (content[n] ?? []).filter(({ text }) => !said.has(text.en)) : []
      for (const one of more) {
        const position = Number(/^[A-Z0-9]{3}\((\d+)\)/.exec(one.path ?? '')?.[1] ?? 1)
        const at = message.segments[position - 1] ?? message.segments[0]
        noted.notes.push({
          offset: at?.offset ?? message.offset,
          under: true,
          note: {
            mark: isWarning(one) ? '!' : '✗',
            place: one.path ?? '',
            rule: `${one.code}${one.rule ? ` ${one.rule}` : ''}`,
            ...one.text,
          },
        })
      }
      noted.messages.set(message.offset, {
        message,
        errors: errors + more.filter((one) => !isWarning(one)).length,
        checked: level,
      })
      n++
    }
  }
  noted.notes.sort((a, b) => a.offset - b.offset || Number(a.under) - Number(b.under))
  return noted
}

const nothing = () => undefined

function noteOf(f: EdifactFault): ListingNote {
  const { code, rule = '', text } = hubFault(f)
  return { mark: f.severity === 'error' ? '✗' : '!', place: placeNotation(f), rule: `${code} ${rule}`, ...text }
}

const headLine = (s: Segment, position: number, spec: SegmentSpec | undefined) =>
  `${position > 0 ? String(position).padStart(5) : '     '} ${s.tag}${spec ? `  ${readable(spec.name)}` : ''} ` +
  ` (line ${s.line})`

function segmentLines(s: Segment, position: number, spec: SegmentSpec | undefined): string[] {
  const places = spec && itemsAt(spec, s.elements)
  const values = s.elements.flatMap((element, e) =>
    element.flatMap((components, r) =>
      valueLines(components, spec && itemAt(spec, places, e), `${e + 1}${element.length > 1 ? `*${r + 1}` : ''}`),
    ),
  )
  return [headLine(s, position, spec), ...values]
}

function valueLines(components: readonly string[], item: ItemSpec | undefined, at: string): string[] {
  const many = item?.composite ?? components.length > 1
  return components.flatMap((text, c) => {
    const said = significant(text)
    if (said === '') return []
    const spec = item?.components[c]
    const name = spec ? `${spec.id} ${readable(spec.name)}` : '—'
    return [`        +${(many ? `${at}:${c + 1}` : at).padEnd(6)} ${name.padEnd(48)} ${printable(said)}`]
  })
}

/** `dateOrTimeOrPeriodValue` → `date or time or period value`. */
const readable = (name: string) => name.replace(/[A-Z]/g, (c) => ` ${c.toLowerCase()}`)

function shown({ layout: { characters: c }, charset }: Tokenizer): string {
  const one = (code: number) =>
    code === 0 ? '(none)' : code < 0x21 ? `0x${code.toString(16).padStart(2, '0')}` : String.fromCharCode(code)
  return (
    `component ${one(c.component)}  element ${one(c.element)}  decimal ${one(c.decimal)}  ` +
    `release ${one(c.release)}  end ${one(c.terminator)}  ·  ${charset}`
  )
}

function totals(read: readonly ReadInterchange[], { messages }: Noted, segments: number): string {
  const all = [...messages.values()]
  const wrong = all.filter(({ errors }) => errors > 0).length
  const outer = read.flatMap(({ end }) => end.faults).filter(({ severity }) => severity === 'error').length
  const errors = outer + all.reduce((sum, one) => sum + one.errors, 0)
  const interchanges = read.filter(({ end }) => end.interchange).length
  return [
    `合计 ${interchanges} 个交换，${all.length} 个报文，${segments} 个段：${wrong} 个报文有错误，共 ${errors} 处`,
    `Total: ${interchanges} interchange${interchanges === 1 ? '' : 's'}, ${all.length} ` +
      `message${all.length === 1 ? '' : 's'}, ${segments} segments: ${wrong} message${wrong === 1 ? '' : 's'} ` +
      `with errors, ${errors} error${errors === 1 ? '' : 's'} in all`,
  ].join('\n')
}
