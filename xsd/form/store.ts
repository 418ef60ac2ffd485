// store — the forms as the hub works by them: an index of all, small enough to be read at every start, and each form by itself, read when a
// message of it first comes. The build makes both in dist/forms; where a form has changed since, they are made again.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { DocumentFamily } from '../../messages/document-type.js'
import type { Rule } from '../ruling/rule.js'
import { answersOf, type Answers } from './answers.js'
import { familyOf, linkOf } from './document.js'
import { listForms, readForms, type ReadForm } from './read.js'
import type { Form } from './node.js'

export interface FormIndex {
  /** Of all the forms are made of. */
  hash: string
  families: DocumentFamily[]
  /** Operation → the documents that carry it. */
  links: Record<string, { type: string; when: Record<string, string | string[]> }[]>
  /** Document → its file beside the index. */
  files: Record<string, string>
}
export interface StoredForm {
  form: Form
  rules: Rule[]
  answers: Answers[]
}

/** Where a form is looked up by its document. */
export type FormSource = (document: string) => Pick<StoredForm, 'form' | 'rules'> | undefined

const here = dirname(fileURLToPath(import.meta.url))
const root = [join(here, '../..'), join(here, '../../..')].find((dir) => existsSync(join(dir, 'package.json')))!
export const formFolders = {
  forms: join(root, 'xsd/forms'),
  codes: join(root, 'xsd/codes'),
  store: join(root, 'dist/forms'),
} as const

/** Numbers are written as such: JSON knows no Infinity. */
const written = (_: string, value: unknown) => (value === Infinity ? 'n' : value)
const read = (key: string, value: unknown) => (key === 'max' && value === 'n' ? Infinity : value)

const hashed = (text: string) => createHash('sha256').update(text).digest('base64url').slice(0, 16)

function hashOfSources(): string {
  const hash = createHash('sha256')
  const add = (file: string) => hash.update(file).update(readFileSync(file))
  for (const file of listForms(formFolders.forms)) add(join(formFolders.forms, file))
  for (const dir of [join(formFolders.forms, 'types'), formFolders.codes])
    for (const file of readdirSync(dir).sort()) add(join(dir, file))
  return hash.digest('base64url')
}

/** Reads all forms and writes the store. @throws FormDataError with every fault */
export function compileForms(hash = hashOfSources()): FormIndex {
  const forms = readForms(formFolders.forms, formFolders.codes)
  const index: FormIndex = { hash, families: [], links: {}, files: {} }
  mkdirSync(formFolders.store, { recursive: true })
  for (const one of forms) index.files[one.form.document] = keep(one)
  for (const category of new Set(forms.map(({ form }) => form.category)))
    index.families.push(
      familyOf(
        category,
        forms.map(({ form }) => form).filter((form) => form.category === category),
      ),
    )
  for (const { form } of forms)
    for (const serve of form.serves)
      (index.links[serve.operation] ??= []).push({ type: form.document, when: linkOf(form, serve) })
  place('index.json', JSON.stringify(index))
  const used = new Set(['index.json', ...Object.values(index.files)])
  for (const file of readdirSync(formFolders.store))
    if (!used.has(file) && !file.endsWith('.part')) rmSync(join(formFolders.store, file), { force: true })
  return index
}

function keep({ form, rules }: ReadForm): string {
  const stored: StoredForm = { form, rules, answers: answersOf(form) }
  const text = JSON.stringify(stored, written)
  // Named by its content: a hub that runs keeps reading what it started with.
  const file = `${form.document}.${hashed(text)}.json`
  if (!existsSync(join(formFolders.store, file))) place(file, text)
  return file
}

function place(file: string, text: string): void {
  const part = join(formFolders.store, `${file}.${process.pid}.part`)
  writeFileSync(part, text)
  renameSync(part, join(formFolders.store, file))
}

let index: FormIndex | undefined

/** What the hub knows of all forms. @throws FormDataError where a form that changed since the build has faults */
export function formIndex(): FormIndex {
  if (index) return index
  const file = join(formFolders.store, 'index.json')
  const known = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as FormIndex) : undefined
  const hash = hashOfSources()
  return (index = known?.hash === hash ? known : compileForms(hash))
}

const opened = new Map<string, StoredForm>()
/** Forms kept in a thread, some 100 KB each. */
const formsKept = 60

/** One form with its rules; undefined when there is none of that name. */
export function storedForm(document: string): StoredForm | undefined {
  const known = opened.get(document)
  if (known) return known
  // A thread need not look whether the sources changed: whoever started it has.
  index ??= existsSync(join(formFolders.store, 'index.json'))
    ? (JSON.parse(readFileSync(join(formFolders.store, 'index.json'), 'utf8')) as FormIndex)
    : formIndex()
  const file = index.files[document]
  if (file === undefined) return undefined
  const stored = JSON.parse(readFileSync(join(formFolders.store, file), 'utf8'), read) as StoredForm
  if (opened.size >= formsKept) opened.delete(opened.keys().next().value!)
  opened.set(document, stored)
  return stored
}
