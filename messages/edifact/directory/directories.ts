// directories — the UN/EDIFACT directories D.94B to D.24A as lookups: a message's branching diagram, a segment's items,
// an element's codes; and beside them what stands in no UN directory (padis.ts).
// The tables are given, not fetched: two JSON files beside this one (`tables/`), some 470 KB; each release is unfolded
// when it is first asked for.
import { releaseOf, type MessageId } from '../envelope.js'
import { iataPaxlst, iataSuffix, isIataPaxlst } from './associations.js'
import { padisMessage, padisReleases, padisTypes } from './padis.js'
import { serviceSegments } from './service-segments.js'
import { openCodes, type CodeLists, type CodeTables } from './codes.js'
import {
  parseFormat,
  parseStructure,
  type ComponentSpec,
  type ItemSpec,
  type MessageSpec,
  type SegmentSpec,
  type StructureNode,
} from './spec.js'

/**
 * `tables/directories.json`, as `compile.mjs` writes it: everything shared is stored once and cited by its place in a
 * list.
 */
export interface DirectoryTables {
  names: string[]
  /** `1001 an..3 17`: element, format, place of its name */
  elements: string[]
  /** `C002 18 C17 C5`: composite, name, components with status */
  composites: string[]
  /** `BGM 19 Cc12 Ce7`: segment, name, items with status; c composite, e simple element; `Mc3x5`: up to five times */
  segments: string[]
  structures: string[]
  releases: Record<string, DirectoryEntry>
  /** CONTRL of the syntax versions: `V1` to `V4` */
  services: Record<string, DirectoryEntry>
}

interface DirectoryEntry {
  segments: number[]
  messages: Record<string, number>
}

/** The UN/EDIFACT directories: `D95B` is the release of the second half of 1995. */
export interface Directories {
  /** The UN's, in the order of time. */
  readonly releases: readonly string[]
  readonly codes: CodeLists
  /** The types a release has; undefined for a release that is not known. */
  types(release: string): readonly string[] | undefined
  message(type: string, release: string): MessageSpec | undefined
  /** By what UNH says (`CUSCAR:D:95B:UN`); CONTRL by its own version, else by the interchange's syntax version. */
  messageFor(id: MessageId, syntaxVersion: number): MessageSpec | undefined
}

/**
 * Lookups in the directories. A release is unfolded when it is first asked for.
 * @param tables the parsed JSON of the releases
 * @param codes the parsed `tables/codes.json`
 */
export function openDirectories(tables: DirectoryTables, codes: CodeTables): Directories {
  const components = new Map<number, Omit<ComponentSpec, 'mandatory'>>()
  const component = (place: number, mandatory: boolean): ComponentSpec => {
    let known = components.get(place)
    if (!known) {
      const [id = '', format = '', name = ''] = (tables.elements[place] ?? '').split(' ')
      components.set(place, (known = { id, name: tables.names[Number(name)] ?? '', ...parseFormat(format) }))
    }
    return { ...known, mandatory }
  }

  const item = (text: string): ItemSpec => {
    const mandatory = text.startsWith('M')
    const [place = 0, max = 1] = text.slice(2).split('x').map(Number)
    if (text[1] === 'e') {
      const only = component(place, mandatory)
      return { id: only.id, name: only.name, mandatory, composite: false, components: [only], max }
    }
    const [id = '', name = '', ...parts] = (tables.composites[place] ?? '').split(' ')
    return {
      id,
      name: tables.names[Number(name)] ?? '',
      mandatory,
      composite: true,
      components: parts.map((part) => component(Number(part.slice(1)), part.startsWith('M'))),
      max,
    }
  }

  const segments = new Map<number, SegmentSpec>()
  const segment = (place: number): SegmentSpec => {
    let known = segments.get(place)
    if (!known) {
      const [tag = '', name = '', ...items] = (tables.segments[place] ?? '').split(' ')
      segments.set(place, (known = { tag, name: tables.names[Number(name)] ?? '', items: items.map(item) }))
    }
    return known
  }

  const structures = new Map<number, StructureNode[]>()
  const structure = (place: number): StructureNode[] => {
    let known = structures.get(place)
    if (!known) structures.set(place, (known = parseStructure(tables.structures[place] ?? '')))
    return known
  }

  const byTag = new Map<string, Map<string, SegmentSpec>>()
  const messages = new Map<string, MessageSpec>()

  function open(type: string, release: string, entry: DirectoryEntry | undefined): MessageSpec | undefined {
    const key = `${type} ${release}`
    const known = messages.get(key)
    if (known) return known
    // A name like __proto__ must find nothing.
    const place = entry && Object.hasOwn(entry.messages, type) ? entry.messages[type] : undefined
    if (entry === undefined || place === undefined) return undefined
    let tags = byTag.get(release)
    if (!tags) {
      byTag.set(release, (tags = new Map(serviceSegments(4))))
      for (const at of entry.segments) tags.set(segment(at).tag, segment(at))
    }
    const found = tags
    const spec: MessageSpec = { type, release, structure: structure(place), segment: (tag) => found.get(tag) }
    messages.set(key, spec)
    return spec
  }

  const releaseEntry = (release: string) =>
    Object.hasOwn(tables.releases, release) ? tables.releases[release] : undefined
  const serviceEntry = (version: string) =>
    Object.hasOwn(tables.services, version) ? tables.services[version] : undefined
  const message: Directories['message'] = (type, release) =>
    open(type, release, releaseEntry(release) ?? serviceEntry(release)) ?? padis(type, release) ?? iata(type, release)

  function iata(type: string, release: string): MessageSpec | undefined {
    if (!isIataPaxlst(type, iataSuffix) || !release.endsWith(iataSuffix)) return undefined
    const key = `${type} ${release}`
    const base = release.slice(0, -iataSuffix.length)
    const plain = messages.get(key) ?? open(type, base, releaseEntry(base))
    const spec = plain && (plain.release === release ? plain : iataPaxlst(plain))
    if (spec) messages.set(key, spec)
    return spec
  }

  function padis(type: string, release: string): MessageSpec | undefined {
    const key = `${type} ${release}`
    const spec = messages.get(key) ?? padisMessage(type, release, serviceSegments(4))
    if (spec) messages.set(key, spec)
    return spec
  }

  return {
    releases: Object.keys(tables.releases),
    codes: openCodes(codes),
    types(release) {
      if (padisReleases.includes(release)) return padisTypes
      const entry = releaseEntry(release)
      return entry && Object.keys(entry.messages)
    },
    message,
    messageFor(id, syntaxVersion) {
      const release = releaseOf(id)
      if (isIataPaxlst(id.type, id.association)) return iata(id.type, `${release}${iataSuffix}`)
      if (id.type !== 'CONTRL') return open(id.type, release, releaseEntry(release)) ?? padis(id.type, release)
      // CONTRL:D:3:UN, CONTRL:3:1:UN, CONTRL:4:1:UN: the number is the syntax version it is written for.
      const own = /^[1-4]$/.test(id.version)
        ? id.version
        : /^[1-4]$/.test(id.release)
          ? id.release
          : String(syntaxVersion)
      return message('CONTRL', `V${own}`)
    },
  }
}
