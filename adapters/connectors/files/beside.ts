// beside — the files an answer names lie beside it: `<name>`, or `<base of the answer>_<name>` where names are not
// unique. They are waited for a while, whichever is written first; then the answer goes without what is not there.
import {
  attachedName,
  mediaTypeOf,
  mostBytesOfFile,
  mostFilesOfAnswer,
  type AgencyFile,
} from '../../../messages/attached.js'
import { at } from './drop.js'
import { isSame, type FileSeen, type FilePlace } from './place.js'

/** The files of a directory as one listing showed them. */
export interface Listed {
  /** Files that have not changed for a while. */
  whole: readonly FileSeen[]
  /** All files, also those that are still being written. */
  listed: readonly FileSeen[]
}

/** What was found beside one answer. */
export interface Beside {
  /** Found and whole. */
  files: FileSeen[]
  /** Something is still being written, or is not there yet. */
  waits: boolean
}

/** Endings of answers by themselves; any other file may belong to one. */
const answerEndings = /\.(xml|edi|txt|zip)$/i

/** May this file belong to an answer, by its name? Any file may that is no answer by itself. */
export const mayBelong = (name: string): boolean => !answerEndings.test(name)

/** @param answer file name of the answer @param names as it gives them */
export function lookBeside(answer: string, names: readonly string[], { whole, listed }: Listed): Beside {
  const base = answer.replace(/\.[^.]*$/, '')
  const files: FileSeen[] = []
  let waits = false
  for (const name of names.slice(0, mostFilesOfAnswer)) {
    const wanted = [`${base}_${attachedName(name)}`, attachedName(name)]
    const isIt = (file: FileSeen) => file.name !== answer && wanted.includes(file.name.normalize('NFC'))
    // The one that names this answer goes before one that any answer may mean.
    const found = wanted
      .map((one) => whole.find((file) => isIt(file) && file.name.normalize('NFC') === one))
      .find(Boolean)
    const growing = listed.some((file) => isIt(file) && !whole.some((one) => one.name === file.name))
    if (found && found.size <= mostBytesOfFile) files.push(found)
    else if (!found || growing) waits = true
  }
  return { files, waits }
}

/**
 * Their bytes, under the names the answer gives them. Undefined where one is gone, or has changed since it was listed:
 * somebody writes it once more, and it is waited for.
 */
export async function readBeside(
  place: FilePlace,
  { dir, answer, files }: { dir: string; answer: string; files: readonly FileSeen[] },
): Promise<AgencyFile[] | undefined> {
  const prefix = `${answer.replace(/\.[^.]*$/, '')}_`
  const read: AgencyFile[] = []
  for (const seen of files) {
    const { name } = seen
    const bytes = await place.read(at(dir, name), mostBytesOfFile)
    if (!bytes || !isSame(seen, await place.stat(at(dir, name)))) return undefined
    const own = name.startsWith(prefix) ? name.slice(prefix.length) : name
    read.push({ name: own, mediaType: mediaTypeOf(own), bytes })
  }
  return read
}
