// book-data — the documents and the answers a simulator works by, read and checked. The build keeps a copy of what came
// out, so that a simulator is ready at once: reading a hundred YAML files takes a second. The copy is known by the hash
// of all it was made of; after any change, to a file or to the shape it must have, the files are read again.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'
import { parse } from 'yaml'
import { closed } from '../../messages/closed.js'
import { Condition, FamilyFile, type DocumentFamily } from '../../messages/document-type.js'
import { inPack } from '../../messages/pack.js'
import { yamlFaults } from '../../messages/yaml-text.js'

/** One step of an agency's answer. */
export const Stage = Type.Object({
  name: Type.String(),
  /** The first receipt, in the answer to the submission itself. At most one. */
  sync: Type.Optional(Type.Boolean()),
  /** Otherwise posted this long after the message was taken. */
  afterMs: Type.Optional(Type.Integer({ minimum: 0 })),
  mediaType: Type.Optional(Type.String()),
  /** Files come with it that the agency prints. */
  prints: Type.Optional(Type.Boolean()),
  /** Mustache over the message (names without prefix, attributes as `@name`) and `sim` (invent.ts). */
  template: Type.String(),
})
export type Stage = Static<typeof Stage>

/** The `answers.yaml` of a pack: a key that is not known here is a fault. */
export const AnswersFile = closed(
  Type.Object({
    family: Type.String(),
    /** Texts that several templates share, by anchors. */
    templates: Type.Optional(Type.Unknown()),
    answers: Type.Array(
      Type.Object({
        document: Type.String(),
        /** Conditions on the document's facts; the first entry that fits answers. */
        when: Type.Optional(Condition),
        stages: Type.Array(Stage),
        refusal: Type.Optional(Type.Array(Stage)),
      }),
    ),
  }),
)
export type AnswersFile = Static<typeof AnswersFile>

interface BookData {
  families: DocumentFamily[]
  answers: AnswersFile[]
}

/**
 * @param dir the packs, xsd/families
 * @param broken told what is wrong with a file, by file and line, where the copy is used in its stead
 * @throws Error naming the file that does not have its form, and its line; also where there is nobody to tell
 */
export function readBookData(dir: string, copy?: string, broken?: (faults: string) => void): BookData {
  const texts = textsOf(dir)
  const known = copy === undefined ? undefined : readCopy(copy)
  if (known && known.of === hashOf(texts)) return known.data
  try {
    return {
      families: texts.documents.map((file) => inPack(checked(FamilyFile, file))),
      answers: texts.answers.map((file) => checked(AnswersFile, file)),
    }
  } catch (error) {
    if (!known || !broken) throw error
    broken(error instanceof Error ? error.message : String(error))
    return known.data
  }
}

/**
 * Keeps what `readBookData` reads of `dir` in the file `copy`; the build does it, so that a simulator is ready at once.
 */
export function copyBookData(dir: string, copy: string): void {
  writeFileSync(copy, JSON.stringify({ of: hashOf(textsOf(dir)), data: readBookData(dir) }))
}

interface Text {
  file: string
  text: string
}

function hashOf({ documents, answers }: { documents: Text[]; answers: Text[] }): string {
  const hash = createHash('sha256').update(JSON.stringify([FamilyFile, AnswersFile]))
  for (const { text } of [...documents, ...answers]) hash.update(text)
  return hash.digest('base64url')
}

function readCopy(file: string): { of: string; data: BookData } | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as { of: string; data: BookData }
  } catch {
    return undefined
  }
}

const textsOf = (dir: string) => ({ documents: packFiles(dir, 'family.yaml'), answers: packFiles(dir, 'answers.yaml') })

function packFiles(dir: string, name: string): Text[] {
  return readdirSync(dir)
    .sort()
    .map((pack) => join(dir, pack, name))
    .filter((file) => existsSync(file))
    .map((file) => ({ file, text: readFileSync(file, 'utf8') }))
}

function checked<T extends typeof AnswersFile | typeof FamilyFile>(schema: T, { file, text }: Text): Static<T> {
  try {
    const value: unknown = parse(text, { merge: true })
    if (Value.Check(schema, value)) return value
  } catch {
    // No YAML: told below, with its line.
  }
  throw new Error(yamlFaults(schema, file, text).join('\n'))
}
