// deep-check — reads a whole ledger and compares every piece of bytes with what it was when it came. For a ledger that no hub has open: a stopped
// hub's, or a copy.
import { createHash } from 'node:crypto'
import type Sqlite from 'better-sqlite3'
import { unpack } from '../packing.js'
import { keepStill } from './database.js'
import { Database } from './driver.js'

export interface Damage {
  /** What is damaged; `file`: the database itself. */
  what:
    'message' | 'attachment' | 'forwarded' | 'sent form' | 'acknowledgement' | 'answer' | 'receipt attachment' | 'file'
  /** Of the message, the submission, the interchange or the reply; the table, of the file. */
  id: string
  detail: string
}

export interface DeepReport {
  /** Pieces compared, and their bytes. */
  pieces: number
  bytes: number
  /** Pieces without a sum to compare with: they are from before sums were kept. */
  unsummed: number
  damages: Damage[]
}

interface Row {
  id: string
  piece: string
  bytes: Buffer
  packed: number
  sum: string | null
}

/** Rows read at one go: large ones are some megabytes each. */
const atOneGo = 20

/** Each gives its rows after a place in its order, with the sum each should have. */
const tables: { what: Damage['what']; name: string; sql: string }[] = [
  {
    what: 'message',
    name: 'payload',
    sql: `select p.message_id as id, '' as piece, p.bytes, p.packed, d.sums ->> '$.message' as sum from payload p
      left join digest d on d.id = p.message_id where p.message_id > @id order by p.message_id limit @limit`,
  },
  {
    what: 'attachment',
    name: 'attachment',
    sql: `select a.message_id as id, a.position as piece, a.bytes, a.packed, json_extract(d.sums, '$.attachments[' || a.position || ']') as sum
      from attachment a left join digest d on d.id = a.message_id
      where (a.message_id, a.position) > (@id, @piece) order by a.message_id, a.position limit @limit`,
  },
  {
    what: 'forwarded',
    name: 'forwarded',
    sql: `select f.message_id as id, '' as piece, f.bytes, 0 as packed, d.sums ->> '$.forwarded' as sum from forwarded f
      left join digest d on d.id = f.message_id where f.message_id > @id order by f.message_id limit @limit`,
  },
  {
    what: 'sent form',
    name: 'sent_form',
    sql: `select s.submission_id as id, '' as piece, s.bytes, 0 as packed, d.sums ->> '$.sent' as sum from sent_form s
      left join digest d on d.id = s.submission_id where s.submission_id > @id order by s.submission_id limit @limit`,
  },
  {
    what: 'acknowledgement',
    name: 'acknowledgement',
    sql: `select a.interchange_id as id, '' as piece, a.bytes, 0 as packed, d.sums ->> '$.acknowledgement' as sum from acknowledgement a
      left join digest d on d.id = a.interchange_id where a.interchange_id > @id order by a.interchange_id limit @limit`,
  },
  {
    what: 'receipt attachment',
    name: 'reply_attachment',
    sql: `select a.reply_id as id, a.position as piece, a.bytes, a.packed, a.sha256 as sum from reply_attachment a
      where (a.reply_id, a.position) > (@id, @piece) order by a.reply_id, a.position limit @limit`,
  },
  // Empty and settled: its bytes were let go.
  {
    what: 'answer',
    name: 'reply',
    sql: `select r.reply_id as id, '' as piece, r.bytes, 0 as packed, r.sha256 as sum from reply r
      where r.reply_id > @id and not (length(r.bytes) = 0 and r.settled_at is not null) order by r.reply_id limit @limit`,
  },
]

/**
 * @param told hears how many of all rows are done
 * @throws LedgerInUseError while a hub has the file open
 */
export async function deepCheck(file: string, told: (done: number, total: number) => void): Promise<DeepReport> {
  const release = keepStill(file)
  const db = new Database(file, { fileMustExist: true })
  try {
    db.pragma('query_only = ON')
    return await checkAll(db, told)
  } finally {
    db.close()
    release()
  }
}

async function checkAll(db: Sqlite.Database, told: (done: number, total: number) => void): Promise<DeepReport> {
  const report: DeepReport = { pieces: 0, bytes: 0, unsummed: 0, damages: [] }
  const ofFile = (id: string, error: unknown) =>
    report.damages.push({ what: 'file', id, detail: error instanceof Error ? error.message : String(error) })
  const count = (name: string): number => {
    try {
      return db.prepare<[], { n: number }>(`select count(*) as n from ${name}`).get()!.n
    } catch {
      return 0
    }
  }
  const total = tables.reduce((sum, { name }) => sum + count(name), 0)
  let done = 0
  for (const { what, name, sql } of tables) {
    try {
      const page = db.prepare<[{ id: string; piece: number | string; limit: number }], Row>(sql)
      let after: { id: string; piece: number | string } = { id: '', piece: -1 }
      for (;;) {
        const rows = page.all({ ...after, limit: atOneGo })
        for (const row of rows) await compare(what, row)
        done += rows.length
        told(done, total)
        const last = rows.at(-1)
        if (rows.length < atOneGo || !last) break
        after = { id: last.id, piece: last.piece }
      }
    } catch (error) {
      // A page that cannot be read ends this table, not the others.
      ofFile(name, error)
    }
  }
  try {
    const found = db.pragma('integrity_check(20)') as { integrity_check: string }[]
    for (const { integrity_check: fault } of found) if (fault !== 'ok') ofFile('integrity_check', fault)
  } catch (error) {
    ofFile('integrity_check', error)
  }
  return report

  async function compare(what: Damage['what'], { id, piece, bytes, packed, sum }: Row): Promise<void> {
    const named = piece === '' ? id : `${id} #${Number(piece) + 1}`
    report.pieces++
    try {
      const whole = await unpack({ bytes, packed })
      report.bytes += whole.length
      if (sum === null) report.unsummed++
      else if (createHash('sha256').update(whole).digest('hex') !== sum)
        report.damages.push({ what, id: named, detail: 'its bytes are not those that were kept' })
    } catch (error) {
      report.damages.push({ what, id: named, detail: `it cannot be unpacked: ${(error as Error).message}` })
    }
  }
}
