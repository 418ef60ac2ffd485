// Every sentence of the ledger's contract, on a ledger whose bytes are encrypted: nobody who works by it can tell.
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe } from 'vitest'
import type { Encryption } from '../../store/sealing/master-keys.js'
import { openPostgresLedger } from '../../store/postgres/open.js'
import { openSqliteLedger } from '../../store/sqlite/open.js'
import { ledgerContract } from '../contracts/ledger.js'
import { unread } from '../support/ledger-log.js'
import { startPostgres, withoutPostgres, type TestPostgres } from '../support/postgres.js'

const masters = [randomBytes(32)]

ledgerContract('the encrypted SQLite ledger', () => {
  const dir = mkdtempSync(join(tmpdir(), 'ledger-'))
  const file = join(dir, 'ledger.db')
  const open = () => openSqliteLedger({ file, log: unread, encryption: { masters, cipher: 'aes-256-gcm' } })
  return { open, reopen: open, remove: async () => rmSync(dir, { recursive: true, force: true }) }
})

describe.skipIf(withoutPostgres())('on a real server', () => {
  let server: TestPostgres
  let url: string
  beforeAll(async () => {
    server = await startPostgres()
    url = await server.database()
  })
  afterAll(() => server?.remove())
  const encryption: Encryption = { masters, cipher: 'sm4' }
  const open = () => openPostgresLedger({ url, log: unread, encryption })
  ledgerContract('the encrypted PostgreSQL ledger', () => ({ open, reopen: open, remove: () => server.empty(url) }), {
    tidy: async () => void (await server.ask('vacuum', url)),
  })
})
