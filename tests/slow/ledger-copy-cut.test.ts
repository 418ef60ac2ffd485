// A copy of a ledger that is cut off in the middle is used by nobody, and begun again it is whole.
import { join } from 'node:path'
import { Database } from '../../store/sqlite/driver.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cli, cleanEnv, root, startHub } from '../support/hub.js'
import { freshOrder } from '../support/orders.js'
import { startPostgres, withoutPostgres, type TestPostgres } from '../support/postgres.js'
import { begin, ended, run } from '../support/process.js'
import { tempDir } from '../support/temp.js'
import { until } from '../support/until.js'

const hubCommand = (...args: string[]) => run(process.execPath, [cli, ...args], { env: cleanEnv(), cwd: root })
const ledgerCopy = (from: string, to: string, ...more: string[]) =>
  hubCommand('ledger', 'copy', '--from', from, '--to', to, '--why', 'a move', ...more)

interface Report {
  rows: number
  tables: { table: string; rows: number; sha256: string }[]
}

describe.skipIf(withoutPostgres())('a copy that was cut off', () => {
  let server: TestPostgres
  beforeAll(async () => {
    server = await startPostgres({ durable: true })
  })
  afterAll(() => server?.remove())

  test('a copy cut off in the middle is used by nobody; begun again it is whole', async () => {
    const source = await tempDir('hub')
    const hub = await startHub({ dataDir: source })
    const sent = await hub.send(freshOrder())
    await hub.stop()
    const file = join(source, 'ledger.db')
    const db = new Database(file)
    // Enough rows that a kill comes before the end.
    db.exec(`insert into audit (at, who, action, target, why, detail) with recursive many (i) as (select 1 union all
      select i + 1 from many where i < 20000)
      select i, 'anna', 'message.read', 'msg_' || i, 'many', '{}' from many`)
    db.close()
    const url = await server.database()
    const cut = begin(
      process.execPath,
      [cli, 'ledger', 'copy', '--from', source, '--to', url, '--why', 'x', '--json'],
      {
        env: cleanEnv(),
        cwd: root,
      },
    )
    await until('some of it copied', async () => {
      const [found] = await server
        .ask<{ n: number }>(`select (select count(*) from audit)::integer as n`, url)
        .catch(() => [])
      return (found?.n ?? 0) > 0
    })
    cut.kill('SIGKILL')
    await ended(cut)
    const started = await run(
      process.execPath,
      [cli, 'start', '--data', await tempDir('hub'), '--http-port', '0', '--sftp-port', '0'],
      { env: { ...cleanEnv(), DATABASE_URL: url }, cwd: root },
    )
    expect([started.code, started.stderr]).toEqual([1, expect.stringContaining('unfinished copy') as string])
    const whole = await ledgerCopy(source, url, '--json')
    expect([whole.stderr, whole.code]).toEqual(['', 0])
    expect((JSON.parse(whole.stdout) as Report).tables.find(({ table }) => table === 'audit')!.rows).toBeGreaterThan(
      20_000 - 1,
    )
    // A second time there is something already.
    const twice = await ledgerCopy(source, await server.database())
    expect([twice.code, twice.stderr]).toEqual([1, expect.stringContaining('was copied to') as string])

    // Nobody has worked by the copy: the source is the ledger again.
    const reopened = await hubCommand('ledger', 'reopen', source, '--copy', url, '--why', 'back')
    expect([reopened.stderr, reopened.code]).toEqual(['', 0])
    const on = await startHub({ dataDir: source })
    expect(await on.state(sent.receipts[0]!.messageId)).not.toBe('')
    await on.stop()
  })
})
