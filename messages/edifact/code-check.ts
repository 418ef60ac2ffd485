// code-check — is the value of a coded element one that is known? By the tables, by what the partners agreed, by how
// strict the partner wants it.
import { type CodeCheck } from './check-elements.js'
import { addsCodes, isAgreed } from './directory/associations.js'
import { bindingElements, foreignLists, mutuallyDefined, type CodeLists } from './directory/codes.js'

/** How strictly codes are held against the code lists. */
export interface CodeSettings {
  /**
   * `binding` (default): unknown codes of `bindingElements` are errors, others warnings. `strict`: every unknown code
   * is an error unless a code list or agency (1131, 3055) beside it says whose it is. `off`: codes are not looked at.
   */
  level?: 'binding' | 'strict' | 'off'
  /** Codes this partner may use beyond the directories: `{ '8053': ['XX'] }`. */
  agreed?: Readonly<Record<string, readonly string[]>>
}

/**
 * A check for the messages of one release; undefined when codes are not looked at. `codes`: the directories' lists, if
 * they are those of the message. `association` (UNH 0057): the user group whose guide the sender follows.
 */
export function createCodeCheck(
  codes: CodeLists | undefined,
  release: string,
  settings: CodeSettings = {},
  association = '',
): CodeCheck | undefined {
  const { level = 'binding', agreed = {} } = settings
  if (level === 'off') return undefined
  return (component, value, item, components) => {
    const { id } = component
    if (component.codes)
      return component.codes.includes(value) || agreed[id]?.includes(value)
        ? undefined
        : { severity: 'error', rule: component.codes.join(' | ') }
    if (value === mutuallyDefined || foreignLists.has(id)) return undefined
    if (!codes) return undefined
    const where = codes.find(id, value, release)
    if (where === 'here' || where === 'no-list') return undefined
    if (agreed[id]?.includes(value) || isAgreed(association, id, value)) return undefined
    // 1131 and 3055 cite lists and agencies that no directory holds; where they may stand beside a code, the code is
    // open, and where they do, the directory has no say at all.
    if (isListReference(id)) return undefined
    const named = item.components.findIndex(
      (c, i) => isListReference(c.id) && (level !== 'strict' || (components[i] ?? '') !== ''),
    )
    if (named !== -1) return undefined
    if (where === 'elsewhere') return { severity: 'warning', rule: `code list ${id} ${release}` }
    const foreign = level !== 'strict' && addsCodes(association, id)
    return {
      severity: !foreign && (level === 'strict' || bindingElements.has(id)) ? 'error' : 'warning',
      rule: `code list ${id}`,
    }
  }
}

const isListReference = (id: string) => id === '1131' || id === '3055'
