// unwritten-rules — the rules a form has without writing them: check digits, identity cards, codes that are in force.
import type { CheckDigitName } from '../../../messages/check-digits/index.js'
import type { Conditions, Rule } from '../../rules/rule.js'
import { walk, type Code, type Form } from '../node.js'
import type { Draft } from './draft.js'
import { listOf, place } from './place.js'

/** `GoodsDeclaration` as `GOODS-DECLARATION`, in the ids of rules. */
export const kebab = (name: string) => name.replace(/([a-z0-9])([A-Z])/g, '$1-$2').toUpperCase()

/** @param written the rules it writes: what they look at is not looked at twice */
export const unwrittenRules = (form: Form, written: readonly Rule[]): Rule[] => [
  ...digitRules(form),
  ...identityRules(form, written),
  ...codeRules(form),
]

/** A person's number is an identity card's where the kind beside it says so, whether or not a rule of the form does. */
function identityRules(form: Form, written: readonly Rule[]): Rule[] {
  const looked = new Set(
    written.flatMap(({ check, for: entry }) =>
      [check?.path ?? []].flat().map((path) => (entry === undefined ? path : `${entry}/${path}`)),
    ),
  )
  return [...walk(form.fields)].flatMap(({ path, node }): Rule[] => {
    const [kind, number] = ['DocumentKind', 'DocumentNumber'].map((name) =>
      node.fields?.find((one) => one.name === name),
    )
    const code = kind?.leaf?.codes?.find(({ zh }) => /^(?:公民|居民)?身份证/.test(zh))?.code
    const at = `${path}/DocumentNumber`
    if (code === undefined || !number?.leaf || number.leaf.check || looked.has(at)) return []
    const draft: Draft = { kind: 'check', shape: { path: [at], as: 'id-card' }, anchors: [at] }
    const rule: Rule = {
      id: `${kebab(form.document)}-${kebab(path.replaceAll('/', '-'))}-ID-CARD`,
      documents: [form.document],
      ...(place(form, draft, [{ [`${path}/DocumentKind`]: code }]) as { check: { path: string[]; as: 'id-card' } }),
      text: {
        zh: '居民身份证号码的格式和校验码应正确。',
        en: 'The number of an identity card has its form and its check digit.',
      },
    }
    return [rule]
  })
}

/** Every number with a check digit is looked at, whether or not a rule says so. */
function digitRules(form: Form): Rule[] {
  const byDigit = new Map<CheckDigitName, string[]>()
  for (const { path, node } of walk(form.fields))
    if (node.leaf?.check) byDigit.set(node.leaf.check, [...(byDigit.get(node.leaf.check) ?? []), path])
  return [...byDigit].map(([as, paths]) => ({
    id: `${kebab(form.document)}-${as.toUpperCase()}`,
    documents: [form.document],
    check: { path: paths, as },
    text: { zh: '号码的格式和校验码应正确。', en: 'The number has its form and its check digit.' },
  }))
}

/**
 * Fields that say when the applicant declares: what codes are in force is asked of the first of them, else of the time
 * of sending.
 */
const declaredOn = ['DeclaredOn', 'DeclareDate', 'DeclarationDate', 'FiledOn', 'AppliedOn', 'AppliedAt', 'SubmittedOn']

/**
 * A code that may be declared from a day or until a day is looked at without a rule. It refuses an original with a
 * declaration date of its own; a change of what was declared earlier, and a form without such a date, are warned.
 */
function codeRules(form: Form): Rule[] {
  if (form.kind !== 'filing') return []
  const dated = [...walk(form.fields)].flatMap(({ path, node: { leaf } }) => [
    ...datedIn(path, leaf?.codes),
    ...datedIn(`${path}@${leaf?.attribute?.name}`, leaf?.attribute?.codes),
  ])
  const own = [...walk(form.fields)].find(
    ({ path, node }) =>
      declaredOn.includes(node.name) && node.leaf?.base.startsWith('date') && listOf(form, path) === '',
  )?.path
  const originals = form.functions.filter(({ name }) => name === 'original').map(({ code }) => code)
  const original = originals.length === form.functions.length ? undefined : { 'Head/FunctionCode': originals }
  const later = original === undefined ? undefined : { 'Head/FunctionCode': { not: originals } }
  const levels: { when: Conditions | undefined; level?: 'warn' }[] =
    own === undefined || originals.length === 0
      ? [{ when: undefined, level: 'warn' }]
      : [{ when: original }, ...(later ? [{ when: later, level: 'warn' as const }] : [])]
  return dated.flatMap(({ path, codes }, n) =>
    levels.map(({ when, level }) => ({
      id: `${kebab(form.document)}-CODE-${n + 1}${level === undefined ? '' : '-WARN'}`,
      documents: [form.document],
      ...(when === undefined ? {} : { when }),
      ...(level === undefined ? {} : { level }),
      inForce: { path, on: [...(own === undefined ? [] : [own]), 'Head/SendTime'], codes },
      text: { zh: '代码应在申报日期有效。', en: 'The code is in force on the day of declaration.' },
    })),
  )
}

/** Of a field whose list has codes with days: these. */
function datedIn(path: string, codes: readonly Code[] = []) {
  const dated = codes.filter(({ from, to }) => from !== undefined || to !== undefined)
  const days = ({ from, to }: Code) => ({
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  })
  return dated.length === 0 ? [] : [{ path, codes: Object.fromEntries(dated.map((one) => [one.code, days(one)])) }]
}
