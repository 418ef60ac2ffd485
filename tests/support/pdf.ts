// pdf — what a PDF says of itself: its title, and how many pages it has. Throws where the bytes are no whole PDF.

/** Of the document information (ISO 32000-1, 14.3.3): a literal string, UTF-16BE with its mark. */
export function pdfTitle(bytes: Buffer): string {
  const text = bytes.toString('latin1')
  if (!text.startsWith('%PDF-') || !text.trimEnd().endsWith('%%EOF')) throw new Error('no whole PDF')
  // The string itself, or the object that holds it.
  const object = /\/Title (\d+) 0 R/.exec(text)?.[1]
  const opening = object === undefined ? '/Title (' : `\n${object} 0 obj\n(`
  const at = text.indexOf(opening)
  if (at === -1) throw new Error('the PDF has no title')
  let literal = ''
  for (let i = at + opening.length; text[i] !== ')'; i++) {
    if (text[i] !== '\\') literal += text[i]
    else {
      i++
      literal += { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' }[text[i]!] ?? text[i]
    }
  }
  const raw = Buffer.from(literal, 'latin1')
  return raw[0] === 0xfe && raw[1] === 0xff ? raw.subarray(2).swap16().toString('utf16le') : literal
}

export const pdfPages = (bytes: Buffer): number => bytes.toString('latin1').match(/\/Type \/Page\b(?!s)/g)?.length ?? 0
