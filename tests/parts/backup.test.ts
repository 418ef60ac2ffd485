// What is made within one second has a file of its own each: copies of the ledger, and ledgers that a copy replaces.
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'
import { createBackup } from '../../hub/operate/backup.js'
import { restoreLedger } from '../../hub/operate/restore.js'
import { openSqliteLedger } from '../../store/sqlite/open.js'
import { unread } from '../support/ledger-log.js'
import { tempDir } from '../support/temp.js'

test('two copies within one second, and two ledgers replaced within one, are each there afterwards', async () => {
  const dataDir = await tempDir('data')
  const now = new Date('2026-12-31T15:59:59.400Z')
  const ledger = await openSqliteLedger({ file: join(dataDir, 'ledger.db'), log: unread })
  const backup = createBackup({ ledger, dataDir, log: { info: () => {} }, now: () => now })
  const made = [await backup({ who: 'anna' }), await backup({ who: 'anna' })].map(({ file }) => file)
  await ledger.close()
  expect(made.map((file) => basename(file))).toEqual(['ledger-20261231T155959Z.db', 'ledger-20261231T155959Z-2.db'])

  const replaced: string[] = []
  for (const from of made)
    replaced.push((await restoreLedger({ from, dataDir, who: 'anna', why: '演练', log: unread, now })).replaced!)
  expect(replaced.map((file) => basename(file))).toEqual([
    'ledger-replaced-20261231T155959Z.db',
    'ledger-replaced-20261231T155959Z-2.db',
  ])
})
