// limits — one limit a name: what is called the same has the same length in all forms (xsd/forms/types/limits.yaml).

/**
 * `text(255)`; one for each kind the name has; or by what the Chinese label says: pattern → type, '' for all others.
 */
type Written = string | string[] | Record<string, string>

/** xsd/forms/types/limits.yaml: one length for one name in all forms, unless an authority has published another. */
export interface Limits {
  /** Element → its type where it is a text or a number. */
  names: Readonly<Record<string, Written>>
  /** A document, a category (`08-export-rebate`) or `Document/Path` whose lengths are published: its source. */
  published: Readonly<Record<string, string>>
}

const kindOf = (type: string) => /^(text|decimal|integer|money)\(/.exec(type)?.[1]

/**
 * The type a leaf has in all forms; undefined where its name is free in this kind.
 * @param type as its form writes it
 */
export function limitOf(limits: Limits, { name, zh, type }: { name: string; zh: string; type: string }) {
  const said = limits.names[name]
  if (said === undefined) return undefined
  if (typeof said === 'object' && !Array.isArray(said)) {
    const [, decided] = Object.entries(said).find(([label]) => new RegExp(label, 'u').test(zh)) ?? []
    return decided !== undefined && kindOf(decided) === kindOf(type) ? decided : undefined
  }
  return [said].flat().find((one) => kindOf(one) === kindOf(type))
}

/** Does a field take its lengths from a published record? */
export const isPublished = ({ published }: Limits, file: string, path: string): boolean => {
  const [category = '', document = ''] = file.replace(/\.yaml$/, '').split('/')
  return [category, document, `${document}/${path}`].some((one) => published[one] !== undefined)
}
