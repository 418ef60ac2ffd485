// read — the forms of xsd/forms with the types and code lists they use. All faults of all forms are told at once, each
// with file and line.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { LineCounter, parseDocument } from 'yaml'
import { formOf, type ReadForm } from './read/form.js'
import { readLibrary, type Library } from './read/library.js'
import { isMap, lineOf, type Tell } from './read/written.js'

/** All that is wrong with the forms, one sentence each: `04-licences/X.yaml:12 …`. */
export class FormDataError extends Error {
  override name = 'FormDataError'
  constructor(readonly faults: string[]) {
    super(`the forms have ${faults.length} fault(s):\n  ${faults.join('\n  ')}`)
  }
}

/** Categories and form files below `dir`: `04-licences/DualUseLicenceApplication.yaml`. */
export function listForms(dir: string): string[] {
  if (!existsSync(dir)) return []
  return readdirSync(dir, { withFileTypes: true })
    .filter((one) => one.isDirectory() && /^\d\d-/.test(one.name))
    .flatMap((one) => readdirSync(join(dir, one.name)).map((file) => `${one.name}/${file}`))
    .filter((file) => file.endsWith('.yaml') && !file.endsWith('/queries.yaml'))
    .sort()
}

/** @throws FormDataError with every fault of every form */
export function readForms(dir: string, codesDir: string): ReadForm[] {
  const { forms, faults } = readSoundForms(dir, readLibrary(dir, codesDir))
  if (faults.length > 0) throw new FormDataError(faults)
  return forms
}

/** The forms that are whole, and every fault of the others and of the code lists. */
export function readSoundForms(dir: string, library: Library): { forms: ReadForm[]; faults: string[] } {
  const faults = [...library.codeFaults]
  const seen = new Map<string, string>()
  const forms = listForms(dir).flatMap((file) => {
    const read = readForm(file, readFileSync(join(dir, file), 'utf8'), library)
    if ('faults' in read) {
      faults.push(...read.faults)
      return []
    }
    const before = seen.get(read.form.document)
    if (before !== undefined) faults.push(`${file}:1 document ${read.form.document} stands in ${before} too`)
    seen.set(read.form.document, file)
    return [read]
  })
  return { forms, faults }
}

/** @param file below the forms folder; its folder is the category */
export function readForm(file: string, text: string, library: Library): ReadForm | { faults: string[] } {
  const counter = new LineCounter()
  const doc = parseDocument(text, { lineCounter: counter, merge: true })
  const faults: string[] = []
  const tell: Tell = (at, sentence) => faults.push(`${file}:${lineOf(doc, counter, at)} ${sentence}`)
  for (const error of doc.errors) faults.push(`${file}:${error.linePos?.[0].line ?? 1} ${error.message.split('\n')[0]}`)
  if (faults.length > 0) return { faults }
  const raw = doc.toJS() as unknown
  library.used.clear()
  library.reading = file
  if (!isMap(raw)) return { faults: [`${file}:1 is no form`] }
  const read = formOf(file, raw, library, tell)
  delete library.reading
  return faults.length > 0 ? { faults } : read
}
