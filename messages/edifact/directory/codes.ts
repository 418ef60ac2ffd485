// codes — the code lists of the directories, and which of them are binding.

/**
 * `tables/codes.json`: of each element, which codes stood in which releases: `{"0-59": "1 2 3", "12-59": "4"}`, places
 * in `releases`.
 */
export interface CodeTables {
  releases: string[]
  codes: Record<string, Record<string, string>>
}

/** The code lists of all releases. */
export interface CodeLists {
  /** Where a code stands: in this release, only in another one, in none; `no-list` when the element has no codes. */
  find(element: string, code: string, release: string): 'here' | 'elsewhere' | 'nowhere' | 'no-list'
  /** Every code of an element in any release, sorted; empty when it has none. */
  all(element: string): readonly string[]
}

/**
 * Lookups in the code lists. A list is unfolded when its element is first asked for.
 * @param tables the parsed `tables/codes.json`
 */
export function openCodes(tables: CodeTables): CodeLists {
  const places = new Map(tables.releases.map((release, i) => [release, i]))
  const unfolded = new Map<string, Map<string, [number, number][]> | undefined>()
  const list = (element: string) => {
    const known = unfolded.get(element)
    if (known !== undefined || unfolded.has(element)) return known
    const entry = Object.hasOwn(tables.codes, element) ? tables.codes[element] : undefined
    let found: Map<string, [number, number][]> | undefined
    if (entry) {
      found = new Map()
      for (const [ranges, codes] of Object.entries(entry)) {
        const spans = ranges.split(',').map((span): [number, number] => {
          const [from = 0, to = from] = span.split('-').map(Number)
          return [from, to]
        })
        // Elements coded by others (postcodes, IMDG classes, tariff numbers) stand in the directory with an empty list:
        // no list at all.
        if (codes !== '') for (const code of codes.split(' ')) found.set(code, spans)
      }
      if (found.size === 0) found = undefined
    }
    unfolded.set(element, found)
    return found
  }
  return {
    find(element, code, release) {
      const codes = list(element)
      if (!codes) return 'no-list'
      const spans = codes.get(code)
      if (!spans) return 'nowhere'
      const at = places.get(release) ?? -1
      return spans.some(([from, to]) => from <= at && at <= to) ? 'here' : 'elsewhere'
    },
    all: (element) => [...(list(element)?.keys() ?? [])].sort(),
  }
}

/**
 * Elements whose codes decide what a segment means. A value that stands in the list of no release at all is a fault,
 * since nobody can act on it; one that stands in another release only is a warning (partners take codes from later
 * directories). Every other coded element is open: partners and agencies agree on codes of their own there, so an
 * unknown one is a warning at most.
 */
export const bindingElements: ReadonlyMap<string, string> = new Map([
  ['1153', 'reference qualifier'],
  ['1225', 'message function'],
  ['2005', 'date or time qualifier'],
  ['2379', 'date or time format'],
  ['3035', 'party qualifier'],
  ['3139', 'contact function'],
  ['3155', 'communication means'],
  ['3227', 'place qualifier'],
  ['4343', 'response type'],
  ['4451', 'text subject'],
  ['5025', 'monetary amount type'],
  ['6063', 'quantity qualifier'],
  ['6069', 'control total qualifier'],
  ['6145', 'dimension qualifier'],
  ['6167', 'range type'],
  ['6245', 'temperature qualifier'],
  ['6311', 'measurement purpose'],
  ['8051', 'transport stage'],
  ['8053', 'equipment type'],
  ['8169', 'full or empty'],
  ['8249', 'equipment status'],
])

/**
 * Coded by lists that are not the directory's, though some releases show a few of their values: units (Rec. 20),
 * currencies, countries, languages, modes and means of transport (Rec. 19 and 28), packages (Rec. 21), terms of
 * delivery (Incoterms), names of items.
 */
export const foreignLists: ReadonlySet<string> = new Set([
  '6411',
  '6345',
  '3207',
  '3239',
  '3453',
  '3335',
  '8067',
  '8179',
  '7065',
  '4053',
  '7009',
])

/** Taken everywhere though no list holds it: "mutually defined". */
export const mutuallyDefined = 'ZZZ'
