// check-message — one message against its directory: the place of every segment, its elements, its codes. Pure; given
// the tables.
import { checkElements, type CodeCheck } from './check-elements.js'
import { createCodeCheck, type CodeSettings } from './code-check.js'
import { type Directories } from './directory/directories.js'
import { iataSuffix, isIataPaxlst } from './directory/associations.js'
import { type MessageSpec } from './directory/spec.js'
import { releaseOf, type EdifactMessage, type MessageId } from './envelope.js'
import { edifactFault, placeOf, type EdifactFault } from './fault.js'
import { FaultList, type FaultLimits } from './fault-list.js'
import { GroupCounts } from './group-counts.js'
import { type Segment } from './segment.js'
import { StructureMatcher, type StructureSink } from './structure.js'

/** What of a partner's settings changes the check (docs/edi-guide.md). */
export interface CheckSettings {
  codes?: CodeSettings
  faults?: FaultLimits
  /**
   * Releases read by the tables of another one, for partners who name a release and send a neighbour of it: `{ 'D95A':
   * 'D95B' }`.
   */
  releases?: Readonly<Record<string, string>>
}

/** How far a message was checked. A receipt says so: reading is not checking. */
type CheckedLevel = 'envelope' | 'structure' | 'codes'

/**
 * What the check found. `spec` is undefined where no directory has the message: then only its envelope was looked at.
 */
export interface CheckedMessage {
  readonly spec: MessageSpec | undefined
  readonly level: CheckedLevel
  /** The reader's and the check's, in the order of the segments. */
  readonly faults: readonly EdifactFault[]
  /** Errors in all, listed or not. 0: the message is valid. */
  readonly errors: number
}

/** Checks segments as they come, for messages that are streamed. `checkMessage` is it for those that were collected. */
export class MessageChecker {
  readonly #list: FaultList
  readonly #matcher: StructureMatcher
  readonly #codes: CodeCheck | undefined
  readonly #counts: GroupCounts | undefined
  #position = 0

  constructor(
    readonly spec: MessageSpec,
    directories: Directories,
    settings: CheckSettings = {},
    sink?: StructureSink,
    /** UNH 0057 */
    association = '',
  ) {
    this.#list = new FaultList(settings.faults)
    this.#matcher = new StructureMatcher(spec, this.#list.report, sink)
    this.#codes = createCodeCheck(
      spec.ownCodes ? undefined : directories.codes,
      spec.codesOf ?? spec.release,
      settings.codes,
      association,
    )
    this.#counts = spec.counts && new GroupCounts(spec.counts, spec.structure)
  }

  /** Checks the next segment of the message, in the order they stand in it; UNH and UNT among them. */
  segment(s: Segment): void {
    this.#position++
    const node = this.#matcher.next(s)
    if (node) this.#counts?.take(node, s, this.#position)
    // UNH and UNT are the reader's: it has looked at them.
    if (!node || s.tag === 'UNH' || s.tag === 'UNT') return
    const spec = this.spec.segment(node.tag)
    if (spec)
      checkElements(s, spec, {
        scope: 'message',
        position: this.#position,
        report: this.#list.report,
        codes: this.#codes,
      })
  }

  /**
   * To be called behind the last segment: only then is known what is missing. `errors` also counts those beyond the
   * list.
   */
  end(): { faults: readonly EdifactFault[]; errors: number } {
    this.#matcher.end()
    this.#counts?.end(this.#list.report)
    return { faults: this.#list.faults, errors: this.#list.errors }
  }
}

/** A message as the reader gave it, against the release that its UNH names: never a default one. */
export function checkMessage(
  message: EdifactMessage,
  directories: Directories,
  settings: CheckSettings = {},
  createSink?: (spec: MessageSpec) => StructureSink,
): CheckedMessage {
  const read = message.faults
  const readErrors = read.filter((f) => f.severity === 'error').length
  const spec = findSpec(message.id, message.interchange.syntaxVersion, directories, settings)
  const [unh] = message.segments
  if (!spec) {
    const faults = message.id.type === '' || unh === undefined ? [] : [unknownMessage(message.id, unh, directories)]
    return { spec: undefined, level: 'envelope', faults: [...read, ...faults], errors: readErrors + faults.length }
  }
  // Nothing was collected: the message is too large, and the reader has said so.
  if (unh === undefined) return { spec, level: 'envelope', faults: read, errors: readErrors }
  const checker = new MessageChecker(spec, directories, settings, createSink?.(spec), message.id.association)
  for (const s of message.segments) checker.segment(s)
  const { faults, errors } = checker.end()
  return {
    spec,
    level: settings.codes?.level === 'off' ? 'structure' : 'codes',
    faults: inOrder([...read, ...faults]),
    errors: readErrors + errors,
  }
}

/** As a person reads the message: by segment, then by element. */
function inOrder(faults: EdifactFault[]): EdifactFault[] {
  return faults.sort((a, b) => a.segment - b.segment || a.element - b.element || a.component - b.component)
}

/** What UNH names, by the tables or by the partner's leave to read one release as another. */
export function findSpec(
  id: MessageId,
  syntaxVersion: number,
  directories: Directories,
  settings: CheckSettings = {},
): MessageSpec | undefined {
  const release = releaseOf(id)
  const instead =
    settings.releases && Object.hasOwn(settings.releases, release) ? settings.releases[release] : undefined
  if (instead === undefined) return directories.messageFor(id, syntaxVersion)
  return directories.message(id.type, isIataPaxlst(id.type, id.association) ? `${instead}${iataSuffix}` : instead)
}

function unknownMessage(id: MessageId, unh: Segment, directories: Directories): EdifactFault {
  const types = directories.types(releaseOf(id))
  const release = `${id.version}:${id.release}`
  // The release is known and has no such message, or it is not known itself.
  if (types)
    return edifactFault('14', 'message', placeOf(unh, 1, { element: 2, component: 1, repetition: 1 }), {
      item: '0065',
      value: id.type,
      detail: { zh: `${release} 的此报文类型不在接收范围内`, en: `this message of ${release} is not read here` },
    })
  return edifactFault('14', 'message', placeOf(unh, 1, { element: 2, component: 3, repetition: 1 }), {
    item: '0054',
    value: release,
    detail: { zh: '不支持此目录版本', en: 'this directory release is not read' },
  })
}
