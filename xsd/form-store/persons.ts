// persons — which fields name persons, as the build keeps it beside the forms, in dist/forms/persons.json: worked out
// once, for it reads every form and every published schema.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PersonFields } from '../../messages/persons/fields.js'
import { personFields, publishedPersonNames, type OfForms } from '../persons/read.js'
import { formFolders } from './stored.js'

const kept = (): string => join(formFolders.store, 'persons.json')
const ownFamilies = (): string => join(formFolders.forms, '../families')

/** Keeps which fields name persons in `dist/forms`; the build does it, so that a start need not read every schema. */
export const keepPersonFields = (of: OfForms): void =>
  writeFileSync(kept(), JSON.stringify(personFields(of, ownFamilies())))

/** What the build has kept. @param families the packs, where they are others than the hub's own */
export function storedPersonFields(families?: string): PersonFields {
  const fields = JSON.parse(readFileSync(kept(), 'utf8')) as PersonFields
  if (families === undefined) return fields
  return { ...fields, names: [...new Set([...fields.names, ...publishedPersonNames(families)])] }
}
