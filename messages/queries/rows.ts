// rows — what is done with rows: two of one filing become one, filings are counted by groups, a page is cut.
import type { Leaves, LeafValue } from './leaves.js'
import type { Filing, Row } from './filing.js'
import { valuesOf } from './filing.js'
import type { QueryShape } from './shape.js'

/**
 * The authority's rows, filled in with what the hub knows of the same filings; then, with `all`, the hub's that the
 * authority does not have. Where the authority counts, its counts of the asker's own filings stand alone: a filing that
 * is in another month or state there than in the hub would be counted twice.
 * @param may whether one of the authority's may be the hub's, where they look it. Default: any
 */
export function joinRows(
  shape: QueryShape,
  { agency, hub }: { agency: readonly Row[]; hub: readonly Row[] },
  { all, may = () => true }: { all: boolean; may?: (agencys: Row, hubs: Row) => boolean },
): Row[] {
  const keys = shape.statistics
    ? shape.statistics.groupBy
    : shape.columns.filter(({ key }) => key).map(({ name }) => name)
  const left = new Set(hub)
  const joined = agency.map((row) => {
    const alike = [...left].filter((one) => sameFiling(row, one, keys, shape.statistics !== undefined) && may(row, one))
    // Yesterday's train has the number of today's: whose own number agrees too is the filing meant.
    const same = alike.sort((a, b) => agreeing(row, b, keys) - agreeing(row, a, keys))[0]
    if (!same) return row
    left.delete(same)
    return {
      ...row,
      ...(same.hubMessage === undefined ? {} : { hubMessage: same.hubMessage }),
      ...(same.sharedBy === undefined ? {} : { sharedBy: same.sharedBy }),
      ...(row.stateText === undefined && same.stateText !== undefined ? { stateText: same.stateText } : {}),
      values: { ...same.values, ...row.values },
    }
  })
  if (!all) return joined
  const countedAlready = ({ source, sharedBy }: Row) => source === 'hub' && sharedBy === undefined
  const others = shape.statistics && agency.length > 0 ? [...left].filter((row) => !countedAlready(row)) : left
  return [...joined, ...others]
}

/**
 * They agree in a number of theirs, and in none they differ. Groups are the same when they agree in all. Rows without a
 * number are the same when they look the same but for what changes with time.
 */
function sameFiling(one: Row, other: Row, keys: readonly string[], every: boolean): boolean {
  // The authority counts the asker's own filings: what another shares is a group of its own.
  if (every && one.sharedBy !== other.sharedBy) return false
  const both = keys.filter((name) => text(one, name) !== undefined && text(other, name) !== undefined)
  const agree = both.every((name) => asKey(one, name) === asKey(other, name))
  if (every) return agree && both.length === keys.length
  if (both.length > 0) return agree
  const shared = Object.keys(one.values).filter(
    (name) => other.values[name] && !changing.has(name) && !isMoment(text(one, name)),
  )
  return shared.length > 0 && shared.every((name) => text(one, name) === text(other, name))
}

const text = (row: Row, name: string) => row.values[name]?.[0]?.text
/** A voyage is named by its day: its hour may have been corrected. */
const asKey = (row: Row, name: string) => {
  const value = text(row, name)
  return isMoment(value) ? value!.slice(0, 'YYYY-MM-DD'.length) : value
}
const agreeing = (one: Row, other: Row, keys: readonly string[]): number =>
  keys.filter((name) => text(one, name) !== undefined && asKey(one, name) === asKey(other, name)).length

/** Two who write down a moment write it a second apart. */
const isMoment = (text = ''): boolean => /^\d{4}-\d\d-\d\dT/.test(text)
const changing: ReadonlySet<string> = new Set(['State', 'DecidedAt', 'SubmittedAt', 'ReceiptText'])

interface Group {
  values: Row['values']
  sharedBy: string | undefined
  documents: number
  states: Map<string, number>
  sums: Map<string, number>
}

/**
 * Business documents counted by the groups the query has; a group is a row. Of a message that holds several, each is in
 * the group it belongs to; the state is that of the message.
 */
export function createGroups({ statistics, columns }: QueryShape, from: Pick<Row, 'source' | 'asOf'>) {
  const { groupBy, measures } = statistics!
  const groups = new Map<string, Group>()

  function groupOf(filing: Filing, leaves: readonly Leaves[]): Group {
    const values = Object.fromEntries(
      groupBy.flatMap((name) => {
        const [first] = valuesOf(
          columns.find((one) => one.name === name)!,
          filing,
          leaves,
        )
        return first ? [[name, [first]]] : []
      }),
    ) as Record<string, LeafValue[]>
    const { sharedBy } = filing
    const key = JSON.stringify([sharedBy ?? null, ...groupBy.map((name) => values[name]?.[0]?.text ?? null)])
    const known = groups.get(key)
    if (known) return known
    const made = { values, sharedBy, documents: 0, states: new Map<string, number>(), sums: new Map<string, number>() }
    groups.set(key, made)
    return made
  }

  return {
    /** @param documents those of it that are counted; without any, it is known by its record alone, as one */
    add(filing: Filing, documents: readonly (readonly Leaves[])[] = []): void {
      const theirs = (documents.length > 0 ? documents : [[]]).map((leaves) => {
        const group = groupOf(filing, leaves)
        group.documents++
        if (filing.state !== undefined) group.states.set(filing.state, (group.states.get(filing.state) ?? 0) + 1)
        return group
      })
      for (const { name, count, sum } of measures) {
        const path = typeof count === 'string' ? count : sum
        if (path === undefined) continue
        for (const [i, values] of ofDocuments(path, filing, documents).entries())
          for (const { text } of values) {
            const number = typeof count === 'string' ? 1 : Number(text)
            const { sums } = theirs[i]!
            if (!Number.isNaN(number)) sums.set(name, (sums.get(name) ?? 0) + number)
          }
      }
    },
    rows: (): Row[] =>
      [...groups.values()].map(({ values, sharedBy, documents, states, sums }) => {
        const measured = measures.flatMap(({ name, count, sum }): [string, LeafValue[]][] => {
          if (count === true) return [[name, [{ text: String(documents) }]]]
          if (Array.isArray(count))
            return [[name, [{ text: String(count.reduce((all, one) => all + (states.get(one) ?? 0), 0)) }]]]
          const total = count === undefined && sum === undefined ? undefined : sums.get(name)
          return total === undefined ? [] : [[name, [{ text: String(Number(total.toFixed(5))) }]]]
        })
        return {
          ...from,
          ...(sharedBy === undefined ? {} : { sharedBy }),
          values: { ...values, ...Object.fromEntries(measured) },
        }
      }),
  }
}

/** What stands around all documents of a message stands in each of them: it counts once, with the first. */
function ofDocuments(path: string, filing: Filing, documents: readonly (readonly Leaves[])[]): LeafValue[][] {
  const all = filing.content?.at(path).length ?? 0
  const found = documents.map((leaves) => valuesOf({ paths: [path] }, filing, leaves))
  return documents.length > 1 && found[0]!.length === all ? found.slice(0, 1) : found
}
