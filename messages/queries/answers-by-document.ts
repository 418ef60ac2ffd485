// answers-by-document — a message holds several business documents, and an authority answers each with its own number
// and state, together or one by one. Which answer speaks of which? They agree in a number that tells the documents
// apart; an answer that has none speaks of all.
import type { Leaves } from './leaves.js'
import type { QueryShape } from './shape.js'

/** Key → the numbers a document has under it. */
type Numbers = ReadonlyMap<string, readonly string[]>

/**
 * @param said answers, one for each document an authority's message speaks of
 * @returns for each document, the answers to it, in their order
 */
export function answersByDocument(
  { columns }: Pick<QueryShape, 'columns'>,
  documents: readonly Leaves[],
  said: readonly Leaves[],
): Leaves[][] {
  const keys = columns.filter(({ key, paths }) => key && paths)
  const numbersOf = (leaves: Leaves): Numbers =>
    new Map(
      keys.flatMap(({ name, paths }) => {
        const [found] = paths!.map((path) => leaves.at(path)).filter(({ length }) => length > 0)
        return found ? [[name, found.map(({ text }) => text.trim().toUpperCase())] as const] : []
      }),
    )
  const theirs = documents.map(numbersOf)
  const cited = said.map(numbersOf)
  // What stands around all of them is the same for each, and tells nothing.
  const telling = keys.map(({ name }) => name).filter((name) => differIn(theirs, name) || differIn(cited, name))
  const bearing = new Map<string, number[]>()
  for (const [i, numbers] of theirs.entries())
    for (const name of telling)
      for (const number of numbers.get(name) ?? []) {
        const bearers = bearing.get(`${name} ${number}`)
        if (bearers) bearers.push(i)
        else bearing.set(`${name} ${number}`, [i])
      }
  // The authority's own number stands in none of the documents: one cannot tell by it.
  const comparable = telling.filter((name) => theirs.some((numbers) => numbers.has(name)))

  /** Undefined: of all of them. */
  function spokenOf(numbers: Numbers): Set<number> | undefined {
    const names = comparable.filter((name) => numbers.has(name))
    if (names.length === 0) return undefined
    const agreeing = names.flatMap((name) =>
      numbers.get(name)!.flatMap((number) => bearing.get(`${name} ${number}`) ?? []),
    )
    const differs = (i: number) =>
      names.some((name) => {
        const own = theirs[i]!.get(name)
        return own !== undefined && !own.some((number) => numbers.get(name)!.includes(number))
      })
    const surely = agreeing.filter((i) => !differs(i))
    return new Set(surely.length > 0 ? surely : agreeing)
  }

  const answers = documents.map((): Leaves[] => [])
  for (const [at, one] of said.entries())
    for (const i of spokenOf(cited[at]!) ?? documents.keys()) answers[i]!.push(one)
  return answers
}

const differIn = (some: readonly Numbers[], name: string): boolean =>
  new Set(some.map((numbers) => (numbers.get(name) ?? []).join(' '))).size > 1
