// shape — a query as data: what it is of, what may be asked, what a row of its answer holds. Made by the build of
// xsd/forms/<category>/queries.yaml; read by the hub, which answers from its ledger, and by the simulator, which
// answers from what it was sent.
import type { Bilingual } from '../text.js'

/** What every filing has, whatever its document: known to the hub, and to the authority. */
export const commonFacts = [
  'Reference',
  'State',
  'Operation',
  'MessageType',
  'SubmittedAt',
  'DecidedAt',
  'ReceiptText',
  'ReceiptTime',
  'Month',
] as const
/** A column that every query may have, whatever its documents are. */
export type CommonFact = (typeof commonFacts)[number]

/** Where a value is found. None of the two: only the authority knows it. */
export interface FoundCriteria {
  common?: CommonFact
  /**
   * Where it may stand in the document, or in the authority's answer to it; the first that is filled counts. The end of
   * a path, in any case:
   * `DecHead/EntryId`, `ENTRY_ID`; with a `/` before it the whole path below the root.
   */
  paths?: string[]
}

/** A code, and what it means. */
export interface CodeMeaning {
  code: string
  zh: string
}

/** One value of a row. */
export interface Column extends FoundCriteria {
  /** Its element: `EntryId`. */
  name: string
  zh: string
  en: string
  /** It may be there several times. */
  many: boolean
  /** What stands beside the value. */
  attribute?: string
  eg: string
  egAttribute?: string
  /** What its codes mean, where a list of them is known. Its type alone says whether others may stand there too. */
  codes?: CodeMeaning[]
  /** The same of what stands beside the value. */
  attributeCodes?: CodeMeaning[]
  /** Two rows that agree here are of the same filing. */
  key?: true
  /** It may be missing: what comes with a decision. */
  optional?: true
  /** Of what only the authority knows: the values of other columns beside which it stands. */
  beside?: Record<string, string[]>
}

/** What a query may be asked by. */
export interface Criterion extends FoundCriteria {
  name: string
  zh: string
  en: string
  /** `is`: the value, or one of several. `from`, `to`: a range, both ends belong to it. */
  how: 'is' | 'from' | 'to'
  /** A column of the same value: looked at where rows are filtered. */
  column?: string
  eg: string
  /** What it is called in an address: its own name, then others. */
  parameters: string[]
  /** Where a list of values is known. */
  codes?: CodeMeaning[]
}

/** A measure of a group of filings. None of the ways: only the authority knows it. */
interface Measure {
  name: string
  /** How many there are, how many stand so, or how many values stand at this path. */
  count?: true | string[] | string
  /** Path of what is summed up. */
  sum?: string
}

/**
 * A condition every filing it speaks of meets: path → values. `A | B`: where either stands, as documents of several
 * kinds have it. `operation`: filed under one of
 * these, or below it.
 */
export type FilingCondition = Record<string, string | string[] | { not: string | string[] }>

/** What a query is of, what it may be asked by, what a row holds. */
export interface QueryShape {
  query: string
  title: Bilingual
  namespace: string
  resultNamespace: string
  operations: string[]
  agencies: string[]
  /** Document types. */
  of: string[]
  /** Only what the authority itself publishes (tariff, opening hours): nobody files it. */
  reference?: true
  only: FilingCondition
  criteria: Criterion[]
  columns: Column[]
  /** Of statistics: the columns rows are grouped by, and the measures. */
  statistics?: { groupBy: string[]; measures: Measure[] }
}

/** Root element of the result of a query: `EntryId` → `EntryIdResult`. */
export const resultName = (query: string) => `${query}Result`

/** Rows of a page where the asker does not say, and at most. */
export const usualPageSize = 20
/** The most rows a page may have. */
export const largestPageSize = 500

/** Is what was filed under `operation` one of those the query speaks of? */
export const isOfOperation = ({ operation: wanted }: FilingCondition, operation: string): boolean =>
  wanted === undefined ||
  (typeof wanted === 'object' && 'not' in wanted) ||
  [wanted].flat().some((one) => operation === one || operation.startsWith(`${one}.`))

/** As a name in JSON and in addresses: `EntryId` → entryId, `IEFlag` → ieFlag. */
export function lowerName(name: string): string {
  let lower = lowerNames.get(name)
  if (lower === undefined) {
    lower = name.replace(/^[A-Z]+(?=[A-Z][a-z]|$)|^./, (start) => start.toLowerCase())
    lowerNames.set(name, lower)
  }
  return lower
}
/** Every row names its columns: some hundred names in all. */
const lowerNames = new Map<string, string>()
