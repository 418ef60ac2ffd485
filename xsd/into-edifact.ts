// into-edifact — the EDIFACT a receiver is sent for a document in published XML: made by its mapping, written as an
// interchange, read again and looked at as if it had come from a sender, by directory and XSD. What is wrong is told at
// the path of the XML.
import { decodeXml } from '../messages/charset.js'
import { encodingFault } from '../messages/encoding-fault.js'
import { meets } from '../messages/condition.js'
import { segment } from '../messages/edifact/segment.js'
import { buildInterchange, closeMessage, createPen, UnwritableError } from '../messages/edifact/writer.js'
import { mayWriteAs, type EdifactTarget } from '../messages/edifact/target.js'
import type { Envelope } from '../messages/envelope.js'
import { fault } from '../messages/errors.js'
import type { Fault } from '../messages/fault.js'
import type { Inspection } from '../messages/inspection.js'
import { mapTree } from '../messages/mapping/apply.js'
import { segmentsOf, type MadeSegment } from '../messages/mapping/edifact-target.js'
import type { Mapping } from '../messages/mapping/mapping.js'
import type { SourceNode } from '../messages/mapping/source-tree.js'
import { xmlSource } from '../messages/mapping/xml-source.js'
import { edifactDirectories } from './edi-tables.js'
import { limited } from '../messages/fault-limit.js'

/** @see [createEngine](./engine.ts) */
interface IntoEdifactParts {
  mappings: readonly Mapping[]
  envelopes: readonly Envelope[]
  faultLimit: number
  /** The finished interchange, not made into anything else. */
  inspectEdifact: (bytes: Uint8Array, charset: EdifactTarget['charset']) => Inspection
}

/** The mapping that makes EDIFACT of it. */
const makes =
  (documentType: string) =>
  ({ from, to }: Mapping) =>
    from.document === documentType && to.release !== undefined

/** Makes EDIFACT of XML, for an agency that takes it in that form. */
export function createIntoEdifact({ mappings, envelopes, faultLimit, inspectEdifact }: IntoEdifactParts) {
  /**
   * @param bytes valid by its XSD @returns `derived` is the interchange; its document and keys are those of the EDIFACT
   * message
   */
  return function into(bytes: Uint8Array, target: EdifactTarget): Inspection {
    const of = mappings.filter(makes(target.document))
    const mapping = of.find(({ from }) => meets(from.when, target.facts))
    const decoded = decodeXml(bytes)
    if ('fault' in decoded) return { faults: [encodingFault(decoded)] }
    const source = xmlSource(Buffer.from(decoded.utf8).toString(), envelopes)
    if (!mapping) return { faults: [noneFor(target, of, source)] }
    const { type, spec } = specOf(mapping)
    const { root, faults } = mapTree(source, mapping)
    if (faults.length > 0) return { faults: limited(faults, faultLimit) }
    const made = segmentsOf(root, (tag) => spec.segment(tag))
    const unh = segment('UNH', target.reference, [type, 'D', mapping.to.release!.slice(1), 'UN'])
    const header = { ...target, preparedAt: new Date(target.preparedAt) }
    let interchange: Uint8Array
    try {
      interchange = buildInterchange(
        header,
        [
          closeMessage(
            unh,
            made.map((one) => one.segment),
          ),
        ],
        mayWriteAs(target),
      )
    } catch (error) {
      if (!(error instanceof UnwritableError)) throw error
      return { faults: limited(unwritable(made, target), faultLimit) }
    }
    const inspection = inspectEdifact(interchange, target.charset)
    const told = inspection.faults.map((one) => ({
      ...one,
      ...placeOf(one, made, source),
      rule: `${type} ${one.path ?? ''} ${one.rule ?? ''}`.trim(),
    }))
    return { ...inspection, faults: told, derived: { bytes: interchange, mapping: mapping.mapping } }
  }
}

function specOf({ mapping, to }: Mapping) {
  const type = to.document
  const spec = edifactDirectories().message(type, to.release!)
  if (!spec) throw new TypeError(`mapping ${mapping}: no directory has ${type} of ${to.release}`)
  return { type, spec }
}

/** Some documents of the type become EDIFACT, this one does not: its receiver could not read it as it is. */
function noneFor({ facts, document }: EdifactTarget, of: readonly Mapping[], source: SourceNode): Fault {
  const rule = of
    .map(({ from }) =>
      Object.entries(from.when ?? {})
        .map(([name, wanted]) => `${name}=${[wanted].flat().join('|')}`)
        .join(' '),
    )
    .join(', ')
  const value = Object.keys(of[0]?.from.when ?? {})
    .map((name) => facts[name] ?? '')
    .join(' ')
  return fault(
    'HUB_MAP_CODE',
    { place: source.place, value, rule: rule === '' ? `no mapping of ${document}` : rule },
    { path: source.place, line: source.line, rule, value: value.slice(0, 200) },
  )
}

/** Characters that the interchange has no place for, each where the sender put it. */
function unwritable(made: readonly MadeSegment[], target: EdifactTarget): Fault[] {
  const pen = createPen(target.syntaxIdentifier, target.syntaxVersion, mayWriteAs(target))
  return made.flatMap(({ segment: one, from }) => {
    try {
      pen.segment(one)
      return []
    } catch (error) {
      if (!(error instanceof UnwritableError)) throw error
      const at = from.get(`${error.element}:${error.component}`) ?? from.get('')
      return [
        fault(
          'HUB_EDI_CHARACTER',
          { place: at?.place ?? one.tag },
          {
            path: at?.place ?? one.tag,
            ...(at ? { line: at.line } : {}),
            rule: `${one.tag}+${error.element}:${error.component} ${target.syntaxIdentifier}`,
            value: error.character,
          },
        ),
      ]
    }
  })
}

/** `EQD(12)+2:1` is the twelfth segment, UNH being the first. */
function placeOf(
  { path = '' }: Fault,
  made: readonly MadeSegment[],
  source: SourceNode,
): { path: string; line: number } {
  const [, position = '0', value = ''] = /^[A-Z0-9]{3}\((\d+)\)(?:\+(\d+(?::\d+)?))?/.exec(path) ?? []
  const from = made[Number(position) - 2]?.from
  const node = from?.get(value.includes(':') ? value : `${value}:1`) ?? from?.get('') ?? source
  return { path: node.place, line: node.line }
}
