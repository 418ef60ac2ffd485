// filings-file — what simulated agencies were filed, one JSON line a message, so that queries and prints after a
// restart still know it. The newest are kept: at the start, and when it has grown to twice its size, the file is
// written again without the older ones.
import { appendFileSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'

/** A message as it was filed. What was answered to it is worked out again from this. */
export interface KeptFiling {
  submissionId: string
  agency: string
  partner: string
  documentType: string
  operation: string
  reference: string
  /** Epoch milliseconds. */
  at: number
  /** Its answers came so much later than usual. */
  delayMs: number
  /** It was refused, and in which words. */
  refused: boolean
  refusal?: string
  /** base64 */
  message: string
}

const mostKept = 2_000
const mostBytes = 64 * 1024 * 1024
/** Larger ones are known until the restart only. */
const largestLine = 1024 * 1024

/** What simulated agencies were filed, in a file that is read once at the start. */
export interface FilingsFile {
  /** The oldest first. */
  kept: KeptFiling[]
  /** In the hands of the system when this returns: the end of the process loses nothing. */
  add(filing: KeptFiling): void
}

/** Opens the file. Without one everything is in memory only. */
export function openFilings(file?: string): FilingsFile {
  if (file === undefined) return { kept: [], add: () => {} }
  let { lines, bytes } = rewrite(file)
  const kept = lines.map((line) => JSON.parse(line) as KeptFiling)
  let count = lines.length
  lines = []
  return {
    kept,
    add(filing) {
      const line = `${JSON.stringify(filing)}\n`
      if (line.length > largestLine) return
      appendFileSync(file, line, { mode: 0o600 })
      count += 1
      bytes += line.length
      if (count > 2 * mostKept || bytes > 2 * mostBytes) {
        const left = rewrite(file)
        count = left.lines.length
        bytes = left.bytes
      }
    },
  }
}

/** The file with the newest lines alone: the old file or the new one, never half of it. */
function rewrite(file: string): { lines: string[]; bytes: number } {
  const all = linesOf(file)
  const lines: string[] = []
  let bytes = 0
  for (const line of all.reverse()) {
    bytes += line.length + 1
    if (lines.length >= mostKept || bytes > mostBytes) break
    lines.push(line)
  }
  lines.reverse()
  if (all.length > 0) {
    writeFileSync(`${file}.new`, lines.map((line) => `${line}\n`).join(''), { mode: 0o600 })
    renameSync(`${file}.new`, file)
  }
  return { lines, bytes: lines.reduce((sum, line) => sum + line.length + 1, 0) }
}

/** Every whole line. The last one may be torn by a kill. */
function linesOf(file: string): string[] {
  try {
    if (statSync(file).size === 0) return []
  } catch {
    return []
  }
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => {
      try {
        return typeof (JSON.parse(line) as { message?: unknown }).message === 'string'
      } catch {
        return false
      }
    })
}
