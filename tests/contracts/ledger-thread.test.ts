// The ledger in a thread of its own, as the hub opens it, keeps the ledger's contract like the one in the main thread.
import { mkdtempSync, rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openThreadedLedger } from '../../store/sqlite/threaded.js'
import { ledgerContract } from './ledger.js'
import { root } from '../support/hub.js'
import { run } from '../support/process.js'
import { tempDir } from '../support/temp.js'
import { unread } from '../support/ledger-log.js'

ledgerContract('the SQLite ledger in a thread of its own, as the hub opens it', () => {
  const dir = mkdtempSync(join(tmpdir(), 'ledger-'))
  const file = join(dir, 'ledger.db')
  return {
    open: () => openThreadedLedger({ file, log: unread }),
    reopen: () => openThreadedLedger({ file, log: unread }),
    remove: async () => rmSync(dir, { recursive: true, force: true }),
  }
})

test('a full disk leaves a line in the log of the hub, and its sender hears that it was the disk', async () => {
  const dir = await tempDir('ledger')
  const script = join(dir, 'write.mjs')
  await writeFile(
    script,
    `import { openThreadedLedger } from '${join(root, 'dist/store/sqlite/threaded.js')}'
    const log = { error: ({ err }, text) => console.log('logged', text, err.code) }
    const ledger = await openThreadedLedger({ file: ${JSON.stringify(join(dir, 'ledger.db'))}, log })
    const bytes = Buffer.alloc(9_000_000, 'x')
    const reply = { replyId: 'rep_1', agency: 'gacc', mediaType: 'text/xml', bytes, receivedAt: new Date() }
    console.log('answered', await ledger.recordReply(reply).then(() => 'kept', (error) => error.code))
    process.exit()`,
  )
  // No file of this process may become larger: the ledger's log cannot take what is to be written.
  const { stdout } = await run('bash', ['-c', 'ulimit -f 4000; exec "$0" "$1"', process.execPath, script])
  expect(stdout).toMatch(/^logged the ledger could not be written.* SQLITE_/m)
  expect(stdout).toContain('answered HUB_LEDGER_UNAVAILABLE')
})
