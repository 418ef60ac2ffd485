// form-rules — the rules of a form as rules of xsd/rules. A form's paths run from the root; each rule finds the list
// whose entries it is asked of: the deepest list its paths share.
import { Value } from 'typebox/value'
import { kinds, Rule } from '../rules/rule.js'
import { amountRules } from './form-rules/amount-rules.js'
import { conditionsOf } from './form-rules/conditions.js'
import { draftReader, type Draft } from './form-rules/draft.js'
import { entryRules } from './form-rules/entry-rules.js'
import { fieldRules } from './form-rules/field-rules.js'
import { place } from './form-rules/place.js'
import { kebab, unwrittenRules } from './form-rules/unwritten-rules.js'
import type { Say, WrittenRule } from './form-rules/written.js'
import type { Form } from './node.js'

/** What stands in a rule beside its kinds. */
const beside = new Set(['zh', 'en', 'id', 'level', 'if', 'unless', 'own', 'note'])

const drafters = new Map(Object.entries({ ...fieldRules, ...amountRules, ...entryRules }))

/**
 * The rules a form writes, then those it has without writing them. A rule of a kind that only the authority can ask is
 * a note of the form.
 * @param tell hears what is wrong: which rule, from 0, and a sentence. Such a rule is left out
 */
export function compileFormRules(
  form: Form,
  written: readonly WrittenRule[],
  tell: (rule: number, sentence: string) => void,
): Rule[] {
  const rules: Rule[] = []
  const id = kebab(form.document)
  written.forEach((one, n) => {
    const faults: string[] = []
    const say = (sentence: string) => void faults.push(sentence)
    if (typeof one.zh !== 'string' || typeof one.en !== 'string') say('a rule has zh and en')
    // The hub does not know what was filed in other ways: a number it has not seen is a warning, and refused only where
    // the form says `error`.
    const asks = one.known !== undefined
    if (one.level !== undefined && one.level !== 'warn' && !(asks && one.level === 'error'))
      say(`level is warn or absent, not ${String(one.level)}`)
    const named = Object.keys(one).filter((key) => !beside.has(key))
    const when = conditionsOf(form, one, say)
    const drafts = named.flatMap((key) => draftsOf(form, key, one[key], say))
    if (drafts.length === 0 && named.every((key) => key === 'known')) form.notes.push({ zh: one.zh, en: one.en })
    const made = faults.length === 0 ? drafts.map((draft) => place(form, draft, when)) : []
    made.forEach((body, i) => {
      const rule = {
        id: `${one.id ?? `${id}-R${String(n + 1).padStart(2, '0')}`}${made.length > 1 ? `-${i + 1}` : ''}`,
        documents: [form.document],
        ...(one.level === 'warn' || (drafts[i]!.kind === 'known' && one.level !== 'error')
          ? { level: 'warn' as const }
          : {}),
        text: { zh: one.zh, en: one.en },
        ...body,
      }
      const shape = Rule.anyOf[Object.keys(kinds).indexOf(drafts[i]!.kind)]!
      for (const error of [...Value.Errors(shape, rule)].slice(0, 3))
        say(`${drafts[i]!.kind}: ${error.instancePath} ${error.message}`)
      rules.push(rule)
    })
    for (const sentence of faults) tell(n, sentence)
  })
  return [...rules, ...unwrittenRules(form, rules)]
}

function draftsOf(form: Form, key: string, said: unknown, say: Say): Draft[] {
  const drafter = drafters.get(key)
  if (drafter) return drafter(draftReader(form, key, said, say))
  say(`there is no rule ${key}`)
  return []
}
