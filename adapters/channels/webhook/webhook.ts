// webhook — posts one receipt to the URL of a partner, signed. The same receipt may come twice (an answer can be lost):
// its id is in a header and in the body, and tells. Redirects are not followed: the URL is the operator's choice, not
// the other side's.
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Receipt } from '../../../messages/receipt.js'
import { withRemedies } from '../../../messages/remedy.js'
import { lookupWithin, urlFault, type WebhookReach } from './reach.js'
import { previousHeader, sign, signatureHeader, signStandard, timestampHeader } from './signature.js'

/** The partner's server answered 410: the webhook is gone for good, and trying again is pointless. */
export class WebhookGone extends Error {
  override name = 'WebhookGone'
}

/** Signs as the hub, for whoever has its public key. */
export interface WebhookSigner {
  /** Detached JWS over the body. */
  jws(body: Uint8Array): Promise<string>
  /** `v1a,<base64>` of Standard Webhooks. */
  webhook(id: string, timestamp: number, body: Uint8Array): Promise<string>
}

interface WebhookCall {
  url: string
  secret: string
  /** The secret of before, while both hold. */
  previous?: string | undefined
  receipt: Receipt
  /** Where it may lead. */
  reach: WebhookReach
  /** The hub's own signature beside those of the secrets; absent: there is none. */
  signer?: WebhookSigner | undefined
  deadlineMs?: number
  now?: Date
}

/** Resolves once the partner answered 2xx. @throws WebhookGone on 410, Error with the status or the reason otherwise */
export async function postReceipt({
  url,
  secret,
  previous,
  receipt,
  reach,
  signer,
  deadlineMs = 10_000,
  now = new Date(),
}: WebhookCall): Promise<void> {
  const body = Buffer.from(JSON.stringify(withRemedies(receipt)))
  const timestamp = Math.floor(now.getTime() / 1000)
  const fault = urlFault(url, reach)
  if (fault !== undefined) throw new Error(`the webhook is not called: ${fault}`)
  const standard = signStandard(
    [secret, ...(previous === undefined ? [] : [previous])],
    receipt.receiptId,
    timestamp,
    body,
  )
  const headers = {
    'content-type': 'application/json',
    'content-length': body.length,
    'user-agent': 'singlewindow-hub',
    'x-hub-receipt': receipt.receiptId,
    [timestampHeader]: String(timestamp),
    [signatureHeader]: sign(secret, timestamp, body),
    ...(previous === undefined ? {} : { [previousHeader]: sign(previous, timestamp, body) }),
    'webhook-id': receipt.receiptId,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signer ? `${standard} ${await signer.webhook(receipt.receiptId, timestamp, body)}` : standard,
    ...(signer ? { 'x-hub-jws': await signer.jws(body) } : {}),
  }
  const status = await new Promise<number>((resolve, reject) => {
    const request = (url.startsWith('https:') ? httpsRequest : httpRequest)(url, {
      method: 'POST',
      headers,
      lookup: lookupWithin(reach),
      signal: AbortSignal.timeout(deadlineMs),
    })
    request.on('error', reject)
    // Also after what is neither an answer nor an error: where somebody answers 101 (another protocol, which nobody
    // asked for) the connection ends without a word, and after that no deadline is told either.
    request.on('close', () => reject(new Error('the connection ended without an answer')))
    // The answer's text is nobody's business.
    request.on('response', (response) => {
      resolve(response.statusCode ?? 0)
      response.destroy()
    })
    request.end(body)
  }).catch((error: unknown) => {
    throw new Error(`no answer from the webhook: ${error instanceof Error ? error.message : String(error)}`)
  })
  if (status === 410) throw new WebhookGone('the webhook answered 410 Gone')
  if (status < 200 || status > 299) throw new Error(`the webhook answered ${status}`)
}
