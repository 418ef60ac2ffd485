// plans — how PostgreSQL finds what each statement of the ledger looks for, in a ledger as large as years of messages:
// made by generate_series, without bytes worth naming, on a private server. Prints the plan of every statement; those
// that read a large table from its beginning to its end stand first, and are a fault.
import { readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { migrateLedger } from '../dist/store/postgres/open.js'
import { startPostgres } from './support/postgres.mjs'

const messages = Number(process.env.BENCH_PLANS ?? 2_000_000)
const out = process.env.BENCH_PLANS_FILE
const folder = join(dirname(fileURLToPath(import.meta.url)), '../dist/store/postgres')

/** Ids in the order of time, a month of two partners' messages to four agencies, one in fifty still open somewhere. */
const fill = (from, to) => `
insert into interchange select 'int_' || lpad(i::text, 26, '0'), 'p' || i % 20, 'http', null, 'application/xml',
  1700000000000 + i, 12288, md5(i::text) || md5(i::text) from generate_series(${from}, ${to}) i;
insert into message (message_id, interchange_id, partner_id, channel, reference, document_type, operation, schema_file,
  schema_version, state, size, sha256, received_at, order_key)
  select 'msg_' || lpad(i::text, 26, '0'), 'int_' || lpad(i::text, 26, '0'), 'p' || i % 20, 'http', 'REF' || i,
  'CEB311Message', '10.1.' || i % 9 || '.1.1', 'ceb/a.xsd', '1',
    (array['released', 'released', 'approved', 'refused', 'failed'])[1 + i % 5], 12288, md5(i::text) || md5(i::text),
    1700000000000 + i, 'ceb|' || i from generate_series(${from}, ${to}) i;
insert into payload select 'msg_' || lpad(i::text, 26, '0'), '\\x3c612f3e', 0 from generate_series(${from}, ${to}) i;
insert into payload_object select 'msg_' || lpad(i::text, 26, '0'), 0, '2026-01-01/' || md5(i::text)
  from generate_series(${from}, ${to}) i where i % 20 = 5;
insert into digest select 'msg_' || lpad(i::text, 26, '0'), '{"message":"' || md5(i::text) || '"}'
  from generate_series(${from}, ${to}) i;
insert into identity select 'p' || i % 20, 'CEB311Message|REF' || i, 'msg_' || lpad(i::text, 26, '0')
  from generate_series(${from}, ${to}) i;
insert into submission (submission_id, message_id, partner_id, agency, order_key, state, status, attempts, accepted_at,
  started_at, next_at, expect_at, learning)
  select 'sub_' || lpad(i::text, 26, '0'), 'msg_' || lpad(i::text, 26, '0'), 'p' || i % 20, 'a' || i % 4, 'ceb|' || i,
    case when i % 500 = 0 then 'queued' when i % 5001 = 0 then 'unclear' when i % 5003 = 0 then 'dead'
    when i % 50021 = 0 then 'submitting' when i % 50023 = 0 then 'held' else 'submitted' end,
    'released', 1, 1700000000000 + i, 1700000000000 + i, 1700000000000 + i,
    case when i % 1000 = 0 then 1700000000000 + i end, case when i % 100 = 0 then 'CEB311Message no' end
  from generate_series(${from}, ${to}) i;
insert into attempt select 'sub_' || lpad(i::text, 26, '0'), 1, 'f', 1700000000000 + i, 1700000000000 + i, 'submitted',
  null, null from generate_series(${from}, ${to}) i;
insert into correlation select 'a' || i % 4, 'no', 'K' || i, i, 0 from generate_series(${from}, ${to}) i;
insert into reply (reply_id, agency, submission_id, media_type, size, sha256, received_at, settled_at, orphan)
  select 'rpl_' || lpad(i::text, 26, '0'), 'a' || i % 4, null, 'application/xml', 400, md5(i::text) || md5(i::text),
    1700000000000 + i, case when i % 100003 = 0 then null else 1700000000000 + i end,
    case when i % 20011 = 0 then 1 when i % 40031 = 0 then 2 else 0 end from generate_series(${from}, ${to}) i;
insert into reply_bytes select 'rpl_' || lpad(i::text, 26, '0'), '\\x3c612f3e' from generate_series(${from}, ${to}) i;
insert into receipt (receipt_id, message_id, submission_id, partner_id, channel, stage, receipt, reply_id,
  return_state, return_next_at)
  select 'rc' || k || '_' || lpad(i::text, 26, '0'), 'msg_' || lpad(i::text, 26, '0'),
  case when k > 0 then 'sub_' || lpad(i::text, 26, '0') end, 'p' || i % 20,
  case when i % 3 = 0 then 'sftp' else 'http' end,
    case k when 0 then 'technical' else 'business' end, '{"status":"released"}',
    case when k = 1 then 'rpl_' || lpad(i::text, 26, '0') end,
    case when i % 200 = 0 and k = 2 then 'owed' when i % 4001 = 0 then 'abandoned' else 'acknowledged' end,
    1700000000000 + i
  from generate_series(${from}, ${to}) i, generate_series(0, 2) k;
insert into acknowledgement select 'int_' || lpad(i::text, 26, '0'), 'text/plain', '\\x3c'
  from generate_series(${from}, ${to}) i where i % 20 = 0;
insert into forwarded select 'msg_' || lpad(i::text, 26, '0'), '\\x3c' from generate_series(${from}, ${to}) i
  where i % 20 = 0;
insert into sent_form select 'sub_' || lpad(i::text, 26, '0'), '\\x3c' from generate_series(${from}, ${to}) i
  where i % 20 = 1;
insert into attachment select 'msg_' || lpad(i::text, 26, '0'), 0, 'a.pdf', null, '\\x3c', 0, 1
  from generate_series(${from}, ${to}) i where i % 20 = 2;
insert into reply_attachment select 'rpl_' || lpad(i::text, 26, '0'), 0, 'a.pdf', 'application/pdf', 1, md5(i::text),
  '\\x3c', 0 from generate_series(${from}, ${to}) i where i % 20 = 3;
insert into notice_key select 'no', 'N' || i, 'rpl_' || lpad(i::text, 26, '0') from generate_series(${from}, ${to}) i
  where i % 20 = 4;
insert into audit (at, who, action, target, why, detail) select i, 'anna', 'message.read', 
  'msg_' || lpad(i::text, 26, '0'), 'w', '{}' from generate_series(${from}, ${to}) i where i % 10 = 0;
`

async function statements() {
  const found = []
  // A restore and a copy look at everything, once.
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.js') && !/^(after-restore|copy-)/.test(name)))
    for (const [name, all] of Object.entries(await import(join(folder, file))))
      if (name.endsWith('Sql') && typeof all === 'object')
        for (const [key, one] of Object.entries(all))
          if (
            typeof one === 'string' &&
            /^\s*(select|insert|update|delete|with)/i.test(one) &&
            !/set_config|advisory/.test(one)
          )
            found.push([`${file.replace('.js', '')}.${key}`, one])
  return found
}

const small =
  /Seq Scan on (counter|partner|secret|agency_hold|damaged|hub_\w+|subscription|filing_grant|\w+_hold|notice|shared_key|orphan_key|refused_\w+|let_go|superseded|repeat)\b/

const server = await startPostgres({
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_wal_size: '4GB',
  shared_buffers: '512MB',
  maintenance_work_mem: '256MB',
})
try {
  const url = await server.database('plans')
  await migrateLedger(url)
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const begun = performance.now()
  for (let from = 1; from <= messages; from += 100_000) {
    await client.query(fill(from, Math.min(from + 99_999, messages)))
    process.stderr.write(
      `plans: ${Math.min(from + 99_999, messages)} of ${messages}, ` +
        `${((performance.now() - begun) / 1000).toFixed(0)} s\n`,
    )
  }
  await client.query('vacuum analyze')
  const { rows: sizes } = await client.query(
    `select relname, pg_table_size(oid) as rows, pg_indexes_size(oid) as indexes from pg_class where relkind = 'r'
      and relnamespace = 'public'::regnamespace order by pg_total_relation_size(oid) desc limit 12`,
  )
  await client.query('set plan_cache_mode = force_generic_plan')
  const lines = []
  const scans = []
  for (const [i, [name, sql]] of (await statements()).entries()) {
    const names = [...new Set([...sql.matchAll(/@([a-zA-Z]\w*)/g)].map(([, one]) => one))]
    const text = sql.replace(/@([a-zA-Z]\w*)/g, (_, one) => `$${names.indexOf(one) + 1}`)
    const count = names.length || (/\$1/.test(sql) ? 1 : 0)
    await client.query(`prepare s${i} as ${text}`)
    const given = count > 0 ? `(${Array.from({ length: count }, () => 'null').join(', ')})` : ''
    const plan = (await client.query(`explain execute s${i}${given}`)).rows.map((row) => row['QUERY PLAN'])
    const bad = plan.filter((step) => step.includes('Seq Scan on') && !small.test(step))
    if (bad.length > 0) scans.push(`${name}: ${bad.map((step) => step.trim()).join(' | ')}`)
    lines.push(`== ${name}`, ...plan, '')
  }
  const head = [
    `${messages} messages, made in ${((performance.now() - begun) / 1000).toFixed(0)} s`,
    ...sizes.map(
      ({ relname, rows, indexes }) =>
        `${relname}: ${(rows / 1e6).toFixed(0)} MB, indexes ${(indexes / 1e6).toFixed(0)} MB`,
    ),
    '',
    scans.length === 0 ? 'No statement reads a large table through.' : `READ THROUGH:\n${scans.join('\n')}`,
    '',
  ]
  if (out) writeFileSync(out, [...head, ...lines].join('\n'))
  console.log([...head, ...(out ? [] : lines)].join('\n'))
  await client.end()
} finally {
  await server.stop()
}
