// said-in-doubt — what the agency has already said of a submission that is on its way to it once more. After a try in
// doubt it may have the message, and its receipts may come before it is asked or told again: they are recorded and
// given to the partner at once, and what they say counts from the moment the hub knows that the agency has it. A try
// that surely did not arrive makes no receipt believable: it is an older filing's.
import type { Receipt } from '../../messages/receipt.js'
import type { ReceiptStatus } from '../../messages/states.js'
import { newestOf } from '../rules/business-status.js'
import { wasInDoubt } from '../rules/tries.js'
import type { Write } from './write/transaction.js'

/** Every statement by its name. */
export const saidInDoubtSql = {
  doubted: `select 1 as there from attempt t where t.submission_id = @submissionId and ${wasInDoubt('t')} limit 1`,
  said: `select receipt from receipt where message_id = @messageId and submission_id = @submissionId
    and reply_id is not null order by n`,
}
const sql = saidInDoubtSql

/** Within a transaction. Null: nothing was said, or it does not count (`reached` false). */
export async function saidInDoubt(
  tx: Write,
  {
    submission_id: submissionId,
    message_id: messageId,
    reached,
  }: { submission_id: string; message_id: string; reached: boolean },
): Promise<ReceiptStatus | null> {
  // A try in doubt is one that may have reached it.
  if (!reached) return null
  if (!(await tx.get(sql.doubted, { submissionId }))) return null
  const said = await tx.all<{ receipt: string }>(sql.said, { messageId, submissionId })
  return newestOf(said.map(({ receipt }) => (JSON.parse(receipt) as Receipt).status))
}
