// Which writes share a commit in SQLite: a write waits for company as long as a commit takes, the shorter of the last
// two; whoever did not fit into a commit has waited already. The clock and the timers are the test's, the file is real.
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { beforeTurns, nextTurn } from '../../messages/turns.js'
import { openDatabase } from '../../store/sqlite/database.js'
import { createGroupCommit } from '../../store/sqlite/group-commit.js'
import { tempDir } from '../support/temp.js'

/** Writes into a file whose commits take as long as the test says; the names that each commit held. */
async function writer() {
  const db = openDatabase(join(await tempDir('ledger'), 'ledger.db'))
  let now = 0
  let commitMs = 0
  vi.useFakeTimers({ toFake: ['setTimeout'] })
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now)
  onTestFinished(() => {
    clock.mockRestore()
    vi.useRealTimers()
    db.close()
  })
  const commits: string[][] = []
  let written: string[] = []
  const commit = createGroupCommit(db, {
    failed: (cause) => {
      throw cause
    },
    sealing: {
      mark: () => written.length,
      undo: () => {},
      seal: () => {},
      sealed: () => {
        now += commitMs
        commits.push(written)
        written = []
      },
      lost: () => {},
    },
  })
  const insert = db.prepare('insert into counter values (?, 0)')
  const write = (name: string) =>
    commit(() => {
      insert.run(name)
      written.push(name)
    })
  return {
    commits,
    write,
    /** Two commits that cost this much, one after the other. */
    async lastCommitsTook(...each: [number, number]) {
      for (const ms of each) {
        commitMs = ms
        const done = write(`took ${ms} ms, ${commits.length}`)
        await vi.advanceTimersByTimeAsync(5)
        await round()
        await done
      }
      commits.length = 0
    },
    kept: () => db.prepare('select name from counter').pluck().all() as string[],
  }
}
const round = () => new Promise((resolve) => setImmediate(resolve))

test('a write waits as long as the shorter of the last two commits took, for company in its commit', async () => {
  const { commits, write, lastCommitsTook } = await writer()
  await lastCommitsTook(3, 2)
  const first = write('first')
  await round()
  vi.advanceTimersByTime(1)
  const company = write('company')
  await round()
  expect(commits).toEqual([])
  vi.advanceTimersByTime(1)
  expect(commits).toEqual([['first', 'company']])
  await Promise.all([first, company])
})

test('after one commit that took long nobody waits, and after two of them no longer than 4 ms', async () => {
  const { commits, write, lastCommitsTook } = await writer()
  await lastCommitsTook(0, 500)
  const alone = write('alone')
  await round()
  expect(commits).toEqual([['alone']])
  await alone
  const waits = write('waits')
  await round()
  expect(commits).toHaveLength(1)
  vi.advanceTimersByTime(3)
  expect(commits).toHaveLength(1)
  vi.advanceTimersByTime(1)
  expect(commits).toEqual([['alone'], ['waits']])
  await waits
})

test('what did not fit into a commit goes into the next one at once: it has waited already', async () => {
  const { commits, write, lastCommitsTook, kept } = await writer()
  await lastCommitsTook(3, 3)
  const names = Array.from({ length: 300 }, (_, n) => `write ${n}`)
  const all = names.map(write)
  await round()
  expect(commits).toEqual([])
  vi.advanceTimersByTime(3)
  expect(commits).toEqual([names.slice(0, 256)])
  await round()
  expect(commits).toEqual([names.slice(0, 256), names.slice(256)])
  await Promise.all(all)
  expect(kept()).toEqual(expect.arrayContaining(names))
})

test('a write that nobody is to wait for is committed before the next piece of a long work', async () => {
  const { commits, write } = await writer()
  const seen: number[] = []
  const pieces = [1, 2].map(() => nextTurn().then(() => seen.push(commits.length)))
  const done = write('a filing')
  await Promise.all([...pieces, done])
  expect(seen).toEqual([1, 1])
})

test('what is handed over again and again before the turns holds up no long work', async () => {
  const order: string[] = []
  const again = () => {
    order.push('handed over')
    if (order.length < 10) beforeTurns(again)
  }
  beforeTurns(again)
  await nextTurn()
  expect(order.length).toBeLessThan(10)
  while (order.length < 10) await round()
})
