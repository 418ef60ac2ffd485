// forms — the forms as the build keeps them, each read once: a thread of a hub keeps sixty, tests look at all of them.
import { storedForm, type StoredForm } from '../../xsd/form-store/stored.js'

const opened = new Map<string, StoredForm | undefined>()

/** Undefined when there is none of that name. */
export function formOf(document: string): StoredForm | undefined {
  if (!opened.has(document)) opened.set(document, storedForm(document))
  return opened.get(document)
}
