// multipart-body — a message and its attachments as one multipart/form-data body (RFC 7578), the same bytes for the
// same submission.
import { createHash } from 'node:crypto'

/** One part of a form to be written; parts are written in the order given. */
export interface BodyPart {
  name: 'message' | 'attachment' | 'receipt' | 'file'
  fileName: string
  mediaType: string
  bytes: Buffer
}

/** Parts in order; bytes untouched. `seed` makes the boundary, so that a repeated submission repeats every byte. */
export function multipartBody(parts: BodyPart[], seed: string): { contentType: string; body: Buffer } {
  let boundary = boundaryFrom(seed)
  // A part that holds the boundary would end early: another one is taken.
  while (parts.some(({ bytes }) => bytes.includes(boundary))) boundary = boundaryFrom(boundary)
  const chunks = parts.flatMap(({ name, fileName, mediaType, bytes }) => [
    Buffer.from(
      `--${boundary}\r\nContent-Disposition: form-data; name="${name}"; ` +
        `filename="${quoted(fileName)}"\r\nContent-Type: ${oneLine(mediaType)}\r\n\r\n`,
    ),
    bytes,
    Buffer.from('\r\n'),
  ])
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    body: Buffer.concat([...chunks, Buffer.from(`--${boundary}--\r\n`)]),
  }
}

const boundaryFrom = (seed: string) => `hub-${createHash('sha256').update(seed).digest('hex').slice(0, 32)}`

/** As browsers write file names into a form: UTF-8, with the three characters that would end the field escaped. */
const quoted = (name: string) => name.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
const oneLine = (mediaType: string) => mediaType.replace(/[\r\n]+/g, ' ')
