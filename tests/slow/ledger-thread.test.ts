// The ledger in a thread of its own, as the hub opens it, keeps the ledger's contract like the one in the main thread.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openThreadedLedger } from '../../store/sqlite/threaded.js'
import { ledgerContract } from '../contracts/ledger.js'
import { cleanEnv, root } from '../support/hub.js'
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
  const file = join(await tempDir('ledger'), 'ledger.db')
  const body = `import { openThreadedLedger } from '${join(root, 'dist/store/sqlite/threaded.js')}'
    const log = { error: ({ err }, text) => console.log('logged', text, err.code) }
    const ledger = await openThreadedLedger({ file: ${JSON.stringify(file)}, log })
    const bytes = Buffer.alloc(9_000_000, 'x')
    const reply = { replyId: 'rep_1', agency: 'gacc', mediaType: 'text/xml', bytes, receivedAt: new Date() }
    const code = await ledger.recordReply(reply).then(() => 'kept', (error) => error.code)
    console.log('answered', code)
    process.exit()`
  // No file of this process may become larger: its log cannot take what is to be written.
  const limited = ['-c', `ulimit -f 4000; exec "$0" "$@"`, process.execPath, '--input-type=module', '-e', body]
  const { stdout } = await run('bash', limited, { env: cleanEnv() })
  expect(stdout).toMatch(/^logged the ledger could not be written.* SQLITE_/m)
  expect(stdout).toContain('answered HUB_LEDGER_UNAVAILABLE')
})
