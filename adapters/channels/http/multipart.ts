// multipart — a multipart/form-data body (RFC 7578, RFC 2046 §5.1) as its parts. Strict: what cannot be read is refused
// with its place, because a part that is skipped is a message that is lost.
import { HubError } from '../../../messages/errors.js'

/** One part, its bytes as they came. */
export interface FormPart {
  /** The form field: `message` for an interchange. */
  name: string
  /** Without its folder. Undefined: a plain field. */
  filename?: string
  mediaType?: string
  bytes: Buffer
}

/** More parts than any delivery needs. */
const mostParts = 220
/** The headers of one part, in bytes. */
const longestHeaders = 16_384

/** The boundary a Content-Type names; undefined when it names none that RFC 2046 permits. */
export function boundaryOf(contentType: string): string | undefined {
  const found = /;\s*boundary=(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))/i.exec(contentType)
  const boundary = found?.[1]?.replace(/\\(.)/g, '$1') ?? found?.[2]
  return boundary !== undefined && /^[\x20-\x7e]{0,69}[\x21-\x7e]$/.test(boundary) ? boundary : undefined
}

/** The parts in their order. Throws HUB_REQUEST_INVALID with the part and the line when the body is malformed. */
export function readForm(body: Buffer, contentType: string): FormPart[] {
  const boundary = boundaryOf(contentType)
  if (boundary === undefined) throw invalid('the Content-Type names no boundary')
  const mark = Buffer.from(`--${boundary}`, 'latin1')
  const parts: FormPart[] = []
  const fail = (what: string, at: number, name?: string) => {
    const part = `part ${parts.length + 1}${name === undefined ? '' : ` (${name})`}`
    return invalid(`${part}, line ${lineAt(body, at)}: ${what}`)
  }

  let at = lineStart(body, mark, 0)
  if (at === -1) throw invalid(`no line of the body begins with the boundary --${boundary}`)
  if (at > 0 && body[at - 2] !== 0x0d) throw fail('the line before the boundary ends without CR LF', at)
  for (;;) {
    at += mark.length
    const last = body[at] === 0x2d && body[at + 1] === 0x2d
    if (last) {
      const after = body.subarray(at + 2)
      if (/[^\s]/.test(after.toString('latin1'))) throw fail('there is more behind the last boundary', at + 2)
      return parts
    }
    while (body[at] === 0x20 || body[at] === 0x09) at++
    if (body[at] !== 0x0d || body[at + 1] !== 0x0a)
      throw fail(at >= body.length ? 'the body ends at a boundary' : 'the boundary line ends without CR LF', at)
    if (parts.length >= mostParts) throw fail(`more than ${mostParts} parts`, at)

    const headersFrom = at + 2
    // A part without headers begins with the empty line at once; it has no name, and is refused for that.
    const headersTo = body.indexOf('\r\n\r\n', at, 'latin1')
    const next = lineStart(body, mark, headersFrom)
    if (headersTo === -1 || (next !== -1 && next < headersTo))
      throw fail('its headers do not end with an empty line (CR LF CR LF)', headersFrom)
    if (headersTo - headersFrom > longestHeaders) throw fail(`headers longer than ${longestHeaders} bytes`, headersFrom)
    const headers = readHeaders(body.subarray(headersFrom, Math.max(headersFrom, headersTo)), (what) =>
      fail(what, headersFrom),
    )
    const from = headersTo + 4
    const to = next === -1 ? -1 : lineStart(body, mark, from - 2)
    if (to === -1) throw fail('the body ends before its last boundary; it was probably cut', body.length, headers.name)
    if (body[to - 2] !== 0x0d) throw fail('the line before the boundary ends without CR LF', to, headers.name)
    parts.push({ ...headers, bytes: body.subarray(from, Math.max(from, to - 2)) })
    at = to
  }
}

/**
 * Where `mark` stands at the beginning of a line, from `from` on: at the very start, or behind LF, be there a CR before
 * it or not.
 */
function lineStart(body: Buffer, mark: Buffer, from: number): number {
  for (let at = body.indexOf(mark, from); at !== -1; at = body.indexOf(mark, at + 1))
    if (at === 0 || body[at - 1] === 0x0a) return at
  return -1
}

function readHeaders(block: Buffer, fail: (what: string) => HubError): Omit<FormPart, 'bytes'> {
  const text = decode(block)
  const found = new Map<string, string>()
  for (const line of text === '' ? [] : text.split('\r\n')) {
    const header = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*)$/s.exec(line)
    if (!header || line.includes('\n') || line.includes('\r')) throw fail(`not a header: ${printable(line)}`)
    const key = header[1]!.toLowerCase()
    if (found.has(key)) throw fail(`two headers ${header[1]}`)
    found.set(key, header[2]!.trim())
  }
  const disposition = found.get('content-disposition')
  if (disposition === undefined) throw fail('it has no Content-Disposition')
  if (!/^form-data\s*(;|$)/i.test(disposition))
    throw fail(`its Content-Disposition is not form-data: ${printable(disposition)}`)
  const parameters = readParameters(disposition)
  const name = parameters.get('name')
  if (name === undefined || name === '') throw fail('its Content-Disposition has no name')
  const encoding = found.get('content-transfer-encoding')?.toLowerCase() ?? 'binary'
  if (!['7bit', '8bit', 'binary'].includes(encoding))
    throw fail(`Content-Transfer-Encoding ${printable(encoding)} is not read; send the bytes as they are`)
  const filename = extended(parameters.get('filename*')) ?? parameters.get('filename')
  const mediaType = found.get('content-type')
  return {
    name,
    ...(filename === undefined ? {} : { filename: filename.replace(/^.*[/\\]/s, '') }),
    ...(mediaType === undefined || mediaType === '' ? {} : { mediaType: mediaType.split(';')[0]!.trim() }),
  }
}

/** `form-data; name="a"; filename="b"`: the parameters. A browser writes a quote in a name as %22. */
function readParameters(disposition: string): Map<string, string> {
  const found = new Map<string, string>()
  for (const [, key, quoted, plain] of disposition.matchAll(
    /;\s*([\w!#$&+.^`|~*-]+)\s*=\s*(?:"((?:[^"\\]|\\["\\]|\\)*)"|([^;"]*))/g,
  )) {
    // A backslash is an escape only before a quote or another one: Windows senders write paths.
    const value = quoted === undefined ? (plain ?? '').trim() : quoted.replace(/\\(["\\])/g, '$1')
    if (!found.has(key!.toLowerCase())) found.set(key!.toLowerCase(), value.replace(/%22/g, '"'))
  }
  return found
}

/** `UTF-8''%E5%8F%91%E7%A5%A8.pdf` (RFC 5987); undefined when it cannot be read. */
function extended(value: string | undefined): string | undefined {
  const found = /^utf-8'[^']*'(.*)$/is.exec(value ?? '')
  try {
    return found ? decodeURIComponent(found[1]!) : undefined
  } catch {
    return undefined
  }
}

/** File names are UTF-8; what is not is GBK, which older Chinese clients write. */
function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return new TextDecoder('gb18030').decode(bytes)
  }
}

function lineAt(body: Buffer, at: number): number {
  let line = 1
  for (let i = body.indexOf(0x0a); i !== -1 && i < at; i = body.indexOf(0x0a, i + 1)) line++
  return line
}

const printable = (text: string) => text.slice(0, 80).replace(/[^\P{Cc}]/gu, '?')
const invalid = (detail: string) => new HubError('HUB_REQUEST_INVALID', { detail: `multipart/form-data: ${detail}` })
