// compile — the rules of one document type as one function over the scan of a message: each rule is a few steps through
// it.
import { errorText } from '../../messages/errors.js'
import type { Fault } from '../../messages/fault.js'
import { descend, compilePath, type CompiledPath } from '../compiled-path.js'
import { lookFor } from './kinds.js'
import type { RuleAtWork, ReportFault, CompilePath } from './look.js'
import { fits } from './wanted.js'
import type { ConditionTest, Conditions, Rule } from './rule.js'
import { Mark, ScanShape } from '../scan.js'

/** Every element and attribute a rule names, for asking whether the schema has them too. */
export function shapeOf(root: string, rule: Rule): ScanShape {
  const shape = new ScanShape(root, 0)
  make(rule, shape)
  return shape
}

/** @returns at most `limit + 1` faults of a message that its XSD has found valid, then at most as many warnings */
export type RuleCheck = (root: Mark, limit: number) => Fault[]

/** A condition made ready. What the root is asked is answered once a message, however many rules ask it. */
interface ReadyCondition {
  holds: (at: Mark) => boolean
  ofRoot: boolean
  /** The message last asked of, and its answer. */
  asked: Mark | undefined
  held: boolean
}
interface Ready {
  entries: CompiledPath | undefined
  /** Any of these sets must hold. */
  when: { root: ReadyCondition[]; entry: ReadyCondition[] }[]
  look: RuleAtWork
  report: ReportFault
}
/** What is found in the message at hand; one at a time, since a thread does one thing at a time. */
interface Findings {
  faults: Fault[]
  limit: number
}

/** @param shape of the root: what the rules look for is added to it */
export function compileRules(rules: readonly Rule[], shape: ScanShape): RuleCheck {
  const findings: Findings = { faults: [], limit: 0 }
  const asks = new Map<string, ReadyCondition>()
  const ready = rules.map((rule) => make(rule, shape, asks, findings))
  // Warnings have room of their own: however many there are, none takes the place of a fault.
  const refusing = ready.filter((_, n) => rules[n]!.level !== 'warn')
  const warning = ready.filter((_, n) => rules[n]!.level === 'warn')
  const found = (these: readonly Ready[], root: Mark): Fault[] => {
    findings.faults = []
    for (const one of these) {
      if (findings.faults.length > findings.limit) break
      judge(one, root)
    }
    return findings.faults
  }
  return (root, limit) => {
    findings.limit = limit
    return [...found(refusing, root), ...found(warning, root)]
  }
}

function make(
  rule: Rule,
  root: ScanShape,
  asks = new Map<string, ReadyCondition>(),
  findings: Findings = { faults: [], limit: 0 },
): Ready {
  const entry = rule.for === undefined ? root : descend(root, rule.for)
  const from = (path: string) => (path.startsWith('/') ? root : (above(path, rule.for, root) ?? entry))
  const pathTo: CompilePath = (path, below) =>
    compilePath(
      path,
      path.startsWith('/') || below === undefined ? from(path) : descend(from(below), below.replace(/^(\.\.\/)+/, '')),
    )
  const ask = (path: string, asked: ConditionTest): ReadyCondition => {
    // From a list above the entry, the answer differs from entry to entry.
    const ofRoot = rule.for === undefined || path.startsWith('/')
    const key = `${path.replace(/^\//, '')} ${JSON.stringify(asked)}`
    const found = (ofRoot ? asks.get(key) : undefined) ?? {
      holds: holding(pathTo(path), asked),
      ofRoot,
      asked: undefined,
      held: false,
    }
    if (ofRoot) asks.set(key, found)
    return found
  }
  const split = (conditions: Conditions) => {
    const all = Object.entries(conditions).map(([path, asked]) => ask(path, asked))
    return { root: all.filter((one) => one.ofRoot), entry: all.filter((one) => !one.ofRoot) }
  }
  const when = rule.when === undefined ? [] : Array.isArray(rule.when) ? rule.when : [rule.when]
  return {
    entries: rule.for === undefined ? undefined : compilePath(rule.for, root),
    when: when.map(split),
    look: lookFor(rule, pathTo),
    report: reporter(rule, findings),
  }
}

function holding(compiled: CompiledPath, asked: ConditionTest): (at: Mark) => boolean {
  const several = typeof asked === 'object' && ('any' in asked || 'none' in asked) ? asked : undefined
  if (several === undefined) {
    const right = fits(asked as Exclude<ConditionTest, { any: unknown } | { none: unknown }>)
    return (at) => right(compiled.first(at)?.text ?? '')
  }
  const right = fits('any' in several ? several.any : several.none)
  const found = (at: Mark) => compiled.each(at).some(({ text }) => right(text))
  return 'any' in several ? found : (at) => !found(at)
}

/** The shape from which a path with leading `../` goes down; undefined for other paths. */
function above(path: string, entry: string | undefined, root: ScanShape): ScanShape | undefined {
  const ups = /^(\.\.\/)*/.exec(path)![0].length / 3
  const steps = entry?.split('/') ?? []
  return ups === 0 ? undefined : ups >= steps.length ? root : descend(root, steps.slice(0, -ups).join('/'))
}

function judge({ entries, when, look, report }: Ready, root: Mark): void {
  if (when.length > 0 && !when.some((one) => rootHolds(one.root, root))) return
  if (!entries) look(root, report)
  else
    for (const entry of entries.each(root))
      if (
        when.length === 0 ||
        when.some((one) => rootHolds(one.root, root) && one.entry.every(({ holds }) => holds(entry)))
      )
        look(entry, report)
}

function rootHolds(asks: ReadyCondition[], root: Mark): boolean {
  for (const ask of asks) {
    if (ask.asked !== root) {
      ask.held = ask.holds(root)
      ask.asked = root
    }
    if (!ask.held) return false
  }
  return true
}

function reporter(rule: Rule, findings: Findings): ReportFault {
  return (code, at, values = {}) => {
    const { faults, limit } = findings
    const [mark, path] = at instanceof Mark ? [at, at.path] : [at.near, at.path]
    const before = faults.at(-1)
    // What several entries ask of the root is told once.
    if (faults.length > limit || (before?.rule === rule.id && before.code === code && before.path === path)) return
    const value = at instanceof Mark ? at.text.slice(0, 200) : undefined
    const text = errorText(code, {
      element: path.slice(path.lastIndexOf('/') + 1).replace(/\[\d+\]$/, ''),
      ...(value === undefined ? {} : { value }),
      ...values,
    })
    faults.push({
      code,
      path,
      line: mark.line,
      rule: rule.id,
      ...(value ? { value } : {}),
      ...(rule.level ? { level: rule.level } : {}),
      text: { zh: `${text.zh}${rule.text.zh}`, en: `${text.en} ${rule.text.en}` },
    })
  }
}
