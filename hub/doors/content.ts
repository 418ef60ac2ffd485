// content — a message's bytes, wherever they are by now: in the ledger, or in the archive they were let go to.
import { HubError } from '../../messages/errors.js'
import { chinaDate } from '../../messages/china-time.js'
import type { Archive } from '../../store/archive.js'
import type { Ledger } from '../../store/ledger.js'
import type { ArchivedMessage } from '../operate/archived-message.js'

interface ContentParts {
  ledger: Pick<Ledger, 'getContent' | 'getForwarded' | 'whereabouts'>
  archive?: Pick<Archive, 'read'> | undefined
}

/** Asks the ledger first, then the archive. */
export function createContent({ ledger, archive }: ContentParts) {
  /** @throws HubError HUB_CONTENT_DELETED, HUB_ARCHIVE_UNREADABLE */
  async function archived(messageId: string): Promise<ArchivedMessage> {
    const known = await ledger.whereabouts(messageId)
    const at = known ? chinaDate(known.at) : ''
    if (!known?.place) throw new HubError('HUB_CONTENT_DELETED', { at })
    const { file } = known.place
    if (!archive) throw new HubError('HUB_ARCHIVE_UNREADABLE', { file, detail: 'hub.yaml names no archive' })
    const record = (await archive.read(known.place).catch((error: unknown) => {
      throw new HubError(
        'HUB_ARCHIVE_UNREADABLE',
        { file, detail: error instanceof Error ? error.message : String(error) },
        { cause: error },
      )
    })) as ArchivedMessage
    // That the bytes are those that were put there gzip's own checksum has said.
    if (record.messageId !== messageId)
      throw new HubError('HUB_ARCHIVE_UNREADABLE', { file, detail: `it holds ${record.messageId} there` })
    return record
  }

  return {
    /** The bytes as received; undefined when this partner has no such message. */
    async content(
      messageId: string,
      partnerId?: string,
    ): Promise<{ bytes: Buffer; contentType?: string; filename?: string } | undefined> {
      const found = await ledger.getContent(messageId, partnerId)
      return found && { ...found, bytes: found.bytes ?? Buffer.from((await archived(messageId)).content, 'base64') }
    },
    /** What was sent on: the message itself, or what was made of it. */
    async forwarded(messageId: string, partnerId?: string): Promise<Buffer | undefined> {
      const found = await ledger.getForwarded(messageId, partnerId)
      if (!found || found.bytes) return found?.bytes
      const { sent, forwarded, content } = await archived(messageId)
      return Buffer.from(sent[0]?.content ?? forwarded ?? content, 'base64')
    },
  }
}
