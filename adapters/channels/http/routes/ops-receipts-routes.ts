// ops-receipts-routes — for the operator: receipts that partners have not got, and those they have not acknowledged.
import { Type } from 'typebox'
import * as view from '../../../../messages/views/index.js'
import type { Door } from '../app.js'
import { done } from './ops-found.js'
import { Limit, shown } from './ops-lists.js'
import type { ReceiptParts } from '../parts/receipts.js'
import { Id } from '../path-id.js'
import { Why } from './reason.js'

const tags = ['ops']

/** `/ops/receipts` and `/ops/mailboxes`. To owe a receipt again sends nothing to an agency. */
export function opsReceiptsRoutes(
  app: Door,
  parts: Pick<ReceiptParts, 'mailboxes' | 'undelivered' | 'resendReceipt'>,
): void {
  const Whose = Type.Object({ ...Limit.properties, partnerId: Type.Optional(Type.String()) })
  app.get(
    '/ops/receipts/undelivered',
    {
      schema: {
        querystring: Whose,
        tags,
        operationId: 'listAllUndelivered',
        response: { 200: view.UndeliveredList },
        summary: 'Undelivered receipts: given up, or still retried 未送达回执',
      },
    },
    async ({ query: { partnerId, limit }, signedIn }) => ({
      undelivered: await shown(
        signedIn,
        async (most) =>
          (await parts.undelivered(partnerId, most)).map((one) => ({ ...one, agency: one.receipt.agency })),
        limit,
      ).then((all) => all.map(({ agency: _agency, ...one }) => one)),
    }),
  )
  app.post(
    '/ops/receipts/:id/resend',
    {
      schema: {
        params: Id,
        body: Why,
        tags,
        operationId: 'resendAnyReceipt',
        response: { 200: view.Resent },
        summary: 'Return a receipt once more 补发回执',
      },
    },
    async ({ params, body, operator }) => {
      done(await parts.resendReceipt(params.id, undefined, { who: operator, why: body.why }), `receipt ${params.id}`)
      return { receiptId: params.id, resent: true as const }
    },
  )

  app.get(
    '/ops/mailboxes',
    {
      schema: {
        tags,
        operationId: 'listMailboxes',
        response: { 200: view.MailboxList },
        summary: 'Receipts that wait in mailboxes until partners acknowledge them, by partner',
      },
    },
    async () => ({ mailboxes: await parts.mailboxes() }),
  )
}
