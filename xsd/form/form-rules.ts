// form-rules — the rules of a form as rules of xsd/ruling. A form's paths run from the root; here each rule finds the
// list whose entries it is asked of: the deepest list its paths share.
import { kinds, Rule, type Asked, type Conditions, type Kind, type Operator, type Wanted } from '../ruling/rule.js'
import { Value } from 'typebox/value'
import { checkDigits, type CheckDigitName } from '../../messages/check-digits/index.js'
import { wrongWith } from './leaf-types.js'
import { nodeAt, walk, type Code, type Form, type Node } from './node.js'

/** A rule as a form writes it: conditions, one or several things that then hold, and what people are told. */
export interface WrittenRule {
  zh: string
  en: string
  id?: string
  level?: string
  if?: unknown
  unless?: unknown
  [kind: string]: unknown
}

type Tell = (rule: number, sentence: string) => void
type Map_ = Record<string, unknown>

const beside = new Set(['zh', 'en', 'id', 'level', 'if', 'unless', 'own', 'note'])
const kebab = (name: string) => name.replace(/([a-z0-9])([A-Z])/g, '$1-$2').toUpperCase()
const list = <T>(one: T | T[]): T[] => (Array.isArray(one) ? one : [one])
const isMap = (value: unknown): value is Map_ => typeof value === 'object' && value !== null && !Array.isArray(value)

/** A wish of a rule before it knows its list: paths still run from the root. */
interface Draft {
  kind: Kind
  /** The paths that stand for themselves in `shape`, to be made relative. */
  shape: unknown
  /** Paths whose list the rule is asked of, with the conditions'. Kinds that look at every occurrence name none. */
  anchors: string[]
}

export function compileFormRules(form: Form, written: readonly WrittenRule[], tell: Tell): Rule[] {
  const rules: Rule[] = []
  const id = kebab(form.document)
  written.forEach((one, n) => {
    const faults: string[] = []
    const say = (sentence: string) => faults.push(sentence)
    if (typeof one.zh !== 'string' || typeof one.en !== 'string') say('a rule has zh and en')
    // What was filed by other ways the hub does not know: a number it has not seen is told, and refused only where the
    // form says `error`.
    const asks = one.known !== undefined
    if (one.level !== undefined && one.level !== 'warn' && !(asks && one.level === 'error'))
      say(`level is warn or absent, not ${String(one.level)}`)
    const named = Object.keys(one).filter((key) => !beside.has(key))
    const when = conditionsOf(form, one, say)
    const drafts = named.flatMap((key) => draft(form, key, one[key], say))
    if (drafts.length === 0 && named.every((key) => key === 'known')) form.notes.push({ zh: one.zh, en: one.en })
    const made = faults.length === 0 ? drafts.map((d) => place(form, d, when)) : []
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
  return [...rules, ...digitRules(form), ...identityRules(form, rules), ...codeRules(form)]
}

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

// conditions

function conditionsOf(form: Form, { if: wanted, unless }: WrittenRule, say: (s: string) => void): Conditions[] {
  const positive = wanted === undefined ? [{}] : list(wanted as Map_).map((one) => conditions(form, one, say))
  if (unless === undefined) return positive
  const negative = list(unless as Map_ | string)
    .map((one) => (typeof one === 'string' ? { [one]: 'present' } : one))
    .map((one) => conditions(form, one, say))
  // Not (all hold) is: one does not. Several sets are each to fail.
  let sets = positive
  for (const set of negative)
    sets = sets.flatMap((before) => Object.entries(set).map(([path, one]) => ({ ...before, [path]: opposite(one) })))
  return sets
}

function opposite(wanted: Asked): Asked {
  if (typeof wanted === 'object' && !Array.isArray(wanted)) {
    if ('any' in wanted) return { none: wanted.any }
    if ('none' in wanted) return { any: wanted.none }
    if ('not' in wanted) return wanted.not
    const [operator, limit] = wanted.number.split(' ')
    const other = { '<': '>=', '<=': '>', '>': '<=', '>=': '<' }[operator!]
    return other ? { number: `${other} ${limit}` } : { not: limit! }
  }
  if (wanted === 'present') return 'absent'
  return wanted === 'absent' ? 'present' : { not: wanted }
}

function conditions(form: Form, said: unknown, say: (s: string) => void): Conditions {
  if (!isMap(said)) {
    say('a condition is path: value')
    return {}
  }
  return Object.fromEntries(
    Object.entries(said).map(([path, value]) => {
      if (path === 'function') {
        const codes = list(value).map(
          (name) =>
            form.functions.find((one) => one.name === name)?.code ??
            say(`${String(name)} is no function of this form`) ??
            '',
        )
        return ['Head/FunctionCode', codes.length === 1 ? codes[0]! : codes]
      }
      return [path, askedOf(nodeAt(form.fields, path), wantedOf(form, path, value, say))]
    }),
  )
}

/** Where several may be chosen, a condition asks whether the value is among them. */
function askedOf(node: Node | undefined, wanted: Wanted): Asked {
  if (!node?.leaf || node.max === 1 || wanted === 'absent') return wanted
  if (typeof wanted === 'string' || Array.isArray(wanted)) return { any: wanted }
  return 'not' in wanted ? { none: wanted.not } : wanted
}

function wantedOf(form: Form, path: string, said: unknown, say: (s: string) => void): Wanted {
  const node = known(form, path, say)
  if (isMap(said)) {
    if ('not' in said) return { not: plain(node, path, said.not, say) }
    if (typeof said.pattern === 'string') {
      try {
        new RegExp(`^(?:${said.pattern})$`, 'u')
      } catch (error) {
        say(`${path}: ${error instanceof Error ? error.message : String(error)}`)
      }
      return `/${said.pattern}/`
    }
    say(`${path}: ${JSON.stringify(said)} is no condition`)
    return ''
  }
  if (typeof said === 'string') {
    const [, operator, limit] = /^(<=|>=|<|>|=)\s*(-?\d+(?:\.\d+)?)$/.exec(said) ?? []
    if (operator) return { number: `${operator} ${limit}` }
  }
  return plain(node, path, said, say)
}

function plain(node: Node | undefined, path: string, said: unknown, say: (s: string) => void): string | string[] {
  const one = (value: unknown): string => {
    const text =
      typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''
    if (text === '') say(`${path}: ${JSON.stringify(value)} is no value`)
    if (text === 'present' || text === 'absent' || path.includes('@')) return text
    const codes = node?.leaf?.codes
    const wrong = node?.leaf && !codes ? wrongWith(text, node.leaf) : undefined
    if (wrong !== undefined) say(`${path}: ${text} ${wrong}`)
    if (!codes || codes.some(({ code }) => code === text)) return text
    const code = codes.find(({ zh }) => zh === text)?.code
    if (code === undefined) say(`${path} has no code ${text}`)
    return code ?? text
  }
  return Array.isArray(said) ? said.map(one) : one(said)
}

// consequences

function known(form: Form, path: string, say: (s: string) => void): Node | undefined {
  if (path.startsWith('Head/')) return undefined
  const node = nodeAt(form.fields, path)
  if (!node) say(`${path} is no field`)
  return node
}

/** Also of an expression; what is no path in it (numbers, units, signs, dates) is passed over. */
function pathsIn(form: Form, expression: string, say: (s: string) => void, anywhere = true): string[] {
  return expression
    .split(/\s+/)
    .filter((_, i, all) => anywhere || !/^(sum|min|max)$/.test(all[i - 1] ?? ''))
    .filter((token) => /^[A-Z][A-Za-z0-9]*(\/[A-Za-z0-9]+)*(@[a-z]+)?$/.test(token))
    .filter((path) => known(form, path, say) !== undefined)
}

/** What the entries of a list must hold to be meant: paths below it. */
function holding(form: Form, group: string, where: unknown, say: (s: string) => void): Record<string, Wanted> {
  return Object.fromEntries(
    Object.entries(isMap(where) ? where : {}).map(([one, value]) => [
      one,
      wantedOf(form, `${group}/${one}`, value, say),
    ]),
  )
}

function draft(form: Form, key: string, said: unknown, say: (s: string) => void): Draft[] {
  const paths = (value: unknown): string[] => {
    const all = list(value as string | string[])
    if (!all.every((one) => typeof one === 'string')) {
      say(`${key} names paths`)
      return []
    }
    for (const path of all) known(form, path, say)
    return all
  }
  const map = isMap(said) ? said : {}
  const text = (name: string): string => {
    const value = map[name]
    if (typeof value !== 'string') say(`${key} needs ${name}`)
    return typeof value === 'string' ? value : ''
  }
  const path = (name: string): string => {
    const value = text(name)
    if (value !== '') known(form, value, say)
    return value
  }
  /** `Path + 3 months`, `Total * 2`: a path that stands alone is as good. */
  const expression = (value: unknown): string => {
    const one = String(value)
    pathsIn(form, one, say)
    const odd = one
      .split(/\s+/)
      .find(
        (token) =>
          !/^([A-Z][\w/@]*|-?\d+(\.\d+)?|\d{4}-\d\d-\d\d|[-+*]|sum|min|max|(minute|hour|day|month|year)s?)$/.test(
            token,
          ),
      )
    if (odd !== undefined) say(`${key}: ${one}: ${odd} is no path, number or sign`)
    return one
  }
  const anchorsOf = (...expressions: string[]) => expressions.flatMap((one) => pathsIn(form, one, () => {}, false))
  const holds = (left: string, op: Operator, right: string): Draft => ({
    kind: 'holds',
    shape: { left, op, right },
    anchors: anchorsOf(left, right),
  })
  switch (key) {
    case 'known': {
      const { field } = map
      if (typeof field === 'string') known(form, field, say)
      // Where no document of ours has it (`certificates of the bank`), only the authority knows: a note.
      const asked = /^([A-Z]\w+)\/([A-Z][\w/]*)$/.exec(String(map.in))
      if (!asked || typeof field !== 'string') return []
      return [{ kind: 'known', shape: { path: field, document: asked[1], at: asked[2] }, anchors: [] }]
    }
    case 'require':
      return [{ kind: 'require', shape: paths(said), anchors: [] }]
    case 'forbid':
      return [{ kind: 'forbid', shape: paths(said), anchors: [] }]
    case 'only': {
      const allowed = paths(said)
      const rest = form.fields
        .map(({ name }) => name)
        .filter((name) => !allowed.some((one) => one === name || one.startsWith(`${name}/`)))
      return rest.length === 0 ? [] : [{ kind: 'forbid', shape: rest, anchors: [] }]
    }
    case 'anyOf':
      return [{ kind: 'either', shape: paths(said), anchors: paths(said) }]
    case 'oneOf':
      return [{ kind: 'one', shape: paths(said), anchors: paths(said) }]
    case 'together':
      return [{ kind: 'together', shape: paths(said), anchors: paths(said) }]
    case 'check': {
      const shape: Record<string, Wanted> = {}
      const digits: Draft[] = []
      for (const [one, value] of Object.entries(map)) {
        if (isMap(value) && typeof value.type === 'string') {
          known(form, one, say)
          const as = { idCard: 'id-card', uscc: 'credit-code', imo: 'imo-number' }[value.type] ?? value.type
          if (!(as in checkDigits)) say(`there is no check digit ${as}`)
          digits.push({ kind: 'check', shape: { path: [one], as }, anchors: [] })
        } else shape[one] = wantedOf(form, one, value, say)
      }
      return [...(Object.keys(shape).length > 0 ? [{ kind: 'value' as const, shape, anchors: [] }] : []), ...digits]
    }
    case 'same': {
      const all = paths(said)
      if (all.length === 1) return [{ kind: 'same', shape: all[0], anchors: [] }]
      return all.slice(1).map((other) => ({ kind: 'equal', shape: [all[0], other], anchors: [all[0]!, other] }))
    }
    case 'differ':
      return [{ kind: 'differ', shape: paths(said), anchors: paths(said) }]
    case 'unique': {
      const all = paths(said)
      const group = all.length === 1 ? nodeAt(form.fields, all[0]!)?.fields : undefined
      if (group && all[0])
        return [
          {
            kind: 'unique',
            shape: { each: all[0], by: group.filter((one) => one.leaf).map(({ name }) => name) },
            anchors: [],
          },
        ]
      if (all.length === 1) return [{ kind: 'unique', shape: all[0], anchors: [] }]
      const each = all
        .map((one) => one.replace(/\/[^/]+$/, ''))
        .reduce((a, b) => (b.startsWith(a) ? a : a.startsWith(b) ? b : ''))
      if (each === '' || !all.every((one) => one.startsWith(`${each}/`)))
        say(`unique: ${all.join(', ')} are of no one list`)
      return [{ kind: 'unique', shape: { each, by: all.map((one) => one.slice(each.length + 1)) }, anchors: [] }]
    }
    case 'compare': {
      const op = text('op') as Operator
      if (!['<', '<=', '>', '>=', '=', '!='].includes(op)) say(`compare: ${op} is no comparison`)
      const [left, right] = [expression(map.left), expression(map.right)]
      const alone = /^[A-Z][\w/]*$/
      // Texts too may be the same or not.
      if (op === '=' && alone.test(left) && alone.test(right))
        return [{ kind: 'equal', shape: [left, right], anchors: [left, right] }]
      if (op === '!=' && alone.test(left) && alone.test(right))
        return [{ kind: 'differ', shape: [left, right], anchors: [left, right] }]
      return [holds(left, op, right)]
    }
    case 'within': {
      const [from, to] = [path('from'), path('to')]
      const found = Object.entries(map).find(([name]) =>
        /^(minutes|days|hours|months|years|atLeast(Days|Months|Years))$/.test(name),
      )
      if (!found) {
        say('within needs minutes, hours, days, months or years')
        return []
      }
      const [name, count] = found
      const unit = name.replace('atLeast', '').toLowerCase()
      return [holds(to, name.startsWith('atLeast') ? '>=' : '<=', `${from} + ${String(count)} ${unit}`)]
    }
    case 'deadline': {
      const field = path('field')
      if (typeof map.within === 'string') return [holds(field, '<=', `${path('from')} + ${map.within}`)]
      const found = Object.entries(map).find(([one]) => /^(days|hours|months|years)$/.test(one))
      if (!found) {
        say('deadline needs within, or before with days or hours')
        return []
      }
      return [holds(field, '<=', `${path('before')} - ${String(found[1])} ${found[0]}`)]
    }
    case 'days': {
      const span = `${path('to')} - ${path('from')}${map.inclusive === 'both' ? ' + 1' : ''}`
      return [holds(path('is'), '=', span)]
    }
    case 'sum': {
      const total = typeof map.is === 'number' ? map.is : path('total')
      const of = list(map.of as string | string[]).map(String)
      for (const one of of) known(form, one.replace(/^-/, ''), say)
      const attribute = nodeAt(form.fields, of[0]!.replace(/^-/, ''))?.leaf?.attribute?.name
      const whole = typeof total === 'string' ? nodeAt(form.fields, total)?.leaf?.attribute?.name : undefined
      const less = of.filter((one) => one.startsWith('-')).map((one) => one.slice(1))
      const group = isMap(map.where) ? of[0]!.replace(/^-/, '').replace(/\/[^/]+$/, '') : ''
      return [
        {
          kind: 'sum',
          shape: {
            total,
            of: of.filter((one) => !one.startsWith('-')),
            ...(less.length > 0 ? { less } : {}),
            ...(typeof map.op === 'string' ? { op: map.op } : {}),
            ...(group === '' ? {} : { in: group, where: holding(form, group, map.where, say) }),
            ...(typeof map.tolerance === 'number' ? { tolerance: map.tolerance } : {}),
            ...(attribute !== undefined && attribute === whole ? { alike: attribute } : {}),
          },
          anchors: typeof total === 'string' ? [total] : [],
        },
      ]
    }
    case 'balance': {
      const [left, right] = [path('left'), path('right')]
      const by = list(map.by as string | string[]).map(String)
      const part = (of: string) => {
        const group = of.replace(/\/[^/]+$/, '')
        for (const one of by) known(form, `${group}/${one}`, say)
        const all = isMap(map.where) ? Object.entries(map.where) : []
        const own = all.filter(([one]) => one.startsWith(`${group}/`))
        const where = Object.fromEntries(own.map(([one, value]) => [one.slice(group.length + 1), value]))
        return { in: group, of: of.slice(group.length + 1), where: holding(form, group, where, say) }
      }
      return [{ kind: 'balance', shape: { left: part(left), right: part(right), by }, anchors: [] }]
    }
    case 'max': {
      const total = typeof map.total === 'number' ? map.total : path('total')
      const of = list((map.sum ?? map.of) as string | string[]).map(String)
      for (const one of of) known(form, one, say)
      // The sum is at most the total: the total at least the sum.
      return [{ kind: 'sum', shape: { total, of, op: '>=' }, anchors: typeof total === 'string' ? [total] : [] }]
    }
    case 'product': {
      const of = list(map.of as (string | number)[]).map((one) =>
        typeof one === 'string' && /^-?\d+(\.\d+)?$/.test(one) ? Number(one) : one,
      )
      const named = of.filter((one): one is string => typeof one === 'string')
      for (const one of named) expression(one)
      return [
        {
          kind: 'product',
          shape: { is: path('is'), of, ...(typeof map.op === 'string' ? { op: map.op } : {}) },
          anchors: [path('is'), ...anchorsOf(...named)],
        },
      ]
    }
    case 'ratio': {
      const terms = (value: unknown) =>
        expression(
          list(value as string | string[])
            .join(' + ')
            .replaceAll('+ -', '- '),
        )
      const [part, whole, is] = [terms(map.part), terms(map.whole), path('is')]
      const percent = nodeAt(form.fields, is)?.leaf?.type === 'percent'
      const times = typeof map.times === 'number' ? map.times : percent ? 100 : 1
      return [{ kind: 'ratio', shape: { is, part, whole, times }, anchors: [is, ...anchorsOf(part, whole)] }]
    }
    case 'count': {
      const [, distinct, of = ''] = /^(distinct )?(.*)$/.exec(text('of'))!
      known(form, of, say)
      const where = isMap(map.where) ? holding(form, of, map.where, say) : undefined
      return [
        {
          kind: 'count',
          shape: { total: path('total'), of, ...(distinct ? { distinct: true } : {}), ...(where ? { where } : {}) },
          anchors: [text('total')],
        },
      ]
    }
    case 'exists': {
      const group = path('in')
      const where = holding(form, group, map.where, say)
      return [{ kind: 'exists', shape: { in: group, where }, anchors: [] }]
    }
    case 'refers':
      return Object.entries(map).map(([one, other]) => {
        known(form, one, say)
        known(form, String(other), say)
        return { kind: 'refers', shape: [one, String(other)], anchors: [] }
      })
    case 'startsWith':
      return [{ kind: 'begins', shape: [path('field'), path('with')], anchors: [path('field'), path('with')] }]
    case 'concat': {
      const of = list(map.of as string | string[]).map(String)
      const named = paths(of.filter((one) => !one.startsWith('=')))
      const place = map.at === undefined ? {} : { at: map.at }
      return [{ kind: 'concat', shape: { is: path('is'), of, ...place }, anchors: [path('is'), ...named] }]
    }
    case 'order':
      return [{ kind: 'sorted', shape: { of: path('of'), by: text('by') }, anchors: [] }]
    case 'sequence':
      return [{ kind: 'sequence', shape: paths(said)[0], anchors: [] }]
    default:
      say(`there is no rule ${key}`)
      return []
  }
}

// where it is asked

/** The deepest list a path goes through; the leaf itself, where it repeats, is not one. */
function listOf(form: Form, path: string): string {
  const steps = path.replace(/@.*$/, '').split('/')
  for (let depth = steps.length - 1; depth > 0; depth--) {
    const above = steps.slice(0, depth).join('/')
    if ((nodeAt(form.fields, above)?.max ?? 1) > 1) return above
  }
  return ''
}

function place(form: Form, { kind, shape, anchors }: Draft, when: Conditions[]): Partial<Rule> {
  const asked = [...new Set(when.flatMap((one) => Object.keys(one)))]
  const lists = [...asked, ...anchors].map((path) => listOf(form, path))
  // Lists that stand side by side cannot both be gone through: the first that is named is, of the other the first entry
  // is meant.
  const entry = lists.reduce((deepest, one) => (one.startsWith(`${deepest}/`) || deepest === '' ? one : deepest), '')
  const inside = (path: string): string => {
    if (entry === '') return path
    if (path.startsWith(`${entry}/`)) return path.slice(entry.length + 1)
    // Another entry's list above this one: climb to it.
    const steps = entry.split('/')
    for (let ups = 1; ups < steps.length; ups++) {
      const above = steps.slice(0, -ups).join('/')
      if (path.startsWith(`${above}/`)) return `${'../'.repeat(ups)}${path.slice(above.length + 1)}`
    }
    return `/${path}`
  }
  const many = (paths: unknown) => (paths as string[]).map(inside)
  const placed = placers[kind]?.(shape as never, inside, many) ?? shape
  return {
    ...(entry === '' ? {} : { for: entry }),
    ...(when.length === 1 && Object.keys(when[0]!).length === 0
      ? {}
      : { when: when.length === 1 ? relative(when[0]!, inside) : when.map((one) => relative(one, inside)) }),
    [kind]: placed,
  }
}

const relative = (when: Conditions, inside: (path: string) => string): Conditions =>
  Object.fromEntries(Object.entries(when).map(([path, wanted]) => [inside(path), wanted]))

const inExpression = (expression: string, inside: (path: string) => string): string =>
  expression
    .split(/\s+/)
    .map((token) => (/^[A-Z]/.test(token) ? inside(token) : token))
    .join(' ')

type Inside = (path: string) => string
/** Which of a shape's strings are paths. */
const placers: Partial<Record<Kind, (shape: never, inside: Inside, many: (paths: unknown) => string[]) => unknown>> = {
  require: (shape, _, many) => many(shape),
  forbid: (shape, _, many) => many(shape),
  either: (shape, _, many) => many(shape),
  one: (shape, _, many) => many(shape),
  together: (shape, _, many) => many(shape),
  equal: (shape, _, many) => many(shape),
  known: (shape: { path: string }, inside) => ({ ...shape, path: inside(shape.path) }),
  differ: (shape, _, many) => many(shape),
  begins: (shape, _, many) => many(shape),
  refers: (shape, _, many) => many(shape),
  same: (shape: string, inside) => inside(shape),
  sequence: (shape: string, inside) => inside(shape),
  value: (shape: Conditions, inside) => relative(shape, inside),
  check: (shape: { path: string[] }, _, many) => ({ ...shape, path: many(shape.path) }),
  unique: (shape: string | { each: string }, inside) =>
    typeof shape === 'string' ? inside(shape) : { ...shape, each: inside(shape.each) },
  holds: (shape: { left: string; right: string }, inside) => ({
    ...shape,
    left: inExpression(shape.left, inside),
    right: inExpression(shape.right, inside),
  }),
  sum: (shape: { total: string | number; of: string[]; less?: string[]; in?: string }, inside, many) => {
    const group = shape.in
    const parts = (all: string[]) => (group === undefined ? many(all) : all.map((one) => one.slice(group.length + 1)))
    return {
      ...shape,
      total: typeof shape.total === 'number' ? shape.total : inside(shape.total),
      of: parts(shape.of),
      ...(shape.less ? { less: parts(shape.less) } : {}),
      ...(group === undefined ? {} : { in: inside(group) }),
    }
  },
  balance: (shape: { left: { in: string }; right: { in: string } }, inside) => ({
    ...shape,
    left: { ...shape.left, in: inside(shape.left.in) },
    right: { ...shape.right, in: inside(shape.right.in) },
  }),
  product: (shape: { is: string; of: (string | number)[] }, inside) => ({
    ...shape,
    is: inside(shape.is),
    of: shape.of.map((one) => (typeof one === 'string' ? inExpression(one, inside) : one)),
  }),
  ratio: (shape: { is: string; part: string; whole: string }, inside) => ({
    ...shape,
    is: inside(shape.is),
    part: inExpression(shape.part, inside),
    whole: inExpression(shape.whole, inside),
  }),
  count: (shape: { total: string; of: string }, inside) => ({
    ...shape,
    total: inside(shape.total),
    of: inside(shape.of),
  }),
  exists: (shape: { in: string }, inside) => ({ ...shape, in: inside(shape.in) }),
  concat: (shape: { is: string; of: string[] }, inside) => ({
    ...shape,
    is: inside(shape.is),
    of: shape.of.map((one) => (one.startsWith('=') ? one : inside(one))),
  }),
  sorted: (shape: { of: string }, inside) => ({ ...shape, of: inside(shape.of) }),
}
