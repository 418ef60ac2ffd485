// open — a ledger in a PostgreSQL database, shared by any number of hubs. The connections are server.ts's, the writes
// write.ts's; everything else is in the parts put together here.
import { hostname } from 'node:os'
import { HubError } from '../../messages/errors.js'
import type { Ledger, LedgerEvents, LedgerSize, Neighbours, Proof, Remembered } from '../ledger.js'
import { bytesElsewhere, LedgerUnreachableError } from '../ledger-errors.js'
import { createAnswers } from './answers.js'
import { createAudit, createAudited } from './audit.js'
import { createBoundedWaits } from './bounded-waits.js'
import { createDigests } from './digests.js'
import { createEvents } from './events.js'
import { createFiled } from './filed.js'
import { createLease } from './lease.js'
import { createLookUps } from './look-ups.js'
import { createAgentGrants, createFilingGrants } from './filing-grants.js'
import { createAgencyHolds } from './agency-holds.js'
import { createRetention } from './retention.js'
import { createMessageList } from './message-list.js'
import { createFenced, createNeighbours } from './neighbours.js'
import { createNotices } from './notices.js'
import { createOrphans } from './orphans.js'
import { patiently } from './patiently.js'
import { createOperators } from './operators.js'
import { createOwners } from './owners.js'
import { createPartners } from './partners.js'
import { probe } from './write-probe.js'
import { createProof } from './proof.js'
import { beginChain } from './proof-links.js'
import { createQuestions } from './questions.js'
import { createReading } from './reading.js'
import { createRecord } from './record.js'
import { createReplyAttachments } from './reply-attachments.js'
import { createAfterRestore } from './after-restore.js'
import { createReturning } from './returning.js'
import { migrate, newestVersion, versionOf } from './schema.js'
import { serverAheadMs } from './server-time.js'
import { createMessageSearch } from './message-search.js'
import { createSending } from './sending.js'
import { createPing } from '../ping.js'
import { createReceiptListeners } from '../receipt-listeners.js'
import { createKeeping, type Payloads } from '../payloads/payloads.js'
import { createServer, unreachable, type LedgerLog } from './server.js'
import { createAttention } from './attention.js'
import type { Encryption } from '../sealing/master-keys.js'
import { createLegalHolds } from './legal-holds.js'
import { createKeys } from './resealing.js'
import { openedQueries, openPgSealing } from './sealing.js'
import { createGroupCommit } from './write.js'
import { createWaitingSubmissions } from './waiting-submissions.js'

export type { LedgerLog } from './server.js'
export { withoutPassword } from './server.js'

/** Every statement by its name. */
export const openSql = {
  apart: `select 1 as there from payload_object where object > '' limit 1`,
  size: 'select pg_database_size(current_database()) as bytes',
}
const sql = openSql

/**
 * Opens the ledger of the database at `url`, and brings its tables up to the newest migration.
 * @param url postgresql://user:password@host:port/database; further parameters as libpq has them (sslmode …)
 * @throws LedgerInUseError while another hub has it for itself; LedgerUnreachableError when it cannot be reached or
 *   does not let us in; LedgerTooNewError when a newer hub has written it
 */
export async function openPostgresLedger({
  url,
  log,
  payloads,
  alone,
  encryption,
  among,
}: {
  url: string
  log: LedgerLog
  /** Absent: bytes are kept as they come. All hubs of a ledger have the same. */
  encryption?: Encryption | undefined
  /** Where the bytes of messages go. Absent: into the database. `elsewhere`: wherever, nobody asks for bytes now. */
  payloads?: Payloads | 'elsewhere' | undefined
  /**
   * This hub has the ledger for itself. `lost`: another hub has taken it over meanwhile, and nothing is written any
   * more.
   */
  alone?: { lost: (error: Error) => void }
  /** This hub works beside others; none has the ledger for itself meanwhile. `lost` as before. */
  among?: { lost: (error: Error) => void }
}): Promise<Ledger & LedgerEvents & Neighbours & Proof> {
  await migrateLedger(url)
  const server = createServer({ url, log })
  const sealing = await openPgSealing({
    reading: server.reading,
    connect: () => server.connect('writing'),
    encryption,
  }).catch(async (error: unknown) => {
    await server.close()
    throw unreachable(url, error)
  })
  const { receipts, tell } = createReceiptListeners(log)
  const news = new Set<(what: Remembered) => void>()
  const changed = (what: Remembered): void => news.forEach((listener) => listener(what))
  const holding = alone ?? among
  const lease = holding && createLease(`${hostname()} ${process.pid}`, alone ? 'alone' : 'among')
  const held = { lease, lost: holding?.lost ?? (() => {}) }
  const events = createEvents({ server, log, tell, changed, ...held })
  const written = createGroupCommit({
    server,
    log,
    told: tell,
    encode: events.encode,
    ...held,
    sealing: encryption && sealing,
  })
  const { commit: unfenced, audited } = createAudited(written)
  const { commit, underLease } = createFenced(unfenced)
  const reading = encryption ? openedQueries(server.reading, sealing) : server.reading
  const looking = createLookUps({ connect: () => server.connect('looking up'), log })
  const lookUps = encryption ? openedQueries(looking, sealing) : looking
  const digests = createDigests({ reading, commit, log })
  const replyAttachments = createReplyAttachments({ reading, digests })
  const keeping = createKeeping(payloads === 'elsewhere' ? undefined : payloads)
  const parts = { reading, lookUps, commit, digests, replyAttachments, keeping }
  let size: LedgerSize = { bytes: 0, spare: 0 }
  async function look(): Promise<void> {
    size = { bytes: (await reading.get<{ bytes: number }>(sql.size))!.bytes, spare: 0 }
    await digests.look()
  }
  try {
    await events.listen()
    await look()
    if (!payloads && (await reading.get(sql.apart))) throw new LedgerUnreachableError(bytesElsewhere)
    await keeping.check()
    await beginChain(server.reading, () => server.connect('writing'))
  } catch (error) {
    await events.close()
    await server.close()
    throw unreachable(url, error)
  }
  const messages = createReading(parts)
  const sending = createSending(parts)
  const answers = createAnswers(parts)
  return {
    ...createPartners(parts),
    ...createNotices(parts),
    ...createRecord(parts),
    ...sending,
    ...createWaitingSubmissions(parts),
    ...createBoundedWaits(parts),
    ...answers,
    // What an agency has said or taken is known here alone: forgetting it would leave the submission in doubt.
    endAttempt: (attempt, end, now) => patiently(() => sending.endAttempt(attempt, end, now)),
    recordReply: (reply, files) => patiently(() => answers.recordReply(reply, files)),
    ...createReturning(parts),
    ...messages,
    async counts() {
      await look()
      return messages.counts()
    },
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
    ...createProof(parts),
    audited,
    ...createAgencyHolds(parts),
    ...createAfterRestore(parts),
    ...createLegalHolds(parts),
    ...createKeys({ reading: server.reading, commit, sealing }),
    ...createNeighbours({ reading, commit: written, listeners: news }),
    underLease,
    receipts,
    damaged: digests.count,
    /** As it was when it was counted last. */
    size: () => size,
    ping: createPing({ written: () => Promise.all([commit(probe), keeping.check()]), corrupt: written.corrupt }),
    /** A server has tools of its own for that. */
    backup: () => Promise.reject(new HubError('HUB_BACKUP_ELSEWHERE')),
    async close() {
      await commit.drained()
      await events.close()
      await written.close()
      await looking.close()
      await server.close()
    },
  }
}

/** Brings the tables of a ledger up to the newest migration. @throws as openPostgresLedger does */
export async function migrateLedger(url: string): Promise<{ before: number; now: number }> {
  const server = createServer({ url, log: { error: () => {} } })
  try {
    const client = await server.connect('migrating')
    return await migrate(client).finally(() => client.end().catch(() => {}))
  } catch (error) {
    throw unreachable(url, error)
  } finally {
    await server.close()
  }
}

/** What a server says of itself and of its ledger; nothing is changed. `version` 0: no hub has written there yet. */
interface LedgerSeen {
  server: string
  version: number
  /** What this hub would bring it to. */
  newest: number
  /** By how much this machine's clock is ahead of the server's, in milliseconds; 0 where that is a second at most. */
  aheadMs: number
}

/** Connects, looks, and changes nothing. @throws LedgerUnreachableError */
export async function lookAtLedger(url: string): Promise<LedgerSeen> {
  const server = createServer({ url, log: { error: () => {} } })
  try {
    const client = await server.connect('migrating')
    try {
      const { rows } = await client.query<{ server_version: string }>('show server_version')
      const askedAt = Date.now()
      const told = await client.query<{ now: Date }>('select clock_timestamp() as now')
      const aheadMs = -serverAheadMs(told.rows[0]!.now.getTime(), { askedAt, answeredAt: Date.now() })
      return { server: rows[0]!.server_version, version: await versionOf(client), newest: newestVersion, aheadMs }
    } finally {
      await client.end().catch(() => {})
    }
  } catch (error) {
    throw unreachable(url, error)
  } finally {
    await server.close()
  }
}
