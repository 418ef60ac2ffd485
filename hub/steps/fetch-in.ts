// fetch-in — what a connector has fetched by itself (a file in an InBox, in a pick-up folder) becomes a reply like one
// that was posted: kept first, then settled. A crash in between leaves the file where it is, or a kept reply the
// sweeper settles.
import type { FetchedAnswer, FetchedRefusal } from '../../adapters/connectors/connector.js'
import type { Ledger } from '../../store/ledger.js'
import type { ReplyReader } from '../agencies/reply-reader.js'
import type { IncomingReply } from './settle/incoming.js'

/** @see [startAnswering](../boot/answering.ts) */
interface FetchInParts {
  ledger: Pick<Ledger, 'submissionById' | 'ownersOf' | 'getMessage'>
  /** @see [startChecking](../boot/checking.ts) */
  readReply: ReplyReader['read']
  /** @see [createSettle](./settle.ts) */
  keep: (reply: IncomingReply) => Promise<{ replyId: string; settle: () => Promise<void> }>
  log: {
    info(ids: object, event: string): void
    warn(ids: object, event: string): void
    error(ids: object, event: string): void
  }
}

/** Verbs for a connector that fetches: it may remove a file once `found` or `refused` has resolved, never before. */
export function createFetchIn({ ledger, readReply, keep, log }: FetchInParts) {
  /** An answer of one of these agencies. Resolves when it is on disk; rejects when it could not be put there. */
  async function found(
    agencies: string[],
    { name, kind, mediaType, bytes, submissionId, files }: FetchedAnswer,
  ): Promise<void> {
    const known = submissionId === undefined ? undefined : await ledger.submissionById(submissionId)
    const entries = (await readReply(bytes))?.entries ?? []
    const agency = known?.agency ?? (await whoseIs(agencies, entries))
    // The name says that it failed, whatever form the client gave the content.
    const failed = known && kind === 'failed' && entries.length === 0 ? { importFailed: true as const } : {}
    const submission = known ? { submissionId: known.submissionId } : {}
    await take({ agency, mediaType, bytes, files, ...submission, ...failed }, name)
  }

  /**
   * The Single Window is one door of several agencies: the one whose submission it cites has said it, else the first.
   */
  async function whoseIs(agencies: string[], entries: { keys: { name: string; value: string }[] }[]): Promise<string> {
    if (agencies.length > 1)
      for (const { keys } of entries)
        for (const key of keys)
          for (const agency of agencies) if ((await ledger.ownersOf(agency, key)).length > 0) return agency
    return agencies[0]!
  }

  /**
   * The other side put our file among those it could not take, and no answer of its has said why. The same words again
   * are no second reply.
   */
  async function refused({ submissionId, name }: FetchedRefusal): Promise<void> {
    const known = await ledger.submissionById(submissionId)
    const message = known && (await ledger.getMessage(known.messageId))
    if (!known || message?.submissions.find((one) => one.submissionId === submissionId)?.status !== undefined) return
    log.warn({ submissionId, messageId: known.messageId, agency: known.agency, file: name }, 'refused in silence')
    await take(
      {
        agency: known.agency,
        submissionId,
        mediaType: 'text/plain; charset=utf-8',
        importFailed: true,
        bytes: Buffer.from(`FailBox/${name}`),
      },
      name,
    )
  }

  /** Names of the files that an answer says come with it. */
  async function filesNamed(bytes: Buffer): Promise<string[]> {
    const entries = (await readReply(bytes))?.entries ?? []
    return [...new Set(entries.flatMap(({ attachments = [] }) => attachments))]
  }

  async function take(reply: IncomingReply, file: string): Promise<void> {
    const kept = await keep(reply)
    log.info({ agency: reply.agency, file, replyId: kept.replyId, submissionId: reply.submissionId }, 'answer fetched')
    // On disk: the file may go. What fails from here on the sweeper does again.
    await kept
      .settle()
      .catch((error: unknown) =>
        log.error({ err: error, replyId: kept.replyId }, 'settle failed; the sweeper tries again'),
      )
  }

  return { found, refused, filesNamed }
}
