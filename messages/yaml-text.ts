// yaml-text — YAML that somebody wrote, read so that what is wrong with it is told with its line. Given the text, it
// opens no file.
import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Node } from 'yaml'
import type { TSchema } from 'typebox'
import { dotted, settingText } from './setting-text.js'
import { valueFaults, type ValueFault } from './value-fault.js'

/** What a YAML text says, and where. */
export interface YamlText {
  /** Empty table where it says nothing, or cannot be read. */
  value: unknown
  /** What keeps it from being read, in full sentences with file and line. */
  faults: string[]
  /** `file:line name = value: what is wrong`, in both languages; where nothing is there, the line it is missing in. */
  placed: (fault: ValueFault) => string
}

/** Never throws. @param file how it is called in faults. @param merge `<<` takes over what several entries share */
export function readYamlText(file: string, text: string, { merge = false } = {}): YamlText {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, merge })
  if (document.errors.length > 0)
    return unreadYaml(
      ...document.errors.map(({ message, pos }) => {
        const [first = message] = message.split('\n')
        return `${file}:${lines.linePos(pos[0]).line}: ${first.replace(/ at line .*$/, '')} YAML 语法错误`
      }),
    )
  const root = document.contents
  return {
    value: document.toJS() ?? {},
    faults: [],
    placed: (fault) => `${file}:${lineOf(root, fault.at, lines)} ${settingText(dotted(fault.at), fault)}`,
  }
}

/** A text that cannot be had: these faults, and nothing it says. */
export const unreadYaml = (...faults: string[]): YamlText => ({
  value: {},
  faults,
  placed: (fault) => settingText(dotted(fault.at), fault),
})

/** All that is wrong with a text that is to have this shape, each with file and line; empty: it has it. */
export function yamlFaults(schema: TSchema, file: string, text: string): string[] {
  const { value, faults, placed } = readYamlText(file, text, { merge: true })
  return faults.length > 0 ? faults : valueFaults(schema, value).map(placed)
}

/** The line of the nearest thing that is there. */
function lineOf(root: Node | null, pointer: string, lines: LineCounter): number {
  let node: unknown = root
  let offset = root?.range?.[0] ?? 0
  for (const step of pointer
    .split('/')
    .slice(1)
    .map((s) => s.replaceAll('~1', '/').replaceAll('~0', '~'))) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === step)
      if (!pair) break
      offset = (pair.key as Node).range?.[0] ?? offset
      node = pair.value
    } else if (isSeq(node)) {
      const item = node.items[Number(step)] as Node | undefined
      if (!item) break
      offset = item.range?.[0] ?? offset
      node = item
    } else break
  }
  return lines.linePos(offset).line
}
