// sender-syntax — what the hub says to those who send no XML, in the form they send: a receipt as CUSRES or APERAK, an
// interchange as an annotated listing. Senders of port flat files get their receipts as such a file.
import { HubError } from '../../messages/errors.js'
import { businessAnswer } from '../../messages/edifact/answers/business-answer.js'
import { edifactSettings, type EdifactSettings } from '../../messages/edifact/settings.js'
import { flatReceipt } from '../../messages/flatfile/answer.js'
import type { Inbound } from '../../messages/inbound.js'
import type { Partner } from '../../messages/partner.js'
import type { Receipt } from '../../messages/receipt.js'
import { detectSyntax } from '../../messages/syntax.js'
import type { Listings } from './listings.js'

/** @see [startTaking](../boot/taking.ts) */
interface SenderSyntaxParts {
  /** @see [createPartnerBook](../operate/partner-book.ts) */
  partner: (partnerId: string) => Promise<Partner | undefined>
  /** @see [createContent](./content.ts) */
  content: (messageId: string, partnerId: string) => Promise<{ bytes: Buffer } | undefined>
  /** @see [startChecking](../boot/checking.ts) */
  list: Listings['list']
}

/** Beyond this a listing is no reading for people. */
const longestListed = 4 << 20

/** @see [buildHttpDoor](../boot/http.ts), [startWorking](../boot/working.ts) */
export function createSenderSyntax({ partner, content, list }: SenderSyntaxParts) {
  const settingsOf = async (partnerId: string): Promise<EdifactSettings> =>
    edifactSettings((await partner(partnerId))?.settings.edifact)

  return {
    /**
     * The receipt in the form its original is answered in; undefined when that was neither EDIFACT nor a flat file, or
     * nobody can be answered.
     */
    async inSendersForm(receipt: Receipt, partnerId: string): Promise<Buffer | undefined> {
      // Of what is years old and not to be had, the hub's own form is the receipt all the same.
      const original = await content(receipt.messageId, partnerId).catch(unlessGone)
      const syntax = original && detectSyntax(original.bytes)
      if (!original || (syntax !== 'edifact' && syntax !== 'flatfile')) return undefined
      const answer =
        syntax === 'flatfile'
          ? flatReceipt(receipt, original.bytes)
          : businessAnswer(receipt, original.bytes, (await settingsOf(partnerId)).charset)
      return answer && Buffer.from(answer)
    },

    /**
     * The annotated listing of what was sent, with the faults of these receipts in place; undefined for XML, and for
     * what no person would read to its end.
     */
    async listing(
      { bytes, partnerId }: Pick<Inbound, 'bytes' | 'partnerId'>,
      receipts: readonly Receipt[],
    ): Promise<string | undefined> {
      const syntax = bytes.length > longestListed ? undefined : detectSyntax(bytes)
      if (syntax !== 'flatfile' && syntax !== 'edifact') return undefined
      const content = receipts.map(({ faults }) => faults)
      return list({ syntax, bytes, content, settings: await settingsOf(partnerId) })
    },
  }
}

function unlessGone(error: unknown): undefined {
  if (!(error instanceof HubError)) throw error
}
