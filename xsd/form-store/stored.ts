// stored — the forms as a thread reads them: the index the build keeps, and each form by itself when a message of it
// first comes.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { DocumentFamily } from '../../messages/document-type.js'
import type { Rule } from '../rules/rule.js'
import type { SimulatedAnswers } from '../form/answers.js'
import type { QueryShape } from '../../messages/queries/shape.js'
import type { Print } from '../queries/written.js'
import type { Form, Node } from '../form/node.js'

/** dist/forms/index.json: read at every start. */
export interface FormIndex {
  /** Of all the forms are made of. */
  hash: string
  families: DocumentFamily[]
  /** Operation → the documents that carry it. */
  links: Record<string, { type: string; when: Record<string, string | string[]> }[]>
  /** Document → its file beside the index. */
  files: Record<string, string>
  prints: Print[]
  /** Queries and prints of documents that are not here yet. */
  waiting: { name: string; serves: string[]; lacks: string[] }[]
}
/** One file of dist/forms: a form, its rules, and the answers a simulated authority gives to it. */
export interface StoredForm {
  form: Form
  rules: Rule[]
  answers: SimulatedAnswers[]
  /** Of a query: what the hub and the simulator work by, and what a row holds. */
  query?: { shape: QueryShape; columns: Node[] }
  /** Of a request to print: the documents it is of, and what the print is. */
  print?: Pick<Print, 'of' | 'format'>
}

/** Where a form is looked up by its document. */
export type FormSource = (document: string) => Pick<StoredForm, 'form' | 'rules' | 'query'> | undefined

const here = dirname(fileURLToPath(import.meta.url))
const root = [join(here, '../..'), join(here, '../../..')].find((dir) => existsSync(join(dir, 'package.json')))!
/** Where forms are written (`forms`, `codes`) and where the build keeps what it made of them (`store`). */
export const formFolders = {
  forms: join(root, 'xsd/forms'),
  codes: join(root, 'xsd/codes'),
  store: join(root, 'dist/forms'),
} as const

let index: FormIndex | undefined
const opened = new Map<string, StoredForm>()
/** Forms kept in a thread, some 100 KB each. */
const formsKept = 60

/** One form with its rules; undefined when there is none of that name. */
export function storedForm(document: string): StoredForm | undefined {
  const known = opened.get(document)
  if (known) return known
  // Whoever started this thread has looked whether the sources changed.
  index ??= keptIndex()
  const file = index?.files[document]
  if (file === undefined) return undefined
  const stored = JSON.parse(readFileSync(join(formFolders.store, file), 'utf8')) as StoredForm
  if (opened.size >= formsKept) opened.delete(opened.keys().next().value!)
  opened.set(document, stored)
  return stored
}

/** The index of the build; undefined where there is none. */
export function keptIndex(): FormIndex | undefined {
  const file = join(formFolders.store, 'index.json')
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as FormIndex) : undefined
}

/** Puts another index in place of the one that was read. */
export function useIndex(made: FormIndex): FormIndex {
  opened.clear()
  return (index = made)
}
