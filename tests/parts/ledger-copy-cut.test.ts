// A copy of a ledger that is cut off in its last moment, between the two marks: a hub starts on neither of the two, for
// both would file everything, and copied again it is whole.
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { copyLedger, type CopyTarget } from '../../store/copying.js'
import { sqliteSource, sqliteTarget } from '../../store/sqlite/copy-end.js'
import { openDatabase } from '../../store/sqlite/database.js'
import { tempDir } from '../support/temp.js'

const file = async () => join(await tempDir('ledger'), 'ledger.db')
/** Undefined: a hub starts on it. */
function whyNot(ledger: string): string | undefined {
  try {
    openDatabase(ledger).close()
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

/** @param cut what becomes of the copy's last step */
async function copy(from: string, to: string, cut?: CopyTarget['whole']): Promise<void> {
  const source = sqliteSource(from, undefined, { to })
  try {
    const target = sqliteTarget(to, source.name, source)
    try {
      await copyLedger({
        source,
        target: cut ? { ...target, whole: cut } : target,
        sourceStays: false,
        progress: () => {},
      })
    } finally {
      await target.close()
    }
  } finally {
    await source.close()
  }
}
const killed = () => Promise.reject(new Error('killed'))

test('a copy killed before it is whole leaves no two ledgers to work by, and begun again it goes on', async () => {
  const [first, second] = [await file(), await file()]
  openDatabase(first).close()
  await expect(copy(first, second, killed)).rejects.toThrow('killed')
  expect([whyNot(first), whyNot(second)]).toEqual([
    expect.stringContaining(`was copied to ${second}`),
    expect.stringContaining(`unfinished copy of ${first}`),
  ])

  await copy(first, second)
  expect([whyNot(first), whyNot(second)]).toEqual([expect.stringContaining(`was copied to ${second}`), undefined])
})

test('a ledger that has moved is copied to no other place, nor to one where no copy was cut off', async () => {
  const [first, second, third] = [await file(), await file(), await file()]
  openDatabase(first).close()
  await expect(copy(first, second, killed)).rejects.toThrow('killed')
  await expect(copy(first, third)).rejects.toThrow(`was copied to ${second}`)
  await copy(first, second)
  // A hub works by the second: what the first has is old, and copied once more it would be filed again.
  await expect(copy(first, second)).rejects.toThrow('no copy that was cut off')
  expect(whyNot(second)).toBeUndefined()
})
