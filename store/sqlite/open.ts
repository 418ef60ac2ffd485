// open — a ledger in one SQLite file. The file is database.ts's; everything else is in the parts put together here.
import { open, rename, rm } from 'node:fs/promises'
import type Database from 'better-sqlite3'
import type { Ledger, LedgerEvents, Proof } from '../ledger.js'
import { bytesElsewhere, LedgerUnreachableError } from '../ledger-errors.js'
import { createPing } from '../ping.js'
import { createReceiptListeners } from '../receipt-listeners.js'
import { createKeeping, type Payloads } from '../payloads/payloads.js'
import { createAudit, createAudited } from './audit.js'
import { createBoundedWaits } from './bounded-waits.js'
import { createAnswers } from './answers.js'
import { openDatabase } from './database.js'
import { createFiled } from './filed.js'
import { createAgentGrants, createFilingGrants } from './filing-grants.js'
import { createGroupCommit } from './group-commit.js'
import { createReplyAttachments } from './reply-attachments.js'
import { createAgencyHolds } from './agency-holds.js'
import { createDigests } from './digests.js'
import { createRetention } from './retention.js'
import { createMessageList } from './message-list.js'
import { createNotices } from './notices.js'
import { createOwners } from './owners.js'
import { createOrphans } from './orphans.js'
import { createOperators } from './operators.js'
import { createPartners } from './partners.js'
import { createWriteProbe } from './write-probe.js'
import { createLegalHolds } from './legal-holds.js'
import { createKeys } from './resealing.js'
import { openSealing, sealedDatabase } from './sealed-database.js'
import type { Encryption } from '../sealing/master-keys.js'
import { createProof, createSealing } from './proof.js'
import { createQuestions } from './questions.js'
import { createReading } from './reading.js'
import { createRecord } from './record.js'
import { createAfterRestore } from './after-restore.js'
import { createReturning } from './returning.js'
import { createMessageSearch } from './message-search.js'
import { createSending } from './sending.js'
import { createSubmissionReceipts } from './submission-receipts.js'
import { createAttention } from './attention.js'

export {
  lockDatabase as lockLedger,
  inspectDatabase as inspectLedger,
  keepStill,
  LedgerInUseError,
  LedgerTooNewError,
} from './database.js'
import { createWaitingSubmissions } from './waiting-submissions.js'

/** What of a log the ledger uses: a disk that cannot be written, a listener that fails. */
export interface LedgerLog {
  error(fields: object, message: string): void
}

/**
 * Opens (or makes) the ledger in `file`.
 * @throws LedgerInUseError while another process has it open; LedgerTooNewError when a newer hub has written it;
 *   LedgerKeyError when it is encrypted and the key is not given, or is another one.
 */
export async function openSqliteLedger({
  file,
  log,
  encryption,
  payloads,
}: {
  file: string
  log: LedgerLog
  /** Absent: bytes are kept as they come. */
  encryption?: Encryption | undefined
  /** Where the bytes of messages go. Absent: into the file. `elsewhere`: wherever, nobody asks for bytes now. */
  payloads?: Payloads | 'elsewhere' | undefined
}): Promise<Ledger & LedgerEvents & Proof> {
  const store = payloads === 'elsewhere' ? undefined : payloads
  await store?.check()
  const db = openDatabase(file)
  try {
    if (!payloads && db.prepare(sql.apart).get() !== undefined) throw new LedgerUnreachableError(bytesElsewhere)
    return ledgerOn(db, log, { encryption, payloads: store })
  } catch (error) {
    db.close()
    throw error
  }
}

/** Every statement by its name: a test asks SQLite how it would find what each looks for. */
export const openSql = {
  apart: `select 1 from payload_object where object > '' limit 1`,
  beat: `insert into counter (name, value) values ('ping', 1) on conflict do update set value = value + 1
    returning value`,
}
const sql = openSql

/** The ledger on an open database, which it closes in the end. */
export function ledgerOn(
  file: Database.Database,
  log: LedgerLog,
  { encryption, payloads }: { encryption?: Encryption | undefined; payloads?: Payloads | undefined } = {},
): Ledger & LedgerEvents & Proof {
  const sealing = openSealing(file, encryption)
  const db = sealing.sealer ? sealedDatabase(file, () => sealing.sealer!) : file
  const opened = sealing.sealer && ((json: string) => sealing.sealer!.openWithin(json))
  const { receipts, tell } = createReceiptListeners(log)
  /** What was said of a page that cannot be read. */
  let corrupt: unknown
  const chain = createSealing(db, opened)
  const { commit, audited } = createAudited({
    db,
    commit: createGroupCommit(db, {
      sealing: chain,
      failed(err) {
        if (/^SQLITE_(CORRUPT|NOTADB)/.test((err as { code?: string }).code ?? '')) corrupt = err
        log.error({ err }, 'the ledger could not be written')
      },
    }),
  })
  const digests = createDigests({ db, commit, log })
  const replyAttachments = createReplyAttachments({ db, digests })
  const keeping = createKeeping(payloads)
  const submissionReceipts = createSubmissionReceipts(db)
  const parts = { db, commit, tell, digests, replyAttachments, submissionReceipts, keeping }
  const probe = createWriteProbe(db, chain)
  const beat = db.prepare<[], { value: number }>(sql.beat)
  const ping = createPing({
    written: () =>
      Promise.all([
        commit(() => {
          probe()
          beat.get()
        }),
        keeping.check(),
      ]),
    corrupt: () => corrupt,
  })
  return {
    ...createPartners(parts),
    ...createNotices(parts),
    ...createRecord(parts),
    ...createSending(parts),
    ...createWaitingSubmissions(parts),
    ...createBoundedWaits(parts),
    ...createAnswers(parts),
    ...createReturning(parts),
    ...createReading(parts),
    ...createFiled(parts),
    ...createFilingGrants(parts),
    ...createQuestions(parts),
    ...createAgentGrants(parts),
    ...createOperators(parts),
    ...createRetention(parts),
    ...createMessageList(parts),
    ...createMessageSearch(parts),
    ...createAttention(parts),
    ...createOrphans(parts),
    ...createOwners(parts),
    ...createAudit(parts),
    ...createProof({ ...parts, opened }),
    ...createLegalHolds(parts),
    ...createKeys({ db: file, commit, sealing }),
    audited,
    ...createAgencyHolds(parts),
    ...createAfterRestore(parts),
    receipts,
    damaged: digests.count,
    ping,
    /**
     * Under another name until it is whole: a backup cut short never passes for one, nor replaces the one before it.
     */
    async backup(to) {
      const part = `${to}.part`
      try {
        // Made here, so that it is this user's alone from the first page on.
        await (await open(part, 'w', 0o600)).close()
        await db.backup(part)
        await rename(part, to)
      } catch (error) {
        await rm(part, { force: true })
        throw error
      }
    },
    async close() {
      await commit.drained()
      db.close()
    },
  }
}
