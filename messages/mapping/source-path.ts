// source-path — how a mapping says where a value stands in what was sent.
//   NAD[CN]/4:1            of the segment (or record) NAD that opens with CN, the first component of its fourth element
//   TDT[20]/LOC[60]/2:1    in the group that TDT opens
//   CTA[!ZZZ]/2:2          of a CTA that does not open with ZZZ
//   MEA{2:1=G}/3:2         the MEA whose 2:1 is G
//   GID{1:1}               a GID that has a 1:1
//   /EQD{2:1=SGP/1:1}/3:1  from the message's own level: the EQD whose 2:1 is what SGP/1:1 says here
//   FTX[AAA]/4:*           all components of the element, one after another
//   *                      any one name
// Of XML: elements by their local names, `Consignment/Consignee/Name`, and `SealID/@AgencyCode`.
import { isLeaf, type SourceNode } from './source-tree.js'

interface Step {
  name: string
  /** What the node opens with: one of these, or none of them. */
  opens?: { one: string[]; not: boolean }
  /** Of the node, the leaf; and its value, or where that is told, seen from the scope. Without either, any value. */
  equals?: { leaf: string; of?: string | SourcePath }
}
/** A path made ready. */
interface SourcePath {
  fromRoot: boolean
  steps: Step[]
}

const parsed = new Map<string, SourcePath>()

/** @throws TypeError for what is no path */
export function sourcePath(text: string): SourcePath {
  let path = parsed.get(text)
  if (!path) parsed.set(text, (path = read(text)))
  return path
}

function read(text: string): SourcePath {
  const fromRoot = text.startsWith('/')
  const steps = split(fromRoot ? text.slice(1) : text, '/').map((step): Step => {
    const [, name, opens, equals] = /^(@?[A-Za-z0-9*:_-]+)(?:\[([^\]]+)\])?(?:\{([^}]+)\})?$/.exec(step) ?? []
    if (name === undefined) throw new TypeError(`'${text}' is no place: '${step}'`)
    const [, leaf, of] = equals === undefined ? [] : (/^([^=]+)(?:=(.*))?$/.exec(equals) ?? [])
    return {
      name,
      ...(opens === undefined ? {} : { opens: { one: opens.replace('!', '').split(','), not: opens.startsWith('!') } }),
      ...(leaf === undefined
        ? {}
        : { equals: { leaf, ...(of === undefined ? {} : { of: of.includes('/') ? read(of) : of }) } }),
    }
  })
  return { fromRoot, steps }
}

/** Splits outside brackets. */
function split(text: string, at: string): string[] {
  const parts: string[] = []
  let depth = 0
  let from = 0
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!
    if (c === '[' || c === '{') depth++
    else if (c === ']' || c === '}') depth--
    else if (c === at && depth === 0) {
      parts.push(text.slice(from, i))
      from = i + 1
    }
  }
  return [...parts, text.slice(from)]
}

/** Nodes at the path, in the order they were sent. `seen` hears of every leaf that was looked at to find the way. */
export function nodesAt(
  { fromRoot, steps }: SourcePath,
  scope: SourceNode,
  root: SourceNode,
  seen: (leaf: SourceNode) => void = () => {},
): SourceNode[] {
  let nodes = [fromRoot ? root : scope]
  const asked = { scope, root, seen }
  // A scope can be asked for itself: within NAD, `NAD/4:1` is its own.
  const [first] = steps
  const own =
    !fromRoot &&
    first !== undefined &&
    steps.length > 1 &&
    scope !== root &&
    first.name === scope.name &&
    fits(first, scope, asked)
  for (const [i, step] of steps.entries()) {
    if (i === 0 && own) continue
    nodes = nodes.flatMap((node) => node.children.filter((child) => named(step, child) && fits(step, child, asked)))
  }
  return nodes
}

function named({ name }: Step, node: SourceNode): boolean {
  if (name === '*' || node.name === name) return true
  return name.endsWith(':*') && isLeaf(node) && node.name.startsWith(name.slice(0, -1))
}

function fits(
  { opens, equals }: Step,
  node: SourceNode,
  { scope, root, seen }: { scope: SourceNode; root: SourceNode; seen: (leaf: SourceNode) => void },
): boolean {
  if (opens) {
    const first = node.children[0]
    if (opens.not) return first?.text === undefined || !opens.one.includes(first.text)
    if (first?.text === undefined || !opens.one.includes(first.text)) return false
    seen(first)
  }
  if (equals) {
    const leaf = node.children.find((child) => child.name === equals.leaf)
    if (leaf?.text === undefined) return false
    if (equals.of === undefined) return true
    if (leaf.text !== (typeof equals.of === 'string' ? equals.of : nodesAt(equals.of, scope, root, seen)[0]?.text))
      return false
    seen(leaf)
  }
  return true
}
