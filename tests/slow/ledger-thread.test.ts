// The ledger in a thread of its own, as the hub opens it, keeps the ledger's contract like the one in the main thread.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openThreadedLedger } from '../../store/sqlite/threaded.js'
import { ledgerContract } from '../contracts/ledger.js'

ledgerContract('the SQLite ledger in a thread of its own, as the hub opens it', () => {
  const dir = mkdtempSync(join(tmpdir(), 'ledger-'))
  const file = join(dir, 'ledger.db')
  return {
    open: () => openThreadedLedger({ file }),
    reopen: () => openThreadedLedger({ file }),
    remove: async () => rmSync(dir, { recursive: true, force: true }),
  }
})
