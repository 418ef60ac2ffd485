// json-schema — the JSON form of a message as a JSON Schema (2020-12): the names and the structure of the XML. A list
// is an array also where it holds one; money and quantity are an object of value and currency or unit; every value is a
// string.
import type { Leaf, Node } from './node.js'

type Schema = Record<string, unknown>

/** Draft 2020-12. What a rule of the form asks for is not in it. */
export function toJsonSchema(root: Node, id: string): Schema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: id,
    title: `${root.zh} ${root.en}`,
    type: 'object',
    properties: { [root.name]: object(root) },
    required: [root.name],
    additionalProperties: false,
  }
}

function object(node: Node): Schema {
  const fields = node.fields ?? []
  return {
    title: node.zh,
    description: node.note ?? node.en,
    type: 'object',
    properties: Object.fromEntries(fields.map((one) => [one.name, member(one)])),
    required: fields.filter(({ min }) => min > 0).map(({ name }) => name),
    additionalProperties: false,
  }
}

function member(node: Node): Schema {
  const one = node.fields ? object(node) : measured(node)
  if (node.max === 1) return one
  return { type: 'array', items: one, minItems: node.min, ...(node.max === Infinity ? {} : { maxItems: node.max }) }
}

function measured(node: Node): Schema {
  const leaf = node.leaf!
  const about = { title: node.zh, description: node.note ?? node.en, examples: [node.eg ?? ''] }
  if (!leaf.attribute) return { ...about, ...valueOf(leaf) }
  const { name, pattern, codes } = leaf.attribute
  return {
    title: node.zh,
    description: node.note ?? node.en,
    type: 'object',
    properties: {
      value: valueOf(leaf),
      [name]: valueOf({ type: name, base: 'string', ...(pattern ? { pattern } : {}), ...(codes ? { codes } : {}) }),
    },
    required: ['value', name],
    additionalProperties: false,
    examples: [{ value: node.eg ?? '', [name]: node.egAttribute ?? '' }],
  }
}

function valueOf(leaf: Leaf): Schema {
  const pattern = {
    date: '^\\d{4}-\\d\\d-\\d\\d$',
    dateTime: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d',
    time: '^\\d\\d:\\d\\d:\\d\\d',
    integer: '^-?\\d+$',
    decimal: leaf.fraction === undefined ? '^-?\\d+(\\.\\d+)?$' : `^-?\\d+(\\.\\d{1,${Math.max(1, leaf.fraction)}})?$`,
    string: leaf.pattern === undefined ? undefined : `^(?:${leaf.pattern})$`,
  }[leaf.base]
  return {
    type: 'string',
    ...(leaf.codes ? { enum: leaf.codes.map(({ code }) => code) } : {}),
    ...(pattern === undefined ? {} : { pattern }),
    ...(leaf.minLength === undefined ? {} : { minLength: leaf.minLength }),
    ...(leaf.maxLength === undefined ? {} : { maxLength: leaf.maxLength }),
  }
}
