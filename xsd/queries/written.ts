// written — queries and prints as they are written in queries.yaml, checked; and what is made of a query.
import type { FilingCondition, QueryShape } from '../../messages/queries/shape.js'
import type { Bilingual } from '../../messages/text.js'
import type { Code, Form, Node } from '../form/node.js'

/** A field of published documents, as xsd/forms/types/published.yaml has it. */
export interface PublishedField {
  node: Node
  /** Where its value stands. */
  at: string[]
  /** Further names in an address. */
  also: string[]
  key: boolean
  /** What its codes mean, where others may stand there too. */
  meanings: readonly Code[]
}
/** Fields of documents that are published, by their names in a query: no form of ours says what type they have. */
export interface Published {
  documents: string[]
  fields: Record<string, PublishedField>
}

/** `query:` and `print:` entries as they are written, checked. */
export interface WrittenQuery {
  query: string
  title: Bilingual
  serves: string[]
  of: string[]
  reference: boolean
  only: FilingCondition
  by: string[]
  rows: string[]
  /** What one of its columns or criteria is called here, where its own label would mislead. */
  titles: Record<string, Bilingual>
  extra: Node[]
  /** Of one of `extra`: where an answer brings it (`at`), and beside which values it stands (`if`). */
  found: Record<string, { at?: string[]; if?: Record<string, string[]> }>
  groupBy: string[]
  /** With the way each is worked out, where the hub can. */
  measures: { node: Node; count?: true | string[] | string; sum?: string }[]
  category: string
  system: string
  agencies: string[] | undefined
}
/** A print as queries.yaml has it. */
export interface Print {
  print: string
  title: Bilingual
  serves: string[]
  of: string[]
  only: FilingCondition
  /** What the print is: a paper, or a table for a spreadsheet. */
  format: 'pdf' | 'csv'
  category: string
}

/** All that is made of one entry of queries.yaml. */
export interface ReadQuery {
  /** What is asked, as a form: head, criteria, page. */
  form: Form
  shape: QueryShape
  /** What a row holds, in order, as fields. */
  columns: Node[]
  /** What it alone defines: its extra, its measures. */
  own: Node[]
}

/** A field's name of its criterion's: the first letter a capital. */
export const upper = (name: string) => name.replace(/^./, (c) => c.toUpperCase())
