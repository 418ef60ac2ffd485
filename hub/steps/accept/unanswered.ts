// unanswered — what the bytes of a message leave open, and its delivery and the ledger do not answer either.
import type { Fault } from '../../../messages/fault.js'
import type { Inspection, OpenQuestion } from '../../../messages/inspection.js'
import type { MessagePart } from './split.js'

/**
 * The faults of two kinds of open questions: files the message names that did not come with it (whatever their case
 * and folder), and numbers the partner has never had.
 * @param had asks the ledger for one number
 */
export async function unanswered(
  { questions = [] }: Inspection,
  { attachments }: MessagePart,
  had: (asked: NonNullable<OpenQuestion['filed']>) => Promise<boolean>,
): Promise<Fault[]> {
  const plain = (name: string) => name.replace(/^.*[/\\]/s, '').toLowerCase()
  const came = new Set(attachments.map(({ name }) => plain(name)))
  const open: Fault[] = []
  for (const { file, filed, fault } of questions) {
    if (file !== undefined ? came.has(plain(file)) : filed !== undefined && (await had(filed))) continue
    open.push(fault)
  }
  return open
}
