// xml-text — the characters between two bytes of an XML document, as XML 1.0 says they are to be read.

/**
 * Text of an element or an attribute. The bytes are UTF-8 and part of a well-formed document; elements among them are
 * left out, their own text stays.
 * @param attribute it stands in quotes: white space is a blank (XML 1.0, 3.3.3)
 */
export function readText(page: Buffer, from: number, to: number, attribute: boolean): string {
  let plain = true
  for (let i = from; plain && i < to; i++) {
    const byte = page[i]!
    plain = byte < 0x80 && byte !== 0x3c && byte !== 0x26 && (byte >= 0x20 || (byte === 0x0a && !attribute))
  }
  if (plain) return page.toString('latin1', from, to)
  // As XML 1.0 has it: line ends become one line feed (2.11), white space in an attribute a blank (3.3.3).
  const text = page.toString('utf8', from, to).replace(/\r\n?/g, '\n')
  if (attribute)
    return text
      .replace(/[\t\n]/g, ' ')
      .replace(/&(#x[0-9a-fA-F]+|#\d+|\w+);/g, (_, entity: string) => character(entity))
  // Comments and instructions are no text; CDATA is text as it stands, even where it looks like an entity.
  return text.replace(
    /<!\[CDATA\[([\s\S]*?)\]\]>|<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<(?:"[^"]*"|'[^']*'|[^>"'])*>|&(#x[0-9a-fA-F]+|#\d+|\w+);/g,
    (_, data: string | undefined, entity: string | undefined) =>
      data ?? (entity === undefined ? '' : character(entity)),
  )
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }
function character(entity: string): string {
  if (entity.startsWith('#x')) return String.fromCodePoint(Number.parseInt(entity.slice(2), 16))
  return entity.startsWith('#') ? String.fromCodePoint(Number(entity.slice(1))) : (entities[entity] ?? '')
}
