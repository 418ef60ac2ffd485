// identify — which document is it? Root and namespace first, then the facts that tell a type from its siblings. Where
// many types share a root, the facts their `match` conditions name with plain values are looked at one by one, and each
// leaves few to choose from: what it costs to know a message does not grow with the number of types.
import type { Condition, DocumentFamily, DocumentType, SchemaChoice } from './document-type.js'
import { asksForAny, conditionWords, isExpression, meets, type Facts } from './condition.js'
import type { Bilingual } from './text.js'
import { fault } from './errors.js'
import type { Fault } from './fault.js'

/** A document type, and the pack or form it is of. */
export interface KnownDocument {
  family: string
  type: DocumentType
}

/** A question with few answers each, or the types that are left, in the order of the data. */
type Tree = { left: KnownDocument[] } | { path: string; answers: Map<string, Tree>; otherwise: Tree }
interface Namesakes {
  all: KnownDocument[]
  tree: Tree
}
/** Document types by the local name of their root, then by its namespace. */
type DocumentIndex = Map<string, Map<string, Namesakes>>

/** Made once, at the start; `identify` looks into it for each message. */
export function indexDocuments(families: readonly DocumentFamily[]): DocumentIndex {
  const index = new Map<string, Map<string, KnownDocument[]>>()
  for (const { family, documents } of families)
    for (const type of documents) {
      const namespaces = index.get(type.root) ?? new Map<string, KnownDocument[]>()
      index.set(type.root, namespaces)
      for (const namespace of [type.namespace, ...(type.alsoIn ?? [])])
        namespaces.set(namespace, [...(namespaces.get(namespace) ?? []), { family, type }])
    }
  return new Map(
    [...index].map(([root, namespaces]) => [
      root,
      new Map([...namespaces].map(([namespace, all]) => [namespace, { all, tree: grow(all, []) }])),
    ]),
  )
}

/** Asks first for the path that most of the types tell themselves apart by. */
function grow(all: KnownDocument[], asked: string[]): Tree {
  const counts = new Map<string, number>()
  for (const { type } of all)
    for (const path of plain(type).keys()) if (!asked.includes(path)) counts.set(path, (counts.get(path) ?? 0) + 1)
  const [path, count] = [...counts].sort((a, b) => b[1] - a[1])[0] ?? ['', 0]
  if (count < 2) return { left: all }
  const fits = (value: string | undefined) =>
    all.filter(
      ({ type }) =>
        plain(type)
          .get(path)
          ?.includes(value ?? '\0') ?? true,
    )
  const values = new Set(all.flatMap(({ type }) => plain(type).get(path) ?? []))
  return {
    path,
    answers: new Map([...values].map((value) => [value, grow(fits(value), [...asked, path])])),
    otherwise: grow(fits(undefined), [...asked, path]),
  }
}

/** The paths whose value a type's `match` names outright. */
function plain({ match, facts }: DocumentType): Map<string, string[]> {
  const all = Object.entries(match ?? {}).map(([name, wanted]): [string, string[]] => [
    facts[name]!,
    Array.isArray(wanted) ? wanted : [wanted],
  ])
  return new Map(all.filter(([, wanted]) => !wanted.some(isExpression)))
}

/** What a message is, and the schema it must meet. */
export interface IdentifiedDocument {
  known: KnownDocument
  facts: Facts
  schema: SchemaChoice
}
/** What a message is, or why nobody can say. */
type Identified = IdentifiedDocument | { fault: Fault; known?: KnownDocument }

/** How a message is read. All read as the given document type would, whose root and namespace are the message's. */
export interface MessageReader {
  /** Where the path leads, or would: what is missing has the line of the element it is missing in. */
  place?(type: DocumentType, path: string): { path: string; line: number }
  value(type: DocumentType, path: string): string
  facts(type: DocumentType): Facts
}

/** @param today ISO date in China, by which an edition in force is chosen */
export function identify(
  index: DocumentIndex,
  root: { name: string; namespace: string },
  read: MessageReader,
  today: string,
): Identified {
  const namespaces = index.get(root.name)
  if (!namespaces)
    return {
      fault: fault(
        'HUB_DOCUMENT_UNKNOWN',
        { root: root.name, namespace: root.namespace || '""' },
        { path: `/${root.name}` },
      ),
    }
  const named = namespaces.get(root.namespace)
  if (!named)
    return {
      fault: namespaceFault(
        root,
        [...namespaces.values()].flatMap(({ all }) => all),
        read,
      ),
    }
  const one = named.all[0]!.type
  let tree = named.tree
  while ('path' in tree) tree = tree.answers.get(read.value(one, tree.path)) ?? tree.otherwise
  for (const known of tree.left) {
    const facts = read.facts(known.type)
    if (!meets(known.type.match, facts)) continue
    const schema = known.type.schemas.find(
      (s) =>
        (s.namespace ?? root.namespace) === root.namespace &&
        meets(s.when, facts) &&
        (s.from ?? '') <= today &&
        today <= (s.until ?? '9999'),
    )
    if (schema) return { known, facts, schema }
    return {
      known,
      fault: variantFault(
        { root: root.name, paths: known.type.facts, facts },
        known.type.schemas.map(({ when }) => when ?? {}),
        (path) => read.place?.(known.type, path),
      ),
    }
  }
  return {
    fault: variantFault(
      { root: root.name, paths: one.facts, facts: read.facts(one) },
      named.all.map(({ type }) => type.match ?? {}),
      (path) => read.place?.(one, path),
    ),
  }
}

/**
 * The type a message says it is, whatever its namespace: its own message type names it.
 * @param all the types of its root
 */
export function saidType(all: readonly DocumentType[], value: (path: string) => string): DocumentType | undefined {
  return all.find(({ id, facts }) => facts.messageType !== undefined && value(facts.messageType).trim() === id)
}

/** A message that names its type hears of the namespace of that type alone. */
function namespaceFault(
  root: { name: string; namespace: string },
  all: readonly KnownDocument[],
  read: MessageReader,
): Fault {
  const types = all.map(({ type }) => type)
  const said = types.length > 1 ? saidType(types, (path) => read.value(types[0]!, path)) : undefined
  const expected = [
    ...new Set((said ? [said] : types).flatMap(({ namespace, alsoIn }) => [namespace, ...(alsoIn ?? [])])),
  ].map((namespace) => namespace || '""')
  const most = 4
  const shown = expected.length > most ? [...expected.slice(0, most), `… (${expected.length})`] : expected
  return fault(
    'HUB_DOCUMENT_NAMESPACE',
    { root: root.name, expected: shown.join(' | '), namespace: root.namespace || '""' },
    { path: `/${root.name}`, line: 1, rule: 'namespace' },
  )
}

/**
 * Says which fact no variant takes, where it stands, and what it may hold; where each is taken by some variant, all
 * that were asked.
 * @param said its root, its facts, and where they stand
 */
export function variantFault(
  { root, paths, facts }: { root: string; paths: DocumentType['facts']; facts: Facts },
  conditions: readonly Condition[],
  placeOf?: (path: string) => { path: string; line: number } | undefined,
): Fault {
  const wanted = (name: string) => conditions.flatMap((condition) => condition[name] ?? [])
  const all = [...new Set(conditions.flatMap((condition) => Object.keys(condition)))]
  // What must only be there at all says nothing of a value, unless nothing else is asked.
  const valued = all.filter((name) => !wanted(name).every(asksForAny))
  const asked = valued.length > 0 ? valued : all
  const odd = asked.filter((name) => !conditions.some((one) => meets(name in one ? { [name]: one[name]! } : {}, facts)))
  const blamed = odd.length > 0 ? odd : asked
  const allowed = (name: string, language: keyof Bilingual) =>
    [...new Set(wanted(name).map((one) => conditionWords(one)[language]))].sort().join('|').slice(0, 300)
  const allowedIn = (language: keyof Bilingual) =>
    blamed
      .map((name) => (blamed.length > 1 ? `${label(name)}=${allowed(name, language)}` : allowed(name, language)))
      .join(' ')
  const first = blamed[0]
  const place = first === undefined ? undefined : paths[first]
  const value = first === undefined ? undefined : facts[first]
  const at = place === undefined ? undefined : placeOf?.(place)
  const label = (name: string) => (paths[name] ?? name).replace(/^.*\//, '')
  return fault(
    'HUB_DOCUMENT_VARIANT',
    {
      root,
      facts: blamed.map((name) => `${label(name)}="${(facts[name] ?? '').trim().slice(0, 60)}"`).join(' '),
      allowedZh: allowedIn('zh'),
      allowedEn: allowedIn('en'),
    },
    {
      path: at?.path ?? `/${root}${place === undefined ? '' : `/${place}`}`,
      ...(at ? { line: at.line } : {}),
      ...(first === undefined ? {} : { rule: `enumeration=${allowed(first, 'en')}` }),
      ...(value ? { value: value.slice(0, 200) } : {}),
    },
  )
}
