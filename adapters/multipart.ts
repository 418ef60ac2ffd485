// multipart — a multipart/form-data body (RFC 7578, RFC 2046 §5.1) as its parts. Strict: what cannot be read is refused
// with its place, because a part that is skipped is a message that is lost.
import { HubError } from '../messages/errors.js'

/** One part of a form that was read, its bytes as they came. */
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
function boundaryOf(contentType: string): string | undefined {
  const found = /;\s*boundary=(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))/i.exec(contentType)
  const boundary = found?.[1]?.replace(/\\(.)/g, '$1') ?? found?.[2]
  return boundary !== undefined && /^[\x20-\x7e]{0,69}[\x21-\x7e]$/.test(boundary) ? boundary : undefined
}

/** Bytes that are looked through before others have their turn. */
const step = 256 * 1024

/**
 * The parts in their order. In slices, since a body may be made to take long: of nothing but line ends, or of marks in
 * the middle of a line.
 *
 * @throws HubError HUB_REQUEST_INVALID with the part and the line when the body is malformed
 */
export function* readingForm(body: Buffer, contentType: string): Generator<void, FormPart[], void> {
  const boundary = boundaryOf(contentType)
  if (boundary === undefined) throw invalid('the Content-Type names no boundary')
  const mark = Buffer.from(`--${boundary}`, 'latin1')
  const parts: FormPart[] = []
  function* fail(what: string, at: number, name?: string) {
    const part = `part ${parts.length + 1}${name === undefined ? '' : ` (${name})`}`
    return invalid(`${part}, line ${yield* lineAt(body, at)}: ${what}`)
  }

  let at = body.subarray(0, mark.length).equals(mark) ? 0 : yield* lineStart(body, mark, 0)
  if (at === -1) throw invalid(`no line of the body begins with the boundary --${boundary}`)
  if (at > 0 && body[at - 2] !== 0x0d) throw yield* fail('the line before the boundary ends without CR LF', at)
  for (;;) {
    yield
    at += mark.length
    const last = body[at] === 0x2d && body[at + 1] === 0x2d
    if (last) {
      if (!(yield* isBlank(body, at + 2))) throw yield* fail('there is more behind the last boundary', at + 2)
      return parts
    }
    while (body[at] === 0x20 || body[at] === 0x09) at++
    if (body[at] !== 0x0d || body[at + 1] !== 0x0a)
      throw yield* fail(at >= body.length ? 'the body ends at a boundary' : 'the boundary line ends without CR LF', at)
    if (parts.length >= mostParts) throw yield* fail(`more than ${mostParts} parts`, at)

    const headersFrom = at + 2
    // A part without headers begins with the empty line at once; it has no name, and is refused for that.
    const window = body.subarray(at, headersFrom + longestHeaders + 4)
    const end = window.indexOf('\r\n\r\n', 0, 'latin1')
    const cut = (end === -1 ? window : window.subarray(0, end)).indexOf(Buffer.concat([lineFeed, mark]))
    if (cut !== -1 || (end === -1 && at + window.length === body.length))
      throw yield* fail('its headers do not end with an empty line (CR LF CR LF)', headersFrom)
    const headersTo = at + end
    if (end === -1 || headersTo - headersFrom > longestHeaders)
      throw yield* fail(`headers longer than ${longestHeaders} bytes`, headersFrom)
    const headers = readHeaders(body.subarray(headersFrom, Math.max(headersFrom, headersTo)))
    if (typeof headers === 'string') throw yield* fail(headers, headersFrom)
    const from = headersTo + 4
    const to = yield* lineStart(body, mark, from - 1)
    if (to === -1)
      throw yield* fail('the body ends before its last boundary; it was probably cut', body.length, headers.name)
    if (body[to - 2] !== 0x0d) throw yield* fail('the line before the boundary ends without CR LF', to, headers.name)
    parts.push({ ...headers, bytes: body.subarray(from, Math.max(from, to - 2)) })
    at = to
  }
}

const lineFeed = Buffer.from('\n')

/** Where `mark` stands behind the next line end, be it CR LF or LF; -1 when nowhere. `from` may be that LF. */
function* lineStart(body: Buffer, mark: Buffer, from: number): Generator<void, number, void> {
  // The LF is looked for with the mark: each mark in the middle of a line would cost a search of its own.
  const wanted = Buffer.concat([lineFeed, mark])
  for (let at = from; at < body.length; at += step) {
    const found = body.subarray(at, at + step + wanted.length - 1).indexOf(wanted)
    if (found !== -1) return at + found + 1
    yield
  }
  return -1
}

/** Is there nothing but white space from `from` on? */
function* isBlank(body: Buffer, from: number): Generator<void, boolean, void> {
  for (let at = from; at < body.length; at += step) {
    if (/[^\s]/.test(body.subarray(at, at + step).toString('latin1'))) return false
    yield
  }
  return true
}

/** What the headers of a part say; in words what is wrong with them. */
function readHeaders(block: Buffer): Omit<FormPart, 'bytes'> | string {
  const text = decode(block)
  const found = new Map<string, string>()
  for (const line of text === '' ? [] : text.split('\r\n')) {
    const header = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*)$/s.exec(line)
    if (!header || line.includes('\n') || line.includes('\r')) return `not a header: ${printable(line)}`
    const key = header[1]!.toLowerCase()
    if (found.has(key)) return `two headers ${header[1]}`
    found.set(key, header[2]!.trim())
  }
  const disposition = found.get('content-disposition')
  if (disposition === undefined) return 'it has no Content-Disposition'
  if (!/^form-data\s*(;|$)/i.test(disposition))
    return `its Content-Disposition is not form-data: ${printable(disposition)}`
  const parameters = readParameters(disposition)
  const name = parameters.get('name')
  if (name === undefined || name === '') return 'its Content-Disposition has no name'
  const encoding = found.get('content-transfer-encoding')?.toLowerCase() ?? 'binary'
  if (!['7bit', '8bit', 'binary'].includes(encoding))
    return `Content-Transfer-Encoding ${printable(encoding)} is not read; send the bytes as they are`
  const filename = extended(parameters.get('filename*')) ?? parameters.get('filename')
  const mediaType = found.get('content-type')
  return {
    name,
    ...(filename === undefined ? {} : { filename: filename.replace(/^.*[/\\]/s, '') }),
    ...(mediaType === undefined || mediaType === '' ? {} : { mediaType: mediaType.split(';')[0]!.trim() }),
  }
}

const parameterStart = /;\s*([\w!#$&+.^`|~*-]+)\s*=\s*/g
const plainValue = /[^;"]*/y

/** `form-data; name="a"; filename="b"`: the parameters. A browser writes a quote in a name as %22. */
function readParameters(disposition: string): Map<string, string> {
  const found = new Map<string, string>()
  parameterStart.lastIndex = 0
  for (let start = parameterStart.exec(disposition); start; start = parameterStart.exec(disposition)) {
    const from = parameterStart.lastIndex
    const end = disposition[from] === '"' ? endOfQuoted(disposition, from + 1) : -1
    plainValue.lastIndex = from
    const plain = end === -1 ? plainValue.exec(disposition)![0] : undefined
    // A backslash is an escape only before a quote or another one: Windows senders write paths.
    const value = plain?.trim() ?? disposition.slice(from + 1, end).replace(/\\(["\\])/g, '$1')
    parameterStart.lastIndex = plain === undefined ? end + 1 : from + plain.length
    const key = start[1]!.toLowerCase()
    if (!found.has(key)) found.set(key, value.replace(/%22/g, '"'))
  }
  return found
}

/**
 * The quote that ends what begins at `from`; -1 when there is none. Where every one stands behind a backslash it is the
 * last of them: `"C:\invoices\"` is a folder. Read once from left to right: a pattern that says the same tries every
 * way to pair the backslashes, and forty of them would stop the hub.
 */
function endOfQuoted(text: string, from: number): number {
  let escaped = -1
  for (let at = from; at < text.length; at++) {
    if (text[at] === '"') return at
    if (text[at] !== '\\' || (text[at + 1] !== '"' && text[at + 1] !== '\\')) continue
    at++
    if (text[at] === '"') escaped = at
  }
  return escaped
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

function* lineAt(body: Buffer, at: number): Generator<void, number, void> {
  let line = 1
  for (let i = 0; i < at; i++) {
    if (body[i] === 0x0a) line++
    if (i % step === step - 1) yield
  }
  return line
}

const printable = (text: string) => text.slice(0, 80).replace(/[^\P{Cc}]/gu, '?')
const invalid = (detail: string) => new HubError('HUB_REQUEST_INVALID', { detail: `multipart/form-data: ${detail}` })
