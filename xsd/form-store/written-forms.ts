// written-forms — all that is written below xsd/forms, read together: forms, requests to print, queries. And what
// routing knows of them.
import { familyOf, linkOf } from '../form/document.js'
import { FormDataError, readSoundForms } from '../form/read.js'
import type { ReadForm } from '../form/read/form.js'
import { readLibrary } from '../form/read/library.js'
import { printFamilyOf } from '../queries/print-form.js'
import { queryFamilyOf } from '../queries/query-document.js'
import { readQueries } from '../queries/read.js'
import type { Print, ReadQuery } from '../queries/written.js'
import type { FormIndex } from './stored.js'

/** Forms, prints and queries, each whole. */
export interface WrittenForms {
  forms: ReadForm[]
  prints: { print: Print; form: ReadForm }[]
  queries: ReadQuery[]
  /** Queries and prints of documents that are not here yet. */
  waiting: FormIndex['waiting']
}

/** @throws FormDataError with every fault of all of them */
export function readWrittenForms(dir: string, codesDir: string): WrittenForms {
  const library = readLibrary(dir, codesDir)
  const { forms, faults } = readSoundForms(dir, library)
  const {
    queries,
    prints,
    waiting,
    faults: ofQueries,
  } = readQueries(
    dir,
    library,
    forms.map(({ form }) => form),
  )
  // A query of a form that has faults waits for it, and has none of its own.
  if (faults.length + ofQueries.length > 0) throw new FormDataError([...faults, ...ofQueries])
  return { forms, prints, queries, waiting }
}

/** The documents that are made of them, a family a category and kind, and the operations that these carry. */
export function formDocuments({ forms, prints, queries }: WrittenForms): Pick<FormIndex, 'families' | 'links'> {
  const filed = forms.map(({ form }) => form)
  const printed = prints.map(({ form }) => form.form)
  const links: FormIndex['links'] = {}
  for (const form of [...filed, ...printed, ...queries.map(({ form }) => form)])
    for (const serve of form.serves)
      (links[serve.operation] ??= []).push({ type: form.document, when: linkOf(form, serve) })
  return {
    families: [
      ...byCategory(filed, ({ category }) => category).map(([category, of]) => familyOf(category, of)),
      ...byCategory(queries, ({ form }) => form.category).map(([category, of]) => queryFamilyOf(category, of)),
      ...byCategory(printed, ({ category }) => category).map(([category, of]) => printFamilyOf(category, of)),
    ],
    links,
  }
}

function byCategory<T>(all: readonly T[], categoryOf: (one: T) => string): [string, T[]][] {
  const found = new Map<string, T[]>()
  for (const one of all) found.set(categoryOf(one), [...(found.get(categoryOf(one)) ?? []), one])
  return [...found]
}
