// root — the name and the namespace of a document's root, read from its first bytes, before anything else is known of
// it.

/** XML declaration, white space and comments; then the root's tag as far as its attributes. */
const start =
  /^(?:<\?xml[^>]*\?>)?(?:\s|<!--(?:[^-]|-(?!-))*-->)*<(?:([\w.-]+):)?([^\s<>/:="']+)((?:\s+[\w:.-]+=(?:"[^"]*"|'[^']*'))*)\s*\/?>/
const mostBytes = 4096

/** @returns undefined where it does not stand in the first 4 KB, or is not written as most are */
export function rootOf(utf8: Uint8Array): { name: string; namespace: string } | undefined {
  const bytes = Buffer.from(utf8.buffer, utf8.byteOffset, Math.min(utf8.byteLength, mostBytes))
  const from = bytes[0] === 0xef ? 3 : 0
  const found = start.exec(bytes.toString('utf8', from))
  if (!found) return undefined
  const [, prefix, name, attributes] = found
  const declared = prefix === undefined ? 'xmlns' : `xmlns:${prefix}`
  for (const [, attribute, first, second] of attributes!.matchAll(/\s([\w:.-]+)=(?:"([^"]*)"|'([^']*)')/g))
    if (attribute === declared) return { name: name!, namespace: first ?? second! }
  return prefix === undefined ? { name: name!, namespace: '' } : undefined
}
