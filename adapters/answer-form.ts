// answer-form — an agency's answer that has files with it: one multipart/form-data body, the receipt in the part
// `receipt` (or `message`, or the first part), every other part with a file name a file.
import { mediaTypeOf, type AgencyFile } from '../messages/attached.js'
import { HubError } from '../messages/errors.js'
import { inTurns } from '../messages/turns.js'
import { readingForm } from './multipart.js'

interface OpenedAnswer {
  mediaType: string
  bytes: Buffer
  files: AgencyFile[]
}

/** Whether the answer is a form with files, by its media type. */
export const isForm = (mediaType: string): boolean => /^multipart\/form-data\s*(;|$)/i.test(mediaType.trim())

/** @throws HubError HUB_REQUEST_INVALID with the part and the line where the body is malformed, or has no receipt */
export async function openAnswerForm(body: Buffer, mediaType: string): Promise<OpenedAnswer> {
  const parts = await inTurns(readingForm(body, mediaType))
  const receipt = parts.find(({ name }) => name === 'receipt' || name === 'message') ?? parts[0]
  if (!receipt || receipt.bytes.length === 0)
    throw new HubError('HUB_REQUEST_INVALID', {
      detail: 'multipart/form-data needs a part named "receipt"',
      detailZh: 'multipart/form-data 中须有名为“receipt”的部分',
    })
  return {
    mediaType: receipt.mediaType ?? 'application/xml',
    bytes: receipt.bytes,
    files: parts
      .filter((part) => part !== receipt && part.filename !== undefined)
      .map(({ name, filename, mediaType: type, bytes }) => {
        const given = filename === undefined || filename === '' ? name : filename
        return { name: given, mediaType: type ?? mediaTypeOf(given), bytes }
      }),
  }
}
