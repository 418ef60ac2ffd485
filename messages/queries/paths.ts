// paths — where values stand in documents: each element by its name and the names above it, in any case. Documents of
// one kind have the same paths, so that these are learnt once and found by how they end.
import { isName, type TagName } from '../xml-tags.js'

/** One of them: `/dechead/entryid`, whatever the document; the root's name is no part of it. */
export interface Path {
  readonly id: number
  /** In lower case; the root's is empty. */
  readonly name: string
  readonly above: Path | undefined
  /** Of the root 0. */
  readonly depth: number
}

interface Known extends Path {
  readonly below: Map<string, Known>
  /** As documents write it: found without making a string of it. */
  readonly spelt: Map<number, { bytes: Buffer; path: Known }[]>
}

/** Id of a path → its depth. */
type Ending = ReadonlyMap<number, number>

/**
 * Whoever invents names in documents makes others be learnt anew, and no more: from `many` on before the next document;
 * of one document that has more than all there is room for, the first ones are known.
 */
const [many, mostPaths] = [20_000, 60_000]
/** Ways to write the names below one path. */
const mostSpelt = 10_000

/** All paths that were met, learnt as documents come. */
export class Paths {
  readonly #all: Known[] = []
  readonly #named = new Map<string, Known[]>()
  /** `of`: so many of those of the last name have been looked at. */
  readonly #endings = new Map<string, { names: string[]; of: number; found: Map<number, number> }>()
  /** The path of the document itself, above its root element. */
  readonly root: Path = this.#learn('', undefined)

  /** Enough were learnt that one who begins a document had better begin with none. */
  get many(): boolean {
    return this.#all.length >= many
  }

  /** No more than these are learnt of one document: the first ones are known. */
  get full(): boolean {
    return this.#all.length >= mostPaths
  }

  /** The path of a number that was given out here. */
  at(id: number): Path {
    return this.#all[id]!
  }

  /** @param name in any case */
  below(path: Path, name: string): Path {
    const { below } = path as Known
    const lower = name.toLowerCase()
    const known = below.get(lower)
    if (known) return known
    const learnt = this.#learn(lower, path as Known)
    below.set(lower, learnt)
    return learnt
  }

  /** The same for a name as it stands in `page`. */
  belowSpelt(path: Path, { hash, from, to }: TagName, page: Buffer): Path {
    const { spelt } = path as Known
    const alike = spelt.get(hash)
    if (alike) for (const one of alike) if (isName(one.bytes, page, from, to)) return one.path
    const found = this.below(path, page.toString('utf8', from, to)) as Known
    if (spelt.size < mostSpelt)
      spelt.set(hash, [...(alike ?? []).slice(-3), { bytes: Buffer.from(page.subarray(from, to)), path: found }])
    return found
  }

  /**
   * Those that end so.
   * @param end in any case, as queries are written; with a `/` before it, the whole path
   */
  ending(end: string): Ending {
    let known = this.#endings.get(end)
    if (!known) {
      const names = end.toLowerCase().split('/')
      this.#endings.set(end, (known = { names, of: 0, found: new Map() }))
    }
    const named = this.#named.get(known.names.at(-1)!)
    for (; named && known.of < named.length; known.of++) {
      const path = named[known.of]!
      if (ends(path, known.names)) known.found.set(path.id, path.depth)
    }
    return known.found
  }

  #learn(name: string, above: Known | undefined): Known {
    const path: Known = {
      id: this.#all.length,
      name,
      above,
      depth: above ? above.depth + 1 : 0,
      below: new Map(),
      spelt: new Map(),
    }
    this.#all.push(path)
    const named = this.#named.get(name)
    if (named) named.push(path)
    else this.#named.set(name, [path])
    return path
  }
}

function ends(path: Path, names: readonly string[]): boolean {
  let step: Path | undefined = path
  for (let i = names.length - 1; i >= 0; i--) {
    if (!step || step.name !== names[i]) return false
    step = step.above
  }
  // `/a/b` splits into an empty name first, which is the root's.
  return names[0] !== '' || step === undefined
}
