// webhook — posts one receipt to the URL of a partner, signed. The same receipt may come twice (an answer can be lost): its id is in
// a header and in the body, and tells. Redirects are not followed: the URL is the operator's choice, not the other side's.
import type { Receipt } from '../../../messages/receipt.js'
import { withRemedies } from '../../../messages/remedy.js'
import { sign, signatureHeader, timestampHeader } from './signature.js'

/** It said that it is gone for good (410): trying again is pointless. */
export class WebhookGone extends Error {
  override name = 'WebhookGone'
}

export interface WebhookCall {
  url: string
  secret: string
  receipt: Receipt
  deadlineMs?: number
  now?: Date
}

/** Resolves once the partner answered 2xx. @throws WebhookGone on 410, Error with the status or the reason otherwise */
export async function postReceipt({
  url,
  secret,
  receipt,
  deadlineMs = 10_000,
  now = new Date(),
}: WebhookCall): Promise<void> {
  const body = Buffer.from(JSON.stringify(withRemedies(receipt)))
  const timestamp = Math.floor(now.getTime() / 1000)
  let response: Response
  try {
    response = await fetch(url, {
      method: 'POST',
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(deadlineMs),
      headers: {
        'content-type': 'application/json',
        'user-agent': 'singlewindow-hub',
        'x-hub-receipt': receipt.receiptId,
        [timestampHeader]: String(timestamp),
        [signatureHeader]: sign(secret, timestamp, body),
      },
    })
  } catch (error) {
    const cause =
      error instanceof Error && error.cause instanceof Error
        ? error.cause.message
        : error instanceof Error
          ? error.message
          : String(error)
    throw new Error(`no answer from the webhook: ${cause}`)
  }
  // The answer's text is nobody's business; what is not read would keep the connection.
  await response.body?.cancel()
  if (response.status === 410) throw new WebhookGone('the webhook answered 410 Gone')
  if (response.status < 200 || response.status > 299) throw new Error(`the webhook answered ${response.status}`)
}
