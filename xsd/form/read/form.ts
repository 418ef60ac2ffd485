// form — a form made of what its YAML says: its head, fields, rules and course, held against each other.
import type { Rule } from '../../rules/rule.js'
import { compileFormRules } from '../form-rules.js'
import type { WrittenRule } from '../form-rules/written.js'
import { functionCodes, functionOf } from '../function-codes.js'
import { nodeAt, walk, type Form } from '../node.js'
import { readShort, withShort } from './short.js'
import { readFields } from './fields.js'
import type { Library } from './library.js'
import { readStage } from './life.js'
import { judgeServes, readServes, servesInCodes } from './serves.js'
import { isMap, written, type RawMap, type Tell } from './written.js'

/** A form and its rules as the rule language has them. */
export interface ReadForm {
  form: Form
  rules: Rule[]
}

/** In characters. Shorter, it names a thing that nobody finds again. */
const shortestSource = 10

const formKeys = [
  'document', 'title', 'kind', 'system', 'source', 'marks', 'serves', 'agencies', 'identity', 'keys', 'short', 'fields',
  'rules', 'life', 'note',
] // prettier-ignore

/**
 * A form with every value filled in. It is whole where nothing was told.
 * @param file below the forms folder; its name must be the document's, its folder is the category
 */
export function formOf(file: string, raw: RawMap, library: Library, tell: Tell): ReadForm {
  const text = (key: string): string => {
    const value = raw[key]
    if (typeof value === 'string' && value.trim() !== '') return value.trim()
    tell([key], `${key} is missing`)
    return ''
  }
  const paths = (key: string): string[] => {
    const value = raw[key] ?? []
    if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value
    tell([key], `${key} is a list of paths`)
    return []
  }
  for (const key of Object.keys(raw)) if (!formKeys.includes(key)) tell([key], `there is no ${key} in a form`)
  const document = text('document')
  if (document !== '' && !/^[A-Z][A-Za-z0-9]{3,59}$/.test(document))
    tell(['document'], `document ${document} is no UpperCamel name of 4 to 60 letters and digits`)
  if (file.replace(/^.*\/|\.yaml$/g, '') !== document) tell(['document'], `document ${document} does not name its file`)
  const title = isMap(raw.title) ? { zh: written(raw.title.zh), en: written(raw.title.en) } : { zh: '', en: '' }
  if (!title.zh || !title.en) tell(['title'], 'title has zh and en')
  const kind = text('kind')
  if (kind !== 'filing' && kind !== 'notice') tell(['kind'], `kind is filing or notice, not ${kind}`)
  const source = text('source')
  if (source !== '' && [...source].length < shortestSource)
    tell(
      ['source'],
      `source ${source} has fewer than ${shortestSource} characters: name the regulation or standard in full`,
    )
  const marks = typeof raw.marks === 'string' ? raw.marks : ''
  const agencies = paths('agencies')
  if (agencies.length === 0) tell(['agencies'], 'agencies names whom it is owed to')

  const serves = readServes(raw.serves, tell)
  const functions = [...new Set(serves.flatMap((one) => one.functions))].map((name) => ({
    name,
    code: functionCodes[name] ?? name,
  }))

  const fields = isMap(raw.fields) ? readFields(raw.fields, { at: ['fields'], library, tell }) : []
  if (fields.length === 0) tell(['fields'], 'fields are missing')
  if (fields.some(({ name }) => name === 'Head')) tell(['fields', 'Head'], 'Head is every document’s own')
  const life = (Array.isArray(raw.life) ? raw.life : []).map((one: unknown, i) =>
    readStage(one, ['life', i], library, tell),
  )
  life.forEach(({ on = [] }, i) => {
    for (const code of on)
      if (!functions.some((one) => one.code === code))
        tell(['life', i, 'on'], `on names ${functionOf(code)}, which no operation of serves has`)
  })
  const twice = life.find((one, i) => life.findIndex((other) => other.code === one.code) !== i)
  if (twice) tell(['life'], `two steps of life are called ${twice.code}`)
  if (kind === 'filing' && life.length === 0) tell(['life'], 'a filing has the answers of its authority')

  const brought = new Set(life.flatMap((stage) => [...walk(stage.brings)].map(({ path }) => path)))
  for (const key of ['identity', 'keys'])
    paths(key).forEach((path, i) => {
      const node = nodeAt(fields, path)
      if (node?.fields) tell([key, i], `${key} ${path} is a group`)
      if (!node && !(key === 'keys' && brought.has(path))) tell([key, i], `${key} ${path} is no field`)
    })
  judgeServes(serves, fields, tell)
  const system =
    typeof raw.system === 'string' ? raw.system : (serves[0]?.operation.split('.').slice(0, 2).join('.') ?? '')
  const form: Form = {
    document,
    title,
    kind: kind === 'notice' ? 'notice' : 'filing',
    system,
    namespace: `urn:singlewindow:${system}:${document}:1`,
    category: file.replace(/\/.*$/, ''),
    source,
    marks,
    agencies,
    identity: paths('identity'),
    keys: paths('keys'),
    functions,
    serves: servesInCodes(serves, fields),
    fields,
    notes: [],
    life,
  }
  const own = (Array.isArray(raw.rules) ? raw.rules : []) as WrittenRule[]
  const short = readShort(raw.short, form, tell)
  if (short) form.short = short
  const rules = compileFormRules(form, short ? withShort(form, short, own) : own, (i, sentence) =>
    tell(['rules', i], sentence),
  )
  return { form, rules }
}
