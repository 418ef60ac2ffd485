// floor: append a message-sized row in batches of 64, one fsync a batch (WAL, synchronous=FULL), nothing else.
import { rmSync } from 'node:fs'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Database } from '../../dist/store/sqlite/driver.js'
import { freshSample } from '../support/sample.mjs'

const seconds = Number(process.argv[2])
const dir = mkdtempSync(join(tmpdir(), 'bench-sqlite-'))
try {
  const db = new Database(join(dir, 'floor.db'))
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = FULL')
  db.exec(
    'create table message (id integer primary key, reference text not null unique, at integer not null, ' +
      'bytes blob not null)',
  )
  const insert = db.prepare('insert into message (reference, at, bytes) values (?, ?, ?)')
  const body = freshSample()
  let count = 0
  const batch = db.transaction(() => {
    for (let i = 0; i < 64; i++) insert.run(`reference-${count++}`, Date.now(), body)
  })
  batch()
  count = 64
  const before = process.cpuUsage()
  const begun = count
  const until = performance.now() + seconds * 1000
  while (performance.now() < until) batch()
  const cpu = process.cpuUsage(before)
  db.close()
  process.stdout.write(
    `${JSON.stringify({ count: count - begun, cpuMs: (cpu.user + cpu.system) / 1000 / (count - begun) })}\n`,
  )
} finally {
  rmSync(dir, { recursive: true, force: true })
}
