// multipart-reading — takes a multipart/form-data body apart, byte-exact.

/** Without a file name it is a plain value of the form. */
export interface ReceivedPart {
  name: string
  fileName?: string
  bytes: Buffer
}

/** The parts in order; undefined when the body is not whole. */
export function readMultipart(body: Buffer, contentType: string): ReceivedPart[] | undefined {
  const boundary = /boundary="?([^";]+)"?/i.exec(contentType)?.[1]
  if (boundary === undefined) return undefined
  const parts: ReceivedPart[] = []
  const line = Buffer.from(`--${boundary}`)
  let at = body.indexOf(line)
  while (at >= 0) {
    const start = at + line.length
    if (body.subarray(start, start + 2).toString() === '--') return parts
    const end = body.indexOf(Buffer.from(`\r\n--${boundary}`), start)
    const blank = body.indexOf('\r\n\r\n', start)
    if (end < 0 || blank < 0 || blank > end) return undefined
    const head = body.subarray(start, blank).toString('utf8')
    const field = (name: string) => new RegExp(`[; ]${name}="([^"]*)"`, 'i').exec(head)?.[1]
    const fileName = field('filename')
    parts.push({
      name: field('name') ?? '',
      ...(fileName === undefined ? {} : { fileName }),
      bytes: body.subarray(blank + 4, end),
    })
    at = end + 2
  }
  return undefined
}
