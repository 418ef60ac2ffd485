// spec — what a directory says about a segment and about a message: the shapes, and how their one-line notation is
// read.

/**
 * A component, or the single value of a simple element. Lengths are characters; for `n` digits only (no sign, no
 * decimal mark).
 */
export interface ComponentSpec {
  /** Data element tag: `1131`. */
  readonly id: string
  readonly name: string
  readonly mandatory: boolean
  readonly type: 'an' | 'a' | 'n'
  readonly min: number
  readonly max: number
  /** The codes it may have, where the table itself names them. */
  readonly codes?: readonly string[]
  readonly form?: ValueForm
}

/**
 * Values that are more than characters: a real day of 20YY, a real time of day. The patterns serve here and in XSD
 * alike.
 */
export const valueForms = {
  DDMMYY:
    '(0[1-9]|1[0-9]|2[0-8])(0[1-9]|1[0-2])[0-9][0-9]|(29|30)(0[13-9]|1[0-2])[0-9][0-9]|' +
    '31(0[13578]|1[02])[0-9][0-9]|2902([02468][048]|[13579][26])',
  HHMM: '([01][0-9]|2[0-3])[0-5][0-9]',
} as const
type ValueForm = keyof typeof valueForms

const forms = Object.fromEntries(
  Object.entries(valueForms).map(([form, pattern]) => [form, new RegExp(`^(?:${pattern})$`)]),
) as Record<ValueForm, RegExp>

/** Whether the whole text is such a date or time: what is no day of any year, or no minute of a day, is not. */
export const hasForm = (text: string, form: ValueForm): boolean => forms[form].test(text)

/** One position of a segment: a composite, or a simple element (then `components` is itself alone). */
export interface ItemSpec {
  /** `C002`, or the element's own tag. */
  readonly id: string
  readonly name: string
  readonly mandatory: boolean
  readonly composite: boolean
  readonly components: readonly ComponentSpec[]
  /** How often it may stand: 1 nearly always. */
  readonly max: number
}

/** A segment of one release, as its directory (EDSD) has it. */
export interface SegmentSpec {
  readonly tag: string
  readonly name: string
  readonly items: readonly ItemSpec[]
  /** No table says what it holds: any elements, each under the name of its place. */
  readonly free?: true
}

/** The place of a segment in a message. */
export interface SegmentNode {
  readonly kind: 'segment'
  /** `*`: any segment but the trigger of the group it stands in and UNT. */
  readonly tag: string
  /** Name in XML: `S_NAD`, and `S_NAD_2` where the same tag stands a second time in one group. */
  readonly element: string
  readonly mandatory: boolean
  readonly max: number
}

/** A segment group. Its first child is its trigger: mandatory, once; it alone opens the group. */
export interface GroupNode {
  readonly kind: 'group'
  /** `SG1` */
  readonly name: string
  /** Name in XML: `G_SG1`. */
  readonly element: string
  readonly mandatory: boolean
  readonly max: number
  readonly trigger: string
  readonly children: readonly StructureNode[]
}

/** A place in a message: of a segment or of a group. */
export type StructureNode = SegmentNode | GroupNode

/** A message of one release: everything its check, its XML and its schema need. */
export interface MessageSpec {
  readonly type: string
  /** `D95B`; `V3` for CONTRL under syntax 3. */
  readonly release: string
  /** From UNH to UNT. */
  readonly structure: readonly StructureNode[]
  segment(tag: string): SegmentSpec | undefined
  /** The directories' code lists are not those of its elements. */
  readonly ownCodes?: true
  /** The release whose code lists are its own, where its table is not that release's. */
  readonly codesOf?: string
  readonly counts?: readonly CountRule[]
}

/**
 * A value that says how often a group stands in the message. Of a message that is one of a series (UNH S010) it says
 * how often in the whole series, so that there it is only the most there may be.
 */
export interface CountRule {
  readonly tag: string
  readonly element: number
  readonly component: number
  readonly item: string
  readonly group: string
}

/** `an..35`, `n6`, `a1`; `an..3=22|141` with the codes there are; `DDMMYY`, `HHMM` */
export function parseFormat(format: string): Pick<ComponentSpec, 'type' | 'min' | 'max' | 'codes' | 'form'> {
  if (Object.hasOwn(valueForms, format))
    return { type: 'an', min: format.length, max: format.length, form: format as ValueForm }
  const [plain = '', codes] = format.split('=')
  if (codes !== undefined) return { ...parseFormat(plain), codes: codes.split('|') }
  const found = /^(an|a|n)(\.\.)?(\d+)$/.exec(format)
  if (!found) throw new TypeError(`no format: ${format}`)
  const max = Number(found[3])
  return { type: found[1] as ComponentSpec['type'], min: found[2] ? 1 : max, max }
}

/**
 * `C002 C documentMessageName ( 1001 C an..3 documentNameCode; 1131 C an..17 codeList )` or `3164 C an..35 cityName`;
 * `C076 M3 …` up to three times.
 */
export function parseItem(line: string): ItemSpec {
  const composite = /^(\w+) ([MC])(\d*) (\S*) ?\( (.*) \)$/.exec(line)
  if (composite) {
    const [, id = '', status, times = '', name = '', inside = ''] = composite
    const components = inside.split('; ').map(parseComponent)
    return { id, name, mandatory: status === 'M', composite: true, components, max: Number(times || 1) }
  }
  const component = parseComponent(line)
  return {
    id: component.id,
    name: component.name,
    mandatory: component.mandatory,
    composite: false,
    components: [component],
    max: 1,
  }
}

function parseComponent(line: string): ComponentSpec {
  const [id = '', status = '', format = '', name = ''] = line.trim().split(' ')
  return { id, name, mandatory: status === 'M', ...parseFormat(format) }
}

/** `UNH M1; BGM M1; SG1 C9 ( RFF M1; DTM C9 ); UNT M1`; `*` for any segment */
export function parseStructure(text: string): StructureNode[] {
  const words = text
    .replaceAll(';', ' ')
    .split(/\s+/)
    .filter((word) => word !== '')
  let at = 0
  const level = (): StructureNode[] => {
    const nodes: StructureNode[] = []
    const seen = new Map<string, number>()
    const element = (prefix: string, name: string) => {
      const times = (seen.get(name) ?? 0) + 1
      seen.set(name, times)
      return `${prefix}_${name}${times > 1 ? `_${times}` : ''}`
    }
    while (at < words.length && words[at] !== ')') {
      const name = words[at++] ?? ''
      const status = words[at++] ?? ''
      const mandatory = status.startsWith('M')
      const max = Number(status.slice(1))
      if (!/^[MC][1-9]\d*$/.test(status)) throw new TypeError(`no status and repetition: ${name} ${status}`)
      if (words[at] !== '(') nodes.push({ kind: 'segment', tag: name, element: element('S', name), mandatory, max })
      else {
        at++
        const children = level()
        at++
        const [trigger] = children
        if (trigger?.kind !== 'segment') throw new TypeError(`group ${name} has no trigger`)
        nodes.push({ kind: 'group', name, element: element('G', name), mandatory, max, trigger: trigger.tag, children })
      }
    }
    return nodes
  }
  return level()
}
