// digests — SHA-256 of what came in, hexadecimal. No bytes are gone through twice: a body that is one message by itself
// has one digest, and the thread that checked a large message has summed it already.
import { createHash } from 'node:crypto'
import { hashInTurns } from '../../../messages/hash-in-turns.js'
import { createTurn } from '../../../messages/turns.js'
import type { MessagePart } from './split.js'
import { sha256 } from '../sha256.js'
import type { MessageVerdict } from './judge.js'

/** What a message's bytes come to: alone, and with its attachments. */
export interface Digest {
  bytes: string
  all: string
}

/** SHA-256 of the body of a delivery, hexadecimal; where it is one message, that of its check is used. */
export const digestOfBody = (bytes: Buffer, verdicts: readonly MessageVerdict[]): string | Promise<string> =>
  verdicts.find(({ part }) => part.bytes === bytes)?.inspection?.sha256 ?? sha256(bytes)

/** SHA-256 of one message of a delivery, alone and with its attachments, hexadecimal. */
export async function digestOf(
  { part, inspection }: MessageVerdict,
  body: { bytes: Buffer; sha256: string },
): Promise<Digest> {
  const bytes = part.bytes === body.bytes ? body.sha256 : (inspection?.sha256 ?? (await sha256(part.bytes)))
  return { bytes, all: part.attachments.length > 0 ? await digestWithAttachments(part) : bytes }
}

/** Message and attachments together: the same declaration with another PDF is not the same message. */
async function digestWithAttachments(part: MessagePart): Promise<string> {
  const turn = createTurn()
  const hash = await hashInTurns(createHash('sha256'), part.bytes, turn)
  for (const { name, bytes } of [...part.attachments].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    await turn()
    await hashInTurns(hash.update(`\0${name}\0${bytes.length}\0`), bytes, turn)
  }
  return hash.digest('hex')
}
