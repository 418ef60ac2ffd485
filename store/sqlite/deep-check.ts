// deep-check — reads a whole ledger and compares every piece of bytes with what it was when it came, one piece in
// memory at a time. For a ledger that no hub has open: a stopped hub's, or a copy. What cannot be read is named, and
// the reading goes on behind it.
import { createHash } from 'node:crypto'
import type Sqlite from 'better-sqlite3'
import type { KeptForm } from '../packing.js'
import { createKeeping, type Keeping, type Payloads } from '../payloads/payloads.js'
import { LedgerKeyError, type Encryption } from '../sealing/master-keys.js'
import type { Sums } from '../sums.js'
import { keepStill } from './database.js'
import { Database } from './driver.js'
import { readingSealed } from './sealed-database.js'

/** One piece that is not what it was when it came. */
export interface DamagedPiece {
  /** What is damaged; `file`: the database itself. */
  what:
    'message' | 'attachment' | 'forwarded' | 'sent form' | 'acknowledgement' | 'answer' | 'receipt attachment' | 'file'
  /** Of the message, the submission, the interchange or the reply; of the file, what could not be read. */
  id: string
  detail: string
}

interface DeepReport {
  /** Pieces compared, and their bytes. */
  pieces: number
  bytes: number
  /** Pieces without a sum to compare with: they are from before sums were kept. */
  unsummed: number
  /** How much is damaged; of it the first `mostNamed` are in `damages`. */
  damaged: number
  damages: DamagedPiece[]
}

/** Beyond it damage is only counted: a disk that is lost must not fill the memory too. */
export const mostNamed = 1_000
/** Rows whose ids are read together, and that are given up together where they cannot be read. */
const pageRows = 200
/** The migration that brought the sums. */
const withSums = 13

type Kept = KeptForm & { sum?: string | null }

/**
 * @param told hears how much of the whole is done
 * @param payloads the object store its bytes may be in
 * @throws LedgerInUseError while a hub has the file open; Error when it was written by a hub that kept no sums
 */
export async function deepCheck(
  file: string,
  told: (done: number, total: number) => void,
  { encryption, payloads }: { encryption?: Encryption | undefined; payloads?: Payloads | undefined } = {},
): Promise<DeepReport> {
  const release = keepStill(file)
  const db = new Database(file, { fileMustExist: true })
  try {
    db.pragma('query_only = ON')
    return await checkAll(opened(db, encryption), told, createKeeping(payloads))
  } finally {
    db.close()
    release()
  }
}

/** What is not even readable is told of by the check itself. */
function opened(db: Sqlite.Database, encryption: Encryption | undefined): Sqlite.Database {
  try {
    return readingSealed(db, encryption)
  } catch (error) {
    if (error instanceof LedgerKeyError) throw error
    return db
  }
}

async function checkAll(
  db: Sqlite.Database,
  told: (done: number, total: number) => void,
  keeping: Keeping,
): Promise<DeepReport> {
  const report: DeepReport = { pieces: 0, bytes: 0, unsummed: 0, damaged: 0, damages: [] }
  const damage = (one: DamagedPiece): void => {
    report.damaged++
    if (report.damages.length < mostNamed) report.damages.push(one)
  }
  const ofFile = (id: string, error: unknown) => damage({ what: 'file', id, detail: detailOf(error) })
  try {
    await compareAll(db, { report, damage, told, keeping })
  } catch (error) {
    if (error instanceof TooOldError) throw error
    // Not even its tables can be read.
    ofFile('tables', error)
  }
  try {
    const found = db.pragma('integrity_check(20)') as { integrity_check: string }[]
    for (const { integrity_check: fault } of found) if (fault !== 'ok') ofFile('integrity_check', fault)
  } catch (error) {
    ofFile('integrity_check', error)
  }
  return report
}

const detailOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

class TooOldError extends Error {}

interface Book {
  keeping: Keeping
  report: DeepReport
  damage: (one: DamagedPiece) => void
  told: (done: number, total: number) => void
}

async function compareAll(db: Sqlite.Database, { report, damage, told, keeping }: Book): Promise<void> {
  const version = db.pragma('user_version', { simple: true }) as number
  if (version < withSums)
    throw new TooOldError(`it is of an older hub (version ${version}), which kept no sums: start this hub on it first`)
  const lastOf = (table: string): number => {
    try {
      return (
        db
          .prepare<[string], { seq: number }>('select ifnull(max(seq), 0) as seq from sqlite_sequence where name = ?')
          .get(table)?.seq ?? 0
      )
    } catch {
      return 0
    }
  }
  const owners = ['message', 'submission', 'reply'] as const
  const last = Object.fromEntries(owners.map((name) => [name, lastOf(name)])) as Record<(typeof owners)[number], number>
  const total = owners.reduce((sum, name) => sum + last[name], 0)
  let before = 0

  /** In the order they were written. Where a page cannot be read, its rows are named as a gap. */
  async function walk<Row extends { n: number }>(
    name: (typeof owners)[number],
    sql: string,
    each: (row: Row) => Promise<void>,
  ): Promise<void> {
    const rows = db.prepare<[number], Row>(`${sql} where n > ? order by n limit ${pageRows}`)
    for (let after = 0; ;) {
      let page: Row[]
      try {
        page = rows.all(after)
      } catch (error) {
        damage({ what: 'file', id: name, detail: `${name} ${after + 1} to ${after + pageRows}: ${detailOf(error)}` })
        after += pageRows
        if (after >= last[name]) break
        continue
      }
      if (page.length === 0) break
      for (const row of page) {
        await each(row)
        told(Math.min(before + row.n, total), total)
      }
      after = page.at(-1)!.n
    }
    before += last[name]
  }

  const sumsRow = db.prepare<[string], { sums: string }>('select sums from digest where id = ?')
  function sumsOf(what: DamagedPiece['what'], id: string): Sums {
    try {
      return JSON.parse(sumsRow.get(id)?.sums ?? '{}') as Sums
    } catch (error) {
      damage({ what, id, detail: `its sums cannot be read: ${detailOf(error)}` })
      return {}
    }
  }

  /** `read` gives the piece; undefined when there is none. */
  async function compare(
    what: DamagedPiece['what'],
    id: string,
    { sum, read }: { sum?: string | undefined; read: () => Kept | undefined },
  ): Promise<void> {
    let kept: Kept | undefined
    try {
      kept = read()
    } catch (error) {
      return damage({ what, id, detail: `it cannot be read: ${detailOf(error)}` })
    }
    if (!kept) return
    report.pieces++
    const wanted = sum ?? kept.sum ?? undefined
    try {
      const whole = await keeping.unpack(kept)
      report.bytes += whole.length
      if (wanted === undefined) report.unsummed++
      else if (createHash('sha256').update(whole).digest('hex') !== wanted)
        damage({ what, id, detail: 'its bytes are not those that were kept' })
    } catch (error) {
      damage({ what, id, detail: `it cannot be unpacked: ${detailOf(error)}` })
    }
  }

  /** Pieces of which an owner has several. */
  async function compareEach(
    what: DamagedPiece['what'],
    id: string,
    {
      places,
      piece,
      sums,
    }: {
      places: Sqlite.Statement<[string], { position: number }>
      piece: Sqlite.Statement<[string, number], Kept>
      sums?: string[] | undefined
    },
  ): Promise<void> {
    try {
      for (const { position } of places.all(id))
        await compare(what, `${id} #${position + 1}`, { sum: sums?.[position], read: () => piece.get(id, position) })
    } catch (error) {
      damage({ what, id, detail: `it cannot be read: ${detailOf(error)}` })
    }
  }

  const payload = db.prepare<[string], Kept>('select bytes, packed from payload where message_id = ?')
  const forwarded = db.prepare<[string], Kept>('select bytes, 0 as packed from forwarded where message_id = ?')
  const acknowledgement = db.prepare<[string], Kept>(
    'select bytes, 0 as packed from acknowledgement where interchange_id = ?',
  )
  const attached = {
    places: db.prepare<[string], { position: number }>('select position from attachment where message_id = ?'),
    piece: db.prepare<[string, number], Kept>(
      'select bytes, packed from attachment where message_id = ? and position = ?',
    ),
  }
  let interchange = ''
  await walk<{ n: number; id: string; interchange: string }>(
    'message',
    'select n, message_id as id, interchange_id as interchange from message',
    async (row) => {
      const { id } = row
      const sums = sumsOf('message', id)
      await compare('message', id, { sum: sums.message, read: () => payload.get(id) })
      await compare('forwarded', id, { sum: sums.forwarded, read: () => forwarded.get(id) })
      await compareEach('attachment', id, { ...attached, sums: sums.attachments })
      if (row.interchange === interchange) return
      interchange = row.interchange
      await compare('acknowledgement', interchange, {
        sum: sumsOf('acknowledgement', interchange).acknowledgement,
        read: () => acknowledgement.get(row.interchange),
      })
    },
  )

  const sent = db.prepare<[string], Kept>('select bytes, 0 as packed from sent_form where submission_id = ?')
  await walk<{ n: number; id: string }>(
    'submission',
    'select n, submission_id as id from submission',
    async ({ id }) => {
      let form: Kept | undefined
      await compare('sent form', id, {
        read: () => (form = sent.get(id)) && { ...form, sum: sumsOf('sent form', id).sent ?? null },
      })
    },
  )

  // Empty and settled: its bytes were let go.
  const reply = db.prepare<[string], Kept>(
    `select bytes, 0 as packed, sha256 as sum from reply where reply_id = ?
      and not (length(bytes) = 0 and settled_at is not null)`,
  )
  const files = hasTable(db, 'reply_attachment') && {
    places: db.prepare<[string], { position: number }>('select position from reply_attachment where reply_id = ?'),
    piece: db.prepare<[string, number], Kept>(
      'select bytes, packed, sha256 as sum from reply_attachment where reply_id = ? and position = ?',
    ),
  }
  await walk<{ n: number; id: string }>('reply', 'select n, reply_id as id from reply', async ({ id }) => {
    await compare('answer', id, { read: () => reply.get(id) })
    if (files) await compareEach('receipt attachment', id, files)
  })
  told(total, total)
}

const hasTable = (db: Sqlite.Database, name: string): boolean =>
  db.prepare('select 1 from sqlite_master where type = ? and name = ?').get('table', name) !== undefined
