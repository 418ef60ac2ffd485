// load — reads the rules.yaml of every pack once at start, checks all of it, and reports every fault in one error.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Type, type Static, type TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { parse } from 'yaml'
import type { DocumentFamily } from '../../messages/document-type.js'
import { meant, valueFaults, type ValueFault } from '../../messages/value-fault.js'
import { readYamlText, yamlFaults } from '../../messages/yaml-text.js'
import { commonKeys, kinds, Rule, type Kind, type RuleFamily } from './rule.js'
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

interface RulesReading {
  /** Whoever starts often remembers what was read, and that it was sound. */
  read?: ReadRules
  /** Documents that may be there and could not be read: a rule may name them. */
  unread?: (document: string) => boolean
}

const parsed: ReadRules = (_shape, file) => ({
  value: parse(readFileSync(file, 'utf8'), { merge: true }),
  sound: false,
})

/** All that was wrong with the rules, at once, so that one restart shows every fault. */
export class RuleDataError extends Error {
  override name = 'RuleDataError'
  constructor(readonly faults: string[]) {
    super(`the rules have ${faults.length} fault(s):\n  ${faults.join('\n  ')}`)
  }
}

/**
 * Every rule of the packs below `dir` (xsd/families).
 * @throws RuleDataError with every fault found: bad shape, two or no kinds, an id twice, an unknown document, a broken
 *   expression
 */
export function loadRules(
  dir: string,
  documents: readonly DocumentFamily[],
  { read = parsed, unread = () => false }: RulesReading = {},
): RuleFamily[] {
  const faults: string[] = []
  const types = new Set(documents.flatMap((family) => family.documents).map(({ id }) => id))
  const seen = new Set<string>()
  const families: RuleFamily[] = []
  for (const pack of readdirSync(dir).sort()) {
    const file = join(dir, pack, 'rules.yaml')
    if (!existsSync(file)) continue
    let content: unknown
    let sound = false
    try {
      ;({ value: content, sound } = read(Shape, file))
    } catch {
      // No YAML: told below, with its line.
    }
    if (!isOuter(content, sound)) {
      faults.push(...yamlFaults(Outer, file, readFileSync(file, 'utf8')))
      continue
    }
    const wrong: (ValueFault & { rule?: string })[] = []
    const unknown = (id: string, at: string): ValueFault[] => {
      if (types.has(id) || unread(id)) return []
      const near = meant(id, [...types])
      return [{ at, en: `no document is called this${near.en}`, zh: `没有这个单证${near.zh}`, value: id }]
    }
    for (const [i, rule] of content.rules.entries()) {
      const at = `/rules/${i}`
      const { id: name } = rule
      if (!sound) wrong.push(...faultsOf(rule, at).map((fault) => ({ ...fault, rule: name })))
      if (seen.has(rule.id)) wrong.push({ at: `${at}/id`, en: 'stands twice', zh: '重复', rule: name })
      seen.add(rule.id)
      for (const [n, id] of rule.documents.entries())
        wrong.push(...unknown(id, `${at}/documents/${n}`).map((fault) => ({ ...fault, rule: name })))
    }
    for (const id of Object.keys(content.within ?? {})) wrong.push(...unknown(id, `/within/${id}`))
    if (wrong.length > 0) {
      const { placed: told } = readYamlText(file, readFileSync(file, 'utf8'), { merge: true })
      faults.push(...wrong.map(({ rule, ...fault }) => `${told(fault)}${rule === undefined ? '' : ` (${rule})`}`))
    }
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

/** @param at the rule's place in its file */
function faultsOf(rule: Record<string, unknown>, at: string): ValueFault[] {
  const named = (Object.keys(kinds) as Kind[]).filter((kind) => kind in rule)
  if (named.length !== 1) {
    const unknown = Object.keys(rule).filter((key) => !commonKeys.has(key))
    const near = named.length === 0 ? meant(unknown[0] ?? '', Object.keys(kinds)) : { en: '', zh: '' }
    const [en, zh] = named.length === 0 ? ['no kind', '没有'] : [named.join(', '), `为 ${named.join('、')}`]
    return [
      { at, en: `a rule is of one kind; this one has ${en}${near.en}`, zh: `规则须有且只有一种，此处${zh}${near.zh}` },
    ]
  }
  const wrong = valueFaults(Rule.anyOf[Object.keys(kinds).indexOf(named[0]!)]!, rule, at)
  if (wrong.length > 0) return wrong
  return expressionsIn(rule).flatMap((expression) => {
    try {
      new RegExp(`^(?:${expression.slice(1, -1)})$`, 'u')
      return []
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      return [{ at, en: `${expression}: ${why}`, zh: `${expression} 不是正则表达式` }]
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
