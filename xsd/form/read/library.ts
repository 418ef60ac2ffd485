// library — what forms share: types, blocks of fields, code lists, and the lengths that are the same in all.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseDocument } from 'yaml'
import { readCodes } from '../codes.js'
import type { NamedType, TypeLibrary } from '../leaf-types.js'
import type { Limits } from '../limits.js'
import type { RawMap } from './written.js'

/** What all forms are read with. `used` and `reading` belong to the one form that is being read now. */
export interface Library extends TypeLibrary {
  blocks: Readonly<Record<string, RawMap>>
  /** Fields that stand one after the other in several forms, without a group of their own. */
  runs: Readonly<Record<string, RawMap>>
  /** Block → examples for its second, third … use in a form: two companies of one story are not the same. */
  others: Readonly<Record<string, Record<string, string>[]>>
  /** What is wrong with the code lists, one sentence each. */
  codeFaults: string[]
  /** How often a block was used in the form that is being read. */
  used: Map<string, number>
  limits: Limits
  /** The form that is being read, `04-licences/X.yaml`: its lengths must be the house's; undefined: of a query. */
  reading?: string
}

/** Reads `types/` of the forms folder, and the code lists. What is wrong with these stands in `codeFaults`. */
export function readLibrary(formsDir: string, codesDir: string): Library {
  const yaml = (name: string) =>
    parseDocument(readFileSync(join(formsDir, 'types', name), 'utf8'), { merge: true }).toJS() as Record<string, RawMap>
  const codeFaults: string[] = []
  return {
    lists: readCodes(codesDir, (sentence) => codeFaults.push(sentence)),
    codeFaults,
    types: yaml('types.yaml').types as unknown as Record<string, NamedType>,
    blocks: yaml('blocks.yaml').blocks as Record<string, RawMap>,
    runs: yaml('blocks.yaml').runs as Record<string, RawMap>,
    others: yaml('blocks.yaml').others as unknown as Library['others'],
    used: new Map(),
    limits: yaml('limits.yaml') as unknown as Limits,
  }
}
