// edifact-facts — an EDIFACT sample with another value in one place, for operations no sample is made for.
import { readInterchanges } from '../../../messages/edifact/reader.js'
import { segment, significant, value, type Segment } from '../../../messages/edifact/segment.js'
import { writeSegments } from '../../../messages/edifact/writer.js'

/** @param path as in family.yaml: `TDT[20]/3:1`. Unchanged when no such segment stands in the only message. */
export function withEdifactFact(text: string, path: string, wanted: string): string {
  const [, tag, qualifier, element, component] = /^(\w{3})(?:\[(\w+)\])?\/(\d+):(\d+)$/.exec(path.split('|')[0]!) ?? []
  const [read] = readInterchanges(Buffer.from(text))
  const message = read?.messages[0]
  const at =
    message?.segments.findIndex(
      (s) => s.tag === tag && (qualifier === undefined || significant(value(s, 1)) === qualifier),
    ) ?? -1
  if (!message || at < 0 || read.messages.length > 1) return text
  const { unb, layout, charset } = message.interchange
  const segments = message.segments.map((s, i) =>
    i === at ? changed(s, Number(element), Number(component), wanted) : s,
  )
  return Buffer.from(
    writeSegments([unb, ...segments, segment('UNZ', '1', message.interchange.reference)], {
      characters: layout.characters,
      una: layout.una,
      newline: layout.newline,
      charset,
      repertoire: false,
    }),
  ).toString()
}

function changed(s: Segment, element: number, component: number, wanted: string): Segment {
  const elements = Array.from({ length: Math.max(element, s.elements.length) }, (_, e) => s.elements[e] ?? [['']])
  const [first = [''], ...more] = elements[element - 1]!
  const components = Array.from({ length: Math.max(component, first.length) }, (_, c) =>
    c === component - 1 ? wanted : (first[c] ?? ''),
  )
  return { ...s, elements: elements.map((one, e) => (e === element - 1 ? [components, ...more] : one)) }
}
