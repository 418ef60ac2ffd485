// prolog — is there a DOCTYPE before the root? Looked for before the parser sees a byte, so that no entity is ever
// read, let alone expanded.

/**
 * Only white space, processing instructions, comments and the DOCTYPE may stand before the root element (XML 1.0,
 * section 2.8).
 */
export function hasDoctype(utf8: Uint8Array): boolean {
  const bytes = Buffer.from(utf8.buffer, utf8.byteOffset, utf8.byteLength)
  let at = bytes.indexOf(0x3c)
  while (at >= 0) {
    const head = bytes.toString('latin1', at, at + 9)
    if (head.startsWith('<?')) at = after(bytes, '?>', at + 2)
    else if (head.startsWith('<!--')) at = after(bytes, '-->', at + 4)
    else return /^<!DOCTYPE/i.test(head) || /^<!ENTITY/i.test(head)
    if (at >= 0) at = bytes.indexOf(0x3c, at)
  }
  return false
}

function after(bytes: Buffer, end: string, from: number): number {
  const found = bytes.indexOf(end, from, 'latin1')
  return found < 0 ? -1 : found + end.length
}
