// examples — what a field holds in the sample that is made of its form: its own example, or that of its type or block.
import { wrongWith } from '../leaf-types.js'
import { nodeAt, type Node } from '../node.js'
import type { Library } from './library.js'
import { isMap, written, type Tell } from './written.js'

/** 是 reads better than its code. */
export const codeOf = (leaf: Node['leaf'], said: string) =>
  leaf?.codes?.some(({ code }) => code === said) ? said : (leaf?.codes?.find(({ zh }) => zh === said)?.code ?? said)

/** A further line of a list's example: path → value, null where that line has none. */
export function readLine(
  said: unknown,
  fields: readonly Node[],
  at: (string | number)[],
  tell: Tell,
): Record<string, string | null> {
  return Object.fromEntries(
    Object.entries(isMap(said) ? said : {}).map(([path, value]) => {
      const node = nodeAt(fields, path)
      if (!node) tell([...at, path], `${path} is no field of the list`)
      if (value === null || !node?.leaf) return [path, null]
      const text = codeOf(node.leaf, written(value))
      const wrong = wrongWith(node.leaf.attribute ? text.replace(/\s.*$/, '') : text, node.leaf)
      if (wrong !== undefined) tell([...at, path], `${path}: example ${text} ${wrong}`)
      return [path, node.leaf.attribute ? text.replace(/\s.*$/, '') : text]
    }),
  )
}

/** The fields of a block with the examples for its first, second … use in the form that is being read. */
export function exampleNumber(fields: Node[], block: string, { used, others }: Library): Node[] {
  const before = used.get(block) ?? 0
  used.set(block, before + 1)
  const other = before === 0 ? undefined : others[block]?.[(before - 1) % others[block].length]
  return other ? fields.map((one) => (other[one.name] === undefined ? one : { ...one, eg: other[one.name]! })) : fields
}

/** The example of a leaf, as it stands in a message. */
export function exampleOf(
  { name, type, leaf }: { name: string; type: string; leaf: NonNullable<Node['leaf']> },
  given: unknown,
  { at, library, tell }: { at: (string | number)[]; library: Library; tell: Tell },
): { eg?: string; egAttribute?: string } {
  const fallback = type === 'sequence' ? '1' : library.types[type]?.eg
  const said =
    given === undefined ? fallback : given instanceof Date ? given.toISOString().slice(0, 10) : written(given)
  if (said === undefined) {
    tell(at, `${name} needs an example`)
    return {}
  }
  let eg = said
  let egAttribute: string | undefined
  if (leaf.attribute) {
    const parts = /^(-?[\d.]+)\s*(\S+)$/.exec(said)
    if (!parts) {
      tell([...at, 'eg'], `${name}: example ${said} is no ${type} with its ${leaf.attribute.name}`)
      return {}
    }
    eg = parts[1]!
    const named = leaf.attribute.codes?.find(({ code, zh }) => code === parts[2] || zh === parts[2])
    if (leaf.attribute.codes && !named) tell([...at, 'eg'], `${name}: there is no unit ${parts[2]}`)
    egAttribute = named?.code ?? parts[2]!
  } else if (leaf.codes && !leaf.codes.some(({ code }) => code === eg))
    // 是 and 千克 read better than their codes.
    eg = leaf.codes.find(({ zh }) => zh === eg)?.code ?? eg
  if (leaf.base === 'time' && /^\d\d:\d\d$/.test(eg)) eg += ':00'
  const wrong = wrongWith(eg, leaf)
  if (wrong !== undefined) tell([...at, 'eg'], `${name}: example ${said} ${wrong}`)
  return { eg, ...(egAttribute === undefined ? {} : { egAttribute }) }
}
