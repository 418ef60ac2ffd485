// receipt-keys-route — the public keys that receipts are signed with, for everybody who is shown one (RFC 7517).
import * as view from '../../../../messages/views/index.js'
import type { Door } from '../app.js'
import type { HttpDoorParts } from '../parts.js'

/** Whoever meets a key that is not in here yet asks again; nobody needs to ask more often. */
const keepSeconds = 300

/** `GET /.well-known/jwks.json`, open to everybody. No keys where the hub signs no receipts. */
export function receiptKeysRoute(app: Door, { receiptSigner }: Pick<HttpDoorParts, 'receiptSigner'>): void {
  app.get(
    '/.well-known/jwks.json',
    {
      schema: {
        tags: ['receipts'],
        operationId: 'readReceiptKeys',
        response: { 200: view.ReceiptKeys },
        summary: 'The public keys that receipts are signed with 回执验签公钥',
        description: 'Open to everybody. The first one signs; empty where the hub does not sign receipts.',
      },
    },
    async (_request, reply) => {
      reply.raw.setHeader('cache-control', `public, max-age=${keepSeconds}`)
      return { keys: receiptSigner?.keys() ?? [] }
    },
  )
}
