// attached — files an agency sends with an answer (a certificate, a ruling, a print): what is known of each, and the
// name it bears.

/** A file as it came with an answer. */
export interface AgencyFile {
  /** As the agency gave it. */
  name: string
  mediaType: string
  bytes: Buffer
}

/** What is known of a kept file. `sha256` is hexadecimal, `size` in bytes. */
export interface AttachedFacts {
  name: string
  mediaType: string
  size: number
  sha256: string
}

/** How many files of one answer are kept, at the most. */
export const mostFilesOfAnswer = 20
/** Bytes of one attached file: 20 MB. */
export const mostBytesOfFile = 20 << 20

/** Longest name of a kept file, in UTF-8 bytes: an InBox adds the receipt's id and time before it. */
const longestNameBytes = 120

/**
 * A name that is one harmless path segment: without its folder, without what file systems and headers forbid. Two
 * spellings of one name give the same, so that the file and its mention in the answer find each other.
 */
export function attachedName(given: string): string {
  const plain = given
    .normalize('NFC')
    .replace(/^.*[/\\]/s, '')
    .replace(/[\p{C}:*?"<>|]/gu, '_')
    .trim()
    .replace(/^\.+/, '')
  const ending = /\.[A-Za-z0-9]{1,8}$/.exec(plain)?.[0] ?? ''
  const base = plain.slice(0, plain.length - ending.length)
  return `${cut(base, longestNameBytes - ending.length) || 'attachment'}${ending}`
}

function cut(text: string, mostBytes: number): string {
  let kept = ''
  for (const letter of text) {
    if (Buffer.byteLength(kept + letter) > mostBytes) break
    kept += letter
  }
  return kept
}

/**
 * The files that are kept, each name once; the first of a name stands. `left`: names of those that are too many or too
 * large.
 */
export function keepable(files: readonly AgencyFile[]): { files: AgencyFile[]; left: string[] } {
  const kept = new Map<string, AgencyFile>()
  const left: string[] = []
  for (const file of files) {
    const name = attachedName(file.name)
    if (kept.has(name)) continue
    if (kept.size >= mostFilesOfAnswer || file.bytes.length > mostBytesOfFile || file.bytes.length === 0)
      left.push(name)
    else kept.set(name, { ...file, name })
  }
  return { files: [...kept.values()], left }
}

const mediaTypes: Readonly<Record<string, string>> = {
  pdf: 'application/pdf',
  xml: 'application/xml',
  zip: 'application/zip',
  edi: 'application/edifact',
  txt: 'text/plain',
  ofd: 'application/ofd',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  tif: 'image/tiff',
  tiff: 'image/tiff',
}

/** The media type a file's ending says. */
export const mediaTypeOf = (name: string): string =>
  mediaTypes[/\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? ''] ?? 'application/octet-stream'
