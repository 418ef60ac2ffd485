// store — the forms as the hub works by them: an index of all, small enough to be read at every start, and each form by
// itself (stored.ts). The build makes both in dist/forms; where a form has changed since, they are made again.
import { nodeAt } from '../form/node.js'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { answersOf } from '../form/answers.js'
import { listQueries } from '../queries/read.js'
import { keepPersonFields } from './persons.js'
import { listForms } from '../form/read.js'
import type { ReadForm } from '../form/read/form.js'
import { formFolders, keptIndex, useIndex, type FormIndex, type StoredForm } from './stored.js'
import { formDocuments, readWrittenForms } from './written-forms.js'

/**
 * JSON has no word for Infinity, and reads a number too large as it: to look at every value again when it is read
 * would take longer than the reading.
 */
const asText = (value: unknown) =>
  JSON.stringify(value, (_, one: unknown) => (one === Infinity ? 'n' : one)).replaceAll('"max":"n"', '"max":1e999')
const hashed = (text: string) => createHash('sha256').update(text).digest('base64url').slice(0, 16)

function hashOfSources(): string {
  const hash = createHash('sha256')
  const add = (file: string) => hash.update(file).update(readFileSync(file))
  for (const file of [...listForms(formFolders.forms), ...listQueries(formFolders.forms)])
    add(join(formFolders.forms, file))
  for (const dir of [join(formFolders.forms, 'types'), formFolders.codes])
    for (const file of readdirSync(dir).sort()) add(join(dir, file))
  return hash.digest('base64url')
}

/** Reads all forms and writes the store. @throws FormDataError with every fault */
export function compileForms(hash = hashOfSources()): FormIndex {
  const written = readWrittenForms(formFolders.forms, formFolders.codes)
  const { forms, prints, queries, waiting } = written
  mkdirSync(formFolders.store, { recursive: true })
  askedFor(forms)
  const files: FormIndex['files'] = {}
  for (const one of forms) files[one.form.document] = keep(one)
  for (const { print, form } of prints)
    files[form.form.document] = keep(form, { print: { of: print.of, format: print.format } })
  for (const { form, shape, columns } of queries)
    files[form.document] = keep({ form, rules: [] }, { query: { shape, columns } })
  const index = { hash, ...formDocuments(written), files, waiting, prints: prints.map(({ print }) => print) }
  keepPersonFields({ forms: [...forms, ...prints.map(({ form }) => form)].map(({ form }) => form), queries })
  place('index.json', JSON.stringify(index))
  sweep(new Set(['index.json', 'persons.json', ...Object.values(index.files)]))
  return index
}

/** A number that a form asks the ledger for is a key of its document; a question about what no document has is none. */
function askedFor(forms: readonly ReadForm[]): void {
  const byName = new Map(forms.map(({ form }) => [form.document, form]))
  for (const one of forms)
    one.rules = one.rules.filter(({ known, text }) => {
      if (!known) return true
      const asked = byName.get(known.document)
      const there =
        asked !== undefined &&
        (nodeAt(asked.fields, known.at) ?? asked.life.some(({ brings }) => nodeAt(brings, known.at)))
      if (there && !asked.keys.includes(known.at)) asked.keys.push(known.at)
      if (!there) one.form.notes.push(text)
      return Boolean(there)
    })
}

/** What no form is made into any more; a day later, for a hub that runs still reads what it started with. */
const sweptAfterMs = 24 * 3_600_000
function sweep(used: ReadonlySet<string>): void {
  for (const file of readdirSync(formFolders.store)) {
    const path = join(formFolders.store, file)
    if (!used.has(file) && statSync(path).mtimeMs < Date.now() - sweptAfterMs) rmSync(path, { force: true })
  }
}

function keep({ form, rules }: ReadForm, also: Pick<StoredForm, 'query' | 'print'> = {}): string {
  const stored: StoredForm = { form, rules, answers: answersOf(form), ...also }
  const text = asText(stored)
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

let known: FormIndex | undefined

/** What the hub knows of all forms. @throws FormDataError where a form that changed since the build has faults */
export function formIndex(): FormIndex {
  if (known) return known
  const kept = existsSync(join(formFolders.store, 'persons.json')) ? keptIndex() : undefined
  const hash = hashOfSources()
  return (known = useIndex(kept?.hash === hash ? kept : compileForms(hash)))
}
