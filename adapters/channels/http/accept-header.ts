// accept-header — which of the forms a door offers the caller wants (RFC 9110 §12.5.1): the most exact range decides,
// quality 0 refuses.

interface Range {
  type: string
  quality: number
}

/** `application/json;q=0.5, text/*` as ranges in the caller's order. What cannot be read is left out. */
function readRanges(header: string): Range[] {
  return header.split(',').flatMap((one): Range[] => {
    const [type = '', ...parameters] = one.split(';').map((part) => part.trim().toLowerCase())
    if (!/^[\w!#$&+.^`|~*-]+\/[\w!#$&+.^`|~*-]+$/.test(type)) return []
    const named = parameters.find((parameter) => /^q\s*=/.test(parameter))?.replace(/^q\s*=\s*/, '')
    const quality = named === undefined ? 1 : Number(named)
    return [{ type, quality: Number.isNaN(quality) ? 1 : Math.min(1, Math.max(0, quality)) }]
  })
}

/**
 * The offered media type the caller likes best; among equals the one the caller names first, then the one that stands
 * first in `offered`. The first of `offered` when the header is missing or permits none: a receipt in another form than
 * asked for is better than none.
 */
export function preferred<T extends string>(header: string | undefined, offered: readonly [T, ...T[]]): T {
  const ranges = readRanges(header ?? '')
  let best: { type: T; quality: number; place: number } | undefined
  for (const type of offered) {
    const exact = ranges.findIndex((range) => range.type === type)
    const wider = [`${type.split('/')[0]}/*`, '*/*']
    const found = ranges[exact] ?? wider.flatMap((wide) => ranges.find((range) => range.type === wide) ?? [])[0]
    const quality = found?.quality ?? 0
    const place = exact === -1 ? ranges.length : exact
    if (quality > 0 && (!best || quality > best.quality || (quality === best.quality && place < best.place)))
      best = { type, quality, place }
  }
  return best?.type ?? offered[0]
}
