// What is made within one second has a file of its own each: copies of the ledger, and ledgers that a copy replaces.
import { readdir, statfs, writeFile } from 'node:fs/promises'
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
  const backup = createBackup({ ledger, dataDir, minFreeMegabytes: 0, log: { info: () => {} }, now: () => now })
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

test('a copy that would leave the disk too little for new work is not begun, and what is missing is said', async () => {
  const dataDir = await tempDir('data')
  const ledger = await openSqliteLedger({ file: join(dataDir, 'ledger.db'), log: unread })
  const { bavail, bsize } = await statfs(dataDir)
  const free = (bavail * bsize) / 1024 / 1024
  const log = { info: () => {} }
  const tight = createBackup({ ledger, dataDir, minFreeMegabytes: 10 * Math.ceil(free), log })
  await expect(tight({ who: 'anna' })).rejects.toMatchObject({
    code: 'HUB_BACKUP_NO_ROOM',
    values: { needed: expect.any(Number) as number, least: 10 * Math.ceil(free) },
  })
  expect(await readdir(join(dataDir, 'backups'))).toEqual([])
  const { file } = await createBackup({ ledger, dataDir, minFreeMegabytes: Math.floor(free / 10), log })({
    who: 'anna',
  })
  expect(await readdir(join(dataDir, 'backups'))).toEqual([basename(file)])
  await ledger.close()
})

test('what a hub that was killed had copied so far is gone with the next copy', async () => {
  const dataDir = await tempDir('data')
  const ledger = await openSqliteLedger({ file: join(dataDir, 'ledger.db'), log: unread })
  const backup = createBackup({ ledger, dataDir, minFreeMegabytes: 0, log: { info: () => {} } })
  const { file: first } = await backup({ who: 'anna' })
  await writeFile(join(dataDir, 'backups', 'ledger-20261231T155959Z.db.part'), 'half of it')
  const { file: second } = await backup({ who: 'anna' })
  expect((await readdir(join(dataDir, 'backups'))).sort()).toEqual([first, second].map((file) => basename(file)).sort())
  await ledger.close()
})
