// later-messages — what a form forgets about the messages after the first: a change and its original share an identity,
// an answer to a withdrawal is no approval, a withdrawal encloses no papers again, a review comes before the decision.
import type { Rule } from '../ruling/rule.js'
import { nodeAt, type Form, type Node, type Stage } from './node.js'
import { plain } from './obligatory.js'

/** Functions that end or lengthen what was granted; the course of the first filing does not answer them. */
const ending = ['withdraw', 'cancel', 'delete', 'extend']
const filingDay = /^(Applied|Asked|Declared|Filed|Submitted)(On|At)$/
const review = /^待.*(审核|核验|确认)|转人工|审核中|补正|要求补充/

/** @returns a sentence for each thing forgotten */
export function forgottenLater(form: Form, rules: readonly Rule[]): string[] {
  if (form.kind !== 'filing') return []
  return [...(form.functions.length > 1 ? identityOf(form, rules) : []), ...filesAgain(form), ...lifeOf(form)]
}

/**
 * Absent from one message and present in the next, a field makes two business documents of one; the day on which a
 * message is filed, too.
 */
function identityOf(form: Form, rules: readonly Rule[]): string[] {
  const filed = form.identity.filter((path) => filingDay.test(path))
  const sentences = filed.map((path) => `identity ${path} is the day of the message: a change has another`)
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
 * Does it have a file wherever it is there? A number of files that the schema counts must stay (short.ts), and a group
 * that a first filing does not have is the later message's own.
 */
const enclosed = ({ min, leaf, fields = [] }: Node): boolean =>
  min > 0 && (leaf ? leaf.type === 'attachment' && min === 1 : fields.some(enclosed))

function lifeOf({ functions, life }: Form): string[] {
  const codes = functions.map(({ code }) => code)
  const answers = ({ on }: Stage) => on ?? codes
  const decides = ({ status }: Stage) => status === 'approved' || status === 'released'
  const general = functions.some(({ name }) => ending.includes(name))
    ? life.filter((stage) => stage.on === undefined && decides(stage))
    : []
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
    ...late.map(({ zh }) => `life ${zh} stands after the decision that it leads to`),
  ]
}
