// load — reads the rules.yaml of every pack once at start, checks all of it, and reports every fault in one error.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Type, type Static, type TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { parse } from 'yaml'
import type { DocumentFamily } from '../../messages/document-type.js'
import { kinds, Rule, type Kind, type RuleFamily } from './rule.js'
import { placed } from './wrapped.js'

const Outer = Type.Object(
  {
    family: Type.String(),
    within: Type.Optional(Type.Record(Type.String(), Type.String())),
    rules: Type.Array(
      Type.Object({ id: Type.String(), documents: Type.Array(Type.String()) }, { additionalProperties: true }),
    ),
  },
  { additionalProperties: false },
)

/** What a file and each of its rules must look like. */
const Shape = Type.Object({ file: Outer, rule: Rule })

/** Gives a YAML file's content, parsed; `sound` when this content was found good before, against the same shape. */
type ReadRules = (shape: TSchema, file: string) => { value: unknown; sound: boolean }

/** All that was wrong with the rules, at once, so that one restart shows every fault. */
export class RuleDataError extends Error {
  override name = 'RuleDataError'
  constructor(readonly faults: string[]) {
    super(`the rules have ${faults.length} fault(s):\n  ${faults.join('\n  ')}`)
  }
}

/**
 * Every rule of the packs below `dir` (xsd/families).
 * @param read whoever starts often remembers what was read, and that it was sound
 * @throws RuleDataError with every fault found: bad shape, two or no kinds, an id twice, an unknown document, a broken
 *   expression
 */
export function loadRules(
  dir: string,
  documents: readonly DocumentFamily[],
  read: ReadRules = (_shape, file) => ({ value: parse(readFileSync(file, 'utf8')), sound: false }),
): RuleFamily[] {
  const faults: string[] = []
  const types = new Map(documents.flatMap((family) => family.documents).map((d) => [d.id, d]))
  const seen = new Set<string>()
  const families: RuleFamily[] = []
  for (const pack of readdirSync(dir).sort()) {
    const file = join(dir, pack, 'rules.yaml')
    if (!existsSync(file)) continue
    let content: unknown
    let sound = false
    try {
      ;({ value: content, sound } = read(Shape, file))
    } catch (error) {
      faults.push(`${file}: ${error instanceof Error ? error.message : String(error)}`)
      continue
    }
    if (!isOuter(content, sound)) {
      faults.push(
        ...[...Value.Errors(Outer, content)].slice(0, 5).map((e) => `${file}: ${e.instancePath || '/'} ${e.message}`),
      )
      continue
    }
    for (const rule of content.rules) {
      const wrong = sound ? [] : faultsOf(rule)
      if (seen.has(rule.id)) wrong.push('stands twice')
      seen.add(rule.id)
      for (const id of rule.documents) if (!types.has(id)) wrong.push(`names the unknown document ${id}`)
      faults.push(...wrong.map((w) => `${file}: rule ${rule.id} ${w}`))
    }
    for (const id of Object.keys(content.within ?? {}))
      if (!types.has(id)) faults.push(`${file}: within names the unknown document ${id}`)
    families.push(content as unknown as RuleFamily)
  }
  if (faults.length > 0) throw new RuleDataError(faults)
  return families.map((family) => ({
    ...family,
    rules: family.rules.flatMap((rule) => placed(rule, family.within ?? {})),
  }))
}

const isOuter = (content: unknown, sound: boolean): content is Static<typeof Outer> =>
  sound || Value.Check(Outer, content)

function faultsOf(rule: Record<string, unknown>): string[] {
  const named = (Object.keys(kinds) as Kind[]).filter((kind) => kind in rule)
  if (named.length !== 1)
    return [
      `is of ${named.length === 0 ? 'no kind' : `${named.length} kinds (${named.join(', ')})`}; it must be of one`,
    ]
  const shape = Rule.anyOf[Object.keys(kinds).indexOf(named[0]!)]!
  if (!Value.Check(shape, rule))
    return [...Value.Errors(shape, rule)].slice(0, 5).map((e) => `${e.instancePath || '/'} ${e.message}`)
  return expressionsIn(rule).flatMap((expression) => {
    try {
      new RegExp(`^(?:${expression.slice(1, -1)})$`, 'u')
      return []
    } catch (error) {
      return [`holds ${expression}: ${error instanceof Error ? error.message : String(error)}`]
    }
  })
}

/** Only in `when` and `value` can a string between slashes be an expression. */
function expressionsIn({ when, value }: Record<string, unknown>): string[] {
  const found: string[] = []
  const visit = (one: unknown): void => {
    if (typeof one === 'string') {
      if (one.length > 2 && one.startsWith('/') && one.endsWith('/')) found.push(one)
    } else if (typeof one === 'object' && one !== null) Object.values(one).forEach(visit)
  }
  visit(when)
  visit(value)
  return found
}
