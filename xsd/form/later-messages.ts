// later-messages — what a form forgets about the messages after the first: a change and its original share an identity
// that no correction alters, an answer to a withdrawal is no approval, a withdrawal encloses no papers again, a review
// comes before the decision.
import type { ConditionTest, Rule } from '../rules/rule.js'
import { functionCodes } from './function-codes.js'
import { nodeAt, walk, type Form, type Node, type LifeCycleStep } from './node.js'
import { plain } from './obligatory.js'

/** Functions that end or lengthen what was granted; the course of the first filing does not answer them. */
const ending = ['withdraw', 'cancel', 'delete', 'extend']
/** Functions that only take back what was filed. */
const again = ['withdraw', 'cancel', 'delete']
const original = functionCodes.original!
/** Types of what is measured or happens: a correction alters it. A date with time counts by its day (document.ts). */
const measure = /^(decimal|money|quantity|percent|time)\b/
const filingDay = /^(Applied|Asked|Declared|Filed|Submitted)(On|At)$/
const review = /^待.*(审核|核验|确认)|转人工|审核中|补正|要求补充/

/** What a form forgets about its later messages, a sentence for each. */
export function forgottenLater(form: Form, rules: readonly Rule[]): string[] {
  if (form.kind !== 'filing') return []
  return [
    ...(form.functions.length > 1 ? identityOf(form, rules) : []),
    ...filesAgain(form),
    ...filesAskedAgain(form, rules),
    ...lifeOf(form),
  ]
}

/**
 * Absent from one message and present in the next, a field makes two business documents of one; so do the day on which
 * a message is filed, an amount, an hour, and what the form itself lists as something to change.
 */
function identityOf(form: Form, rules: readonly Rule[]): string[] {
  const filed = form.identity.filter((path) => filingDay.test(path))
  const measured = form.identity.filter((path) => measure.test(nodeAt(form.fields, path)?.leaf?.type ?? ''))
  const sentences = [
    ...filed.map((path) => `identity ${path} is the day of the message: a change has another`),
    ...measured.map((path) => `identity ${path} is an amount or an hour: a change may correct it`),
    ...form.identity.flatMap((path) => changeable(form, path)),
    ...daysOf(form),
  ]
  const absent = form.identity
    .filter((path) => maybeAbsent(form, path))
    .flatMap((path) => {
      if (leftByShort(form, path)) return [`identity ${path} is not among short needs: a short message has none`]
      return rules.some((rule) => asksBySubject(rule, path))
        ? []
        : [`identity ${path} may be absent: a change or withdrawal would not find its original by it`]
    })
  return [...sentences, ...absent]
}

/** A flight or a train runs every day: the day belongs to it. A day that is only planned may be postponed. */
function daysOf({ identity, fields }: Form): string[] {
  const named = identity.flatMap((path) => {
    const node = nodeAt(fields, path)
    return node?.leaf ? [{ path, zh: node.zh, ...node.leaf }] : []
  })
  const isDay = ({ base, zh }: (typeof named)[number]) => base === 'date' || base === 'dateTime' || /日期/.test(zh)
  const daily = named.filter(({ type, zh }) => type === 'flightNumber' || /航班|班次|车次/.test(zh))
  return [
    ...(named.some(isDay) ? [] : daily.map(({ path }) => `identity ${path} runs every day: name its day too`)),
    ...named
      .filter((one) => one.base === 'date' && /^(预计|拟)/.test(one.zh))
      .map(({ path }) => `identity ${path} is only planned: a change may put it off`),
  ]
}

/** A list of what may be changed (变更项目) names the field, or the group it stands in. */
function changeable(form: Form, path: string): string[] {
  if (!nodeAt(form.fields, path)) return []
  const labels = steps(form, path).map(({ zh }) => zh.replace(/（.*$/, ''))
  const name = labels.at(-1)!
  const wanted = labels.length > 1 ? [labels.slice(-2).join('')] : [name]
  return [...walk(form.fields)]
    .filter((one) => one.node.leaf?.codes && /变更|更改|修改/.test(one.node.zh))
    .flatMap((one) => one.node.leaf!.codes!)
    .filter(({ zh }) => wanted.some((label) => zh.includes(label) || (zh.length > 3 && label.endsWith(zh))))
    .map(({ zh }) => `identity ${path} may be changed by a change (${zh})`)
}

const steps = (form: Form, path: string): Node[] =>
  path.split('/').map((_, i, all) => nodeAt(form.fields, all.slice(0, i + 1).join('/'))!)
const maybeAbsent = (form: Form, path: string) => steps(form, path).some(({ min }) => min === 0)
const leftByShort = (form: Form, path: string) => steps(form, path).some(({ usual }) => usual !== undefined)

/** The rule asks for the field for what the document is about, and not only for what the message does with it. */
function asksBySubject(rule: Rule, path: string): boolean {
  const asked = [...[rule.require ?? []].flat(), ...(rule.either ?? []), ...(rule.one ?? [])]
  const whole = asked.map((one) => plain(rule.for, one))
  if (!whole.some((one) => one === path || path.startsWith(`${one}/`))) return false
  const conditions = rule.when === undefined ? [{}] : [rule.when].flat()
  return conditions.every((one) => {
    const named = Object.keys(one)
    return named.length === 0 || named.some((name) => !name.endsWith('Head/FunctionCode'))
  })
}

function filesAgain(form: Form): string[] {
  return (form.short?.needs ?? [])
    .filter((name) => enclosed(nodeAt(form.fields, name)!))
    .map((name) => `short needs ${name}: ${form.short!.functions.join(' and ')} would enclose its files again`)
}

/**
 * Does it have a file wherever it is there? A number of files that the schema counts must stay (read/short.ts), and a
 * group that a first filing does not have is the later message's own.
 */
const enclosed = ({ min, leaf, fields = [] }: Node): boolean =>
  min > 0 && (leaf ? leaf.type === 'attachment' && min === 1 : fields.some(enclosed))

/**
 * Rules that ask for a file whatever the message is for, or of a first filing and of its withdrawal alike. A file that
 * only the later message has (a termination agreement) is its own.
 */
function filesAskedAgain(form: Form, rules: readonly Rule[]): string[] {
  const codes = form.functions
    .filter(({ name }) => again.includes(name) && !form.short?.functions.includes(name))
    .map(({ code }) => code)
  if (codes.length === 0) return []
  const ofEnding = (one: Record<string, ConditionTest>) => {
    const [, wanted] = Object.entries(one).find(([name]) => name.endsWith('Head/FunctionCode')) ?? []
    if (wanted === undefined) return true
    const named = Array.isArray(wanted) || typeof wanted === 'string' ? [wanted].flat() : []
    return named.includes(original) && codes.some((code) => named.includes(code))
  }
  return rules.flatMap((rule) => {
    if (!(rule.when === undefined ? [{}] : [rule.when].flat()).some(ofEnding)) return []
    return [[rule.require ?? []].flat(), rule.either ?? [], rule.one ?? []]
      .flat()
      .map((asked) => plain(rule.for, asked))
      .filter((path) => hasFile(nodeAt(form.fields, path)))
      .map((path) => `rule ${rule.id} asks for the files of ${path} again in a withdrawal or cancellation`)
  })
}

const hasFile = (node: Node | undefined): boolean =>
  node !== undefined &&
  (node.leaf ? node.leaf.type === 'attachment' : (node.fields ?? []).some((one) => one.min > 0 && hasFile(one)))

function lifeOf({ functions, life }: Form): string[] {
  const codes = functions.map(({ code }) => code)
  const answers = ({ on }: LifeCycleStep) => on ?? codes
  const decides = ({ status }: LifeCycleStep) => status === 'approved' || status === 'released'
  const general = functions.some(({ name }) => ending.includes(name))
    ? life.filter((stage) => stage.on === undefined && decides(stage))
    : []
  const unanswered = functions.filter(
    ({ name, code }) =>
      ending.includes(name) && !life.some(({ on, status }) => on?.includes(code) && status !== 'rejected'),
  )
  const takenBack = functions.filter(({ name }) => again.includes(name)).map(({ code }) => code)
  const released = life.filter(
    ({ on, status }) => status === 'released' && on?.every((code) => takenBack.includes(code)),
  )
  const late = life.filter(
    (stage, i) =>
      stage.status === 'processing' &&
      review.test(stage.zh) &&
      life
        .slice(0, i)
        .some((one) => one.status === 'approved' && answers(one).some((code) => answers(stage).includes(code))),
  )
  return [
    ...general.map(({ zh }) => `life ${zh} needs on: it answers a withdrawal, cancellation or extension too`),
    ...unanswered.map(({ name }) => `life has no step that grants ${name}: give it one, with on: [${name}]`),
    ...released.map(({ zh }) => `life ${zh} is approved, not released: nothing is let go by a withdrawal`),
    ...late.map(({ zh }) => `life ${zh} stands after the decision that it leads to`),
  ]
}
