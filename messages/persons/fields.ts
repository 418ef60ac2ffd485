// fields — which fields name a person: by what the forms and the published schemas say of them, else by a name that
// leaves no doubt.

/** What the build reads from forms and schemas (xsd/persons). */
export interface PersonFields {
  /** Document of a form → its fields that name persons: `Persons/Name`, the element above and its own name. */
  forms: Readonly<Record<string, readonly string[]>>
  /** Names that name a person wherever they stand: `buyerName`. */
  names: readonly string[]
  /** The same of a name below another: `UNDGContact/Name`. */
  pairs: readonly string[]
  /** Keys and criteria that are such fields: `documentNumber`. */
  keys: readonly string[]
}

const speaking =
  /(^|[a-z_\d])(tel|tele|tel_?no|telnum|telephone|phone|phone_?(no|number)|mobile|mobile_?phone|fax|e?_?mail|id_?number|id_?card(_?(no|number))?|passport_?number|contact_?(name|person|phone)|person_?name|link_?man)$/i

/** A field by its name and what it stands in. */
export interface Field {
  /** The document it is in; undefined where that is not known. */
  root: string | undefined
  /** The element above it; of an attribute, its element. */
  above: string
  name: string
}

/** Which fields name persons. */
export interface PersonNames {
  /** Is it a document whose form says which of its fields name persons? */
  isForm(document: string): boolean
  namesPerson(field: Field): boolean
  /** Of a key that receipts cite, or a criterion of a question. */
  keyNamesPerson(key: string): boolean
}

/** @param fields from `dist/forms/persons.json` */
export function createPersonNames({ forms, names, pairs, keys }: PersonFields): PersonNames {
  const ofForm = new Map(Object.entries(forms).map(([document, fields]) => [document, new Set(fields)]))
  const everywhere = new Set(names)
  const below = new Set(pairs)
  const cited = new Set(keys)
  const said = new Map<string, boolean>()
  /** The same names come again and again. */
  function speaks(name: string): boolean {
    let known = said.get(name)
    if (known === undefined) {
      if (said.size > 10_000) said.clear()
      known = name.length <= 60 && speaking.test(name)
      said.set(name, known)
    }
    return known
  }
  return {
    isForm: (document) => ofForm.has(document),
    keyNamesPerson: (key) =>
      cited.has(key) || everywhere.has(key) || everywhere.has(key.replace(/^./, (c) => c.toLowerCase())) || speaks(key),
    namesPerson({ root, above, name }) {
      const own = root === undefined ? undefined : ofForm.get(root)
      if (own) return own.has(`${above}/${name}`)
      return everywhere.has(name) || below.has(`${above}/${name}`) || speaks(name)
    },
  }
}
