// sums — SHA-256 of the pieces of a message: what is written with them, and what they are compared with before anybody
// gets them.
import { createHash } from 'node:crypto'
import { HubError } from '../messages/errors.js'
import { hashInTurns } from '../messages/hash-in-turns.js'
import { createTurn, type Turn } from '../messages/turns.js'
import type { NewMessage } from './ledger.js'

/** SHA-256 of what is kept, hexadecimal, by the name of the piece. */
export interface Sums {
  message?: string
  forwarded?: string
  attachments?: string[]
  sent?: string
  acknowledgement?: string
}
/** Which bytes of a message, submission, interchange or reply a sum is of. */
export type Piece = 'message' | 'forwarded' | 'sent' | 'acknowledgement'

/** The SHA-256 of bytes as lower-case hexadecimal digits. */
export const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

/** Of what is small in the same turn; a large piece gives others theirs. */
export async function sha256InTurns(bytes: Buffer, turn: Turn = createTurn()): Promise<string> {
  return (await hashInTurns(createHash('sha256'), bytes, turn)).digest('hex')
}

/** Of what is large, before the transaction that writes it, with turns for others. */
export async function sumsOfLarge({ bytes, bytesSha256, forwarded, attachments }: NewMessage): Promise<Sums> {
  const turn = createTurn()
  const sums: string[] = []
  for (const one of attachments) sums.push(await sha256InTurns(one.bytes, turn))
  return {
    message: bytesSha256 ?? (await sha256InTurns(bytes, turn)),
    ...(forwarded ? { forwarded: await sha256InTurns(forwarded, turn) } : {}),
    ...(sums.length > 0 ? { attachments: sums } : {}),
  }
}

/** @throws HubError HUB_BYTES_DAMAGED */
export function mustBeWhole(whole: boolean, messageId: string): void {
  if (!whole) throw new HubError('HUB_BYTES_DAMAGED', { messageId })
}

/** Of a message's pieces, as they are written with it. @param known where they were made before */
export const sumsOfMessage = ({ bytes, bytesSha256, forwarded, attachments }: NewMessage, known?: Sums): Sums =>
  known ?? {
    message: bytesSha256 ?? sha256(bytes),
    ...(forwarded ? { forwarded: sha256(forwarded) } : {}),
    ...(attachments.length > 0 ? { attachments: attachments.map((one) => sha256(one.bytes)) } : {}),
  }
