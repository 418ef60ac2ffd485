// read — which fields of forms and of published schemas name persons, by what these say of them: the type of a form's
// field, and its Chinese name.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PersonFields } from '../../messages/persons/fields.js'
import { answerName, factName } from '../form/document.js'
import { nodeAt, walk, type Node } from '../form/node.js'
import type { Form } from '../form/node.js'
import { resultName } from '../../messages/queries/shape.js'
import { resultRoot } from '../queries/query-form.js'
import { labelNamesPerson } from './labels.js'
import { unlabelled } from './unlabelled.js'

const personTypes = new Set(['idCard', 'passport', 'phone', 'mobile', 'email'])

/** Does the form say of this leaf that it names a person? */
export function leafNamesPerson({ zh, leaf }: Node): boolean {
  if (!leaf) return false
  if (personTypes.has(leaf.type)) return true
  const free = leaf.base === 'string' && !leaf.codes && !/^(attachment|uscc|country|plate|port)$/.test(leaf.type)
  return free && labelNamesPerson(zh)
}

interface Sorted {
  yes: Map<string, number>
  no: Map<string, number>
}
const sorted = (): Sorted => ({ yes: new Map(), no: new Map() })
const count = (into: Map<string, number>, key: string) => into.set(key, (into.get(key) ?? 0) + 1)
/** What always names a person where it is known. */
const always = ({ yes, no }: Sorted) => [...yes.keys()].filter((key) => !no.has(key)).sort()

function fieldsOf(document: string, nodes: readonly Node[], names: Sorted, pairs: Sorted): string[] {
  const found: string[] = []
  for (const { path, node } of walk(nodes)) {
    if (!node.leaf) continue
    const steps = path.split('/')
    const pair = `${steps.at(-2) ?? document}/${node.name}`
    const personal = leafNamesPerson(node)
    count(personal ? names.yes : names.no, node.name)
    count(personal ? pairs.yes : pairs.no, pair)
    if (personal) found.push(pair)
  }
  return found
}

const labelled =
  /<xs:(?:element|attribute)\s[^>]*?name="([\w.-]+)"[^>]*>\s*<xs:annotation>\s*<xs:documentation[^>]*>([^<]*)</g
const named = (zh: string) => zh.split(/[：:，,；;。]/)[0]!

/** Names of published schemas with what they are called. @param families xsd/families */
export function* publishedLabels(families: string): Generator<{ family: string; name: string; zh: string }> {
  for (const family of readdirSync(families).sort()) {
    const schemas = join(families, family, 'schemas')
    if (!existsSync(schemas)) continue
    for (const file of (readdirSync(schemas, { recursive: true }) as string[]).sort())
      if (file.endsWith('.xsd'))
        for (const [, name, zh] of readFileSync(join(schemas, file), 'utf8').matchAll(labelled))
          if (/[\u4e00-\u9fff]/.test(zh!)) yield { family, name: name!, zh: named(zh!) }
  }
}

/** What is looked through for the fields of forms that name persons. */
export interface OfForms {
  forms: readonly Form[]
  /** With what a row of their answers holds. */
  queries: readonly { form: Form; columns: readonly Node[] }[]
}

/** How often published schemas give a name to persons' values, and to others. @param families xsd/families */
function publishedNames(families: string): Sorted {
  const published = sorted()
  for (const { name, zh } of publishedLabels(families)) count(labelNamesPerson(zh) ? published.yes : published.no, name)
  return published
}

/** @param families xsd/families */
export function personFields({ forms, queries }: OfForms, families: string): PersonFields {
  const names = sorted()
  const pairs = sorted()
  const ofForms: Record<string, string[]> = {}
  const keys = new Set<string>()
  const take = (document: string, nodes: readonly Node[]) =>
    void (ofForms[document] = [...new Set(fieldsOf(document, nodes, names, pairs))])
  for (const form of [...forms, ...queries.map((one) => one.form)]) take(form.document, form.fields)
  for (const form of forms)
    for (const path of [...form.identity, ...form.keys]) {
      const node = nodeAt(form.fields, path)
      if (node && leafNamesPerson(node)) keys.add(factName(path))
    }
  for (const { document, life } of forms)
    take(answerName(document), [
      { name: 'Result', zh: '', en: '', min: 1, max: 1, fields: life.flatMap(({ brings }) => brings) },
    ])
  for (const { form, columns } of queries) take(resultName(form.document), resultRoot(form, columns).fields ?? [])
  const published = publishedNames(families)
  return {
    forms: ofForms,
    names: [...new Set([...always(published), ...always(names).filter((one) => !published.no.has(one))])].sort(),
    pairs: [...new Set([...unlabelled, ...always(pairs)])].sort(),
    keys: [...keys].sort(),
  }
}

/** Names that published schemas give to persons' values, and to them alone. @param families xsd/families */
export const publishedPersonNames = (families: string): string[] => always(publishedNames(families))
