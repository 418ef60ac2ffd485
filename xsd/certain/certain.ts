// certain — is a message certainly valid by its schema? Found in one pass over its bytes, for two fifths of what it
// takes to parse it and to judge the tree. It says yes or nothing: what is not certain is parsed and judged by libxml2,
// whose verdict is the one that counts, and which tells the faults.
import { readGrammar, type Names } from './grammar.js'
import { isCertain } from './walk.js'

/** Grammars that are kept in a thread; one of a form takes some 50 KB. */
const mostKept = 300

/** What can be said of a message without libxml2. "No" says nothing. */
export interface Certain {
  /** It is certainly well-formed, and certainly valid by the schema of this name. */
  valid(file: string, utf8: Uint8Array, asDeclared: boolean): boolean
  /** It is certainly well-formed. */
  wellFormed(utf8: Uint8Array, asDeclared: boolean): boolean
  /** Nothing by this schema is certain from now on. */
  distrust(file: string): void
}

/** @param bytes of a schema by its name */
export function createCertain(bytes: (file: string) => Buffer): Certain {
  const grammars = new Map<string, Names | undefined>()
  const distrusted = new Set<string>()

  function grammarOf(file: string): Names | undefined {
    if (!grammars.has(file)) {
      if (grammars.size >= mostKept) grammars.delete(grammars.keys().next().value!)
      grammars.set(file, read(file))
    }
    return grammars.get(file)
  }

  /** A schema that cannot be read is libxml2's to tell of, as one that is not known. */
  function read(file: string): Names | undefined {
    try {
      return readGrammar(bytes, file)
    } catch {
      return undefined
    }
  }

  return {
    valid(file, utf8, asDeclared) {
      if (distrusted.has(file)) return false
      const grammar = grammarOf(file)
      return grammar !== undefined && safely(() => isCertain(utf8, asDeclared, grammar))
    },
    wellFormed: (utf8, asDeclared) => safely(() => isCertain(utf8, asDeclared)),
    distrust: (file) => void distrusted.add(file),
  }
}

/** An expression may find a value too long for its stack. */
function safely(judge: () => boolean): boolean {
  try {
    return judge()
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}
