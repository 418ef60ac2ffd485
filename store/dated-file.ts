// dated-file — a file whose name tells when it was begun, and that no other has: `ledger-20261128T120752Z.db`, and of
// two in one second the later `ledger-20261128T120752Z-2.db`.
import { readdir } from 'node:fs/promises'

/**
 * A name that is free in `dir`, which must be there.
 * @param as `word`: what it is, `ledger`; `ending`: `.db`
 */
export async function datedFile(
  dir: string,
  { word, ending }: { word: string; ending: string },
  now: Date,
): Promise<string> {
  const taken = new Set(await readdir(dir))
  const stem = `${word}-${now.toISOString().replace(/[-:]|\.\d+/g, '')}`
  let file = stem + ending
  for (let n = 2; taken.has(file); n++) file = `${stem}-${n}${ending}`
  return file
}
