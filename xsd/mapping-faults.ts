// mapping-faults — do mappings to EDIFACT write what their release has? Told when the hub starts, not with the first
// message.
import type { MessageSpec, StructureNode } from '../messages/edifact/directory/spec.js'
import type { MapLine, Mapping } from '../messages/mapping/mapping.js'
import { edifactDirectories } from './edi-tables.js'

/** Every segment and value that no directory has in its place, by mapping; empty: none. */
export function mappingFaults(mappings: readonly Mapping[]): string[] {
  return mappings.flatMap(({ mapping, to, write }) => {
    if (to.release === undefined) return []
    const spec = edifactDirectories().message(to.document, to.release)
    if (!spec) return [`mapping ${mapping}: no directory has ${to.document} of ${to.release}`]
    return [...new Set(linesOf(write, '').flatMap((path) => wrongIn(path, spec)))].map(
      (fault) => `mapping ${mapping}: ${fault}`,
    )
  })
}

/** Whole paths from the message's own level. */
function linesOf(lines: readonly MapLine[], within: string): string[] {
  return lines.flatMap(({ to, dtm, each, write }) => {
    const path = within === '' ? to : `${within}/${to}`
    return each === undefined ? [dtm === undefined ? path : `${path}/1:3`] : [path, ...linesOf(write ?? [], path)]
  })
}

function wrongIn(path: string, spec: MessageSpec): string[] {
  const steps = path.split('/')
  const place = /^(\d+):(\d+|\*)$/.exec(steps.at(-1)!)
  const tags = (place ? steps.slice(0, -1) : steps).map((step) => step.replace(/\[.*\]$/, ''))
  const unknown = tags.find((tag) => !has(spec.structure, tag))
  if (unknown !== undefined) return [`${path}: ${spec.type} of ${spec.release} has no segment ${unknown}`]
  if (!place) return []
  const item = spec.segment(tags.at(-1)!)!.items[Number(place[1]) - 1]
  const component = place[2] === '*' ? item?.components[0] : item?.components[Number(place[2]) - 1]
  return component ? [] : [`${path}: ${tags.at(-1)} of ${spec.release} has no such value`]
}

const has = (nodes: readonly StructureNode[], tag: string): boolean =>
  nodes.some((node) => (node.kind === 'segment' ? node.tag === tag : has(node.children, tag)))
