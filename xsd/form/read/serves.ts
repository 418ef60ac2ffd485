// serves — the operations a form serves: with which functions, on what condition, and what its sample holds for each.
import { wrongWith } from '../leaf-types.js'
import { nodeAt, type Form, type Node } from '../node.js'
import { codeOf } from './examples.js'
import { isMap, type Tell } from './written.js'

type Served = Form['serves'][number]

/** What stands below `serves:`, its values as the form writes them: 是, not yet its code. */
export function readServes(raw: unknown, tell: Tell): Served[] {
  const serves = Object.entries(isMap(raw) ? raw : {}).map(([operation, said]) => {
    const {
      functions = ['original'],
      when = {},
      eg = {},
    } = (said ?? {}) as {
      functions?: string[]
      when?: Record<string, string | string[]>
      eg?: Record<string, unknown>
    }
    if (!/^\d+(\.\d+){4}$/.test(operation)) tell(['serves', operation], `${operation} is no operation`)
    for (const one of functions)
      if (typeof one !== 'string' || !/^[a-z][a-z-]*$/.test(one))
        tell(['serves', operation], `${String(one)} is no function`)
    return {
      operation,
      functions,
      when,
      eg: Object.fromEntries(Object.entries(eg).map(([path, value]) => [path, String(value)])),
    }
  })
  if (serves.length === 0) tell(['serves'], 'serves names at least one operation')
  return serves
}

/** Tells which examples and conditions name no field, or hold what their field cannot. */
export function judgeServes(serves: readonly Served[], fields: readonly Node[], tell: Tell): void {
  for (const { operation, eg } of serves)
    for (const [path, value] of Object.entries(eg)) {
      const leaf = nodeAt(fields, path)?.leaf
      const wrong = leaf ? wrongWith(codeOf(leaf, value), leaf) : 'is of no field'
      if (wrong !== undefined) tell(['serves', operation, 'eg', path], `${path}: ${value} ${wrong}`)
    }
  for (const { operation, when } of serves)
    for (const [path, value] of Object.entries(when)) {
      const leaf = nodeAt(fields, path)?.leaf
      if (!leaf) tell(['serves', operation, 'when', path], `${path} is no field`)
      else
        for (const said of [value].flat()) {
          const one = codeOf(leaf, String(said))
          const wrong = wrongWith(String(one), leaf)
          if (wrong !== undefined) tell(['serves', operation, 'when', path], `${path}: ${String(one)} ${wrong}`)
        }
    }
}

/** The same with codes for values that the form writes by their meaning. */
export function servesInCodes(serves: readonly Served[], fields: readonly Node[]): Served[] {
  return serves.map((one) => ({
    ...one,
    eg: Object.fromEntries(
      Object.entries(one.eg).map(([path, value]) => [path, codeOf(nodeAt(fields, path)?.leaf, value)]),
    ),
    when: Object.fromEntries(
      Object.entries(one.when).map(([path, value]) => {
        const leaf = nodeAt(fields, path)?.leaf
        return [path, Array.isArray(value) ? value.map((v) => codeOf(leaf, String(v))) : codeOf(leaf, String(value))]
      }),
    ),
  }))
}
