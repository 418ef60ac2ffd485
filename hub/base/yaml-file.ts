// yaml-file — a YAML file that remembers the line of each value, so that a fault can name it.
import { readFileSync } from 'node:fs'
import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Node } from 'yaml'
import type { ValueFault } from '../../messages/value-fault.js'

interface YamlFile {
  /** What the file says; an empty table where it says nothing, or cannot be read. */
  value: unknown
  /** What keeps it from being read, in full sentences with file and line. */
  faults: string[]
  /** A fault with the file, its line and the setting before it. */
  placed: (fault: ValueFault) => string
}

/** An unreadable file is a fault, never an error. */
export function readYamlFile(file: string): YamlFile {
  const lines = new LineCounter()
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    return unread(`${file}: cannot be read (${(error as Error).message}) 无法读取`)
  }
  const document = parseDocument(text, { lineCounter: lines })
  if (document.errors.length > 0)
    return unread(
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

/** `agencies.gacc.url = "x": must be …`, in both languages. */
export function settingText(name: string, { en, zh, value }: ValueFault): string {
  const written = value === undefined || isSecret(name) ? '' : ` = ${shown(value)}`
  return `${name === '' ? '' : `${name}${written}: `}${en} ${zh}`
}

/** `/agencies/gacc/url` as people write it: `agencies.gacc.url`. */
export function dotted(pointer: string): string {
  return pointer.slice(1).replaceAll('/', '.').replaceAll('~1', '/').replaceAll('~0', '~')
}

/** What may be a secret somebody wrote where only its name belongs: headers, passwords, addresses with a password. */
const isSecret = (name: string) => /headers\.|password|passphrase|token|secret|_KEY|redis_?url/i.test(name)

function shown(value: unknown): string {
  const text = JSON.stringify(value).replace(/\/\/[^/@"]*:[^/@"]*@/, '//…@')
  return text.length > 80 ? `${text.slice(0, 79)}…` : text
}

function unread(...faults: string[]): YamlFile {
  return { value: {}, faults, placed: (fault) => settingText(dotted(fault.at), fault) }
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
