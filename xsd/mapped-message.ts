// mapped-message — the published XML made of an EDI message, looked at as if it had come so; its faults are told where
// the sender put what is wrong.
import { meets, type Facts } from '../messages/condition.js'
import type { Fault } from '../messages/fault.js'
import type { Inspection } from '../messages/inspection.js'
import { applyMapping } from '../messages/mapping/apply.js'
import type { Mapping } from '../messages/mapping/mapping.js'
import type { SourceNode } from '../messages/mapping/source-tree.js'
import { limited } from '../messages/fault-limit.js'

/** @see [createEngine](./engine.ts) */
interface MappedInspectionParts {
  mappings: readonly Mapping[]
  faultLimit: number
  inspectXml: (bytes: Uint8Array) => Inspection
}

/**
 * Looks at what a message becomes; undefined when no mapping is for it. What cannot be made of it is told, and nothing
 * is derived.
 */
export type InspectMapped = (documentType: string, facts: Facts, source: () => SourceNode) => Inspection | undefined

/** @see [createEngine](./engine.ts) */
export function createMappedInspection({ mappings, faultLimit, inspectXml }: MappedInspectionParts): InspectMapped {
  return (documentType, facts, source) => {
    const mapping = mappings.find(({ from }) => from.document === documentType && meets(from.when, facts))
    if (!mapping) return undefined
    const tree = source()
    const { xml, faults, places } = applyMapping(tree, mapping)
    if (faults.length > 0) return { faults: limited(faults, faultLimit) }
    const bytes = Buffer.from(xml)
    const inspection = inspectXml(bytes)
    const told = (one: Fault): Fault => {
      const from = places[one.line ?? 0]
      const rule = `${mapping.to.document} ${one.path ?? ''} ${one.rule ?? ''}`.trim()
      return { ...one, path: from && from.place !== '' ? from.place : tree.place, line: from?.line ?? tree.line, rule }
    }
    const { warnings, questions } = inspection
    return {
      ...inspection,
      ...(warnings ? { warnings: warnings.map(told) } : {}),
      ...(questions ? { questions: questions.map((one) => ({ ...one, fault: told(one.fault) })) } : {}),
      faults: inspection.faults.map(told),
      derived: { bytes, mapping: mapping.mapping },
    }
  }
}
