// The chain of hashes over a ledger in SQLite, and its rules.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { factHash, genesis, headIsDue, mostUnsigned, nextLink } from '../../store/rules/proof-chain.js'
import { Database } from '../../store/sqlite/driver.js'
import { openSqliteLedger } from '../../store/sqlite/open.js'
import { proofCheck } from '../../store/sqlite/proof-check.js'
import { history, proofContract, type ProofPlace } from '../contracts/ledger-proof.js'
import { unread } from '../support/ledger-log.js'
import { tempDir } from '../support/temp.js'

const quiet = { told: () => {} }

function onSqlite(dir: string): ProofPlace {
  const file = join(dir, 'ledger.db')
  return {
    open: () => openSqliteLedger({ file, log: unread }),
    async ask(sql) {
      const db = new Database(file)
      try {
        if (/^select/.test(sql)) return db.prepare<[], never>(sql).all()
        db.exec(sql)
        return []
      } finally {
        db.close()
      }
    },
    check: (asked) => proofCheck(file, { ...quiet, ...asked }),
  }
}

proofContract('SQLite', async () => onSqlite(await tempDir('proof')))

test('a copy made while the hub runs is proven too; one from before there was a chain says so', async () => {
  const dir = await tempDir('proof')
  const place = onSqlite(dir)
  await history(place)
  const ledger = await place.open()
  await ledger.backup(join(dir, 'copy.db'))
  await ledger.close()
  expect(await proofCheck(join(dir, 'copy.db'), quiet)).toMatchObject({ faults: 0 })
  await writeFile(join(dir, 'old.db'), '')
  await expect(proofCheck(join(dir, 'old.db'), quiet)).rejects.toThrow('before there was a chain')
})

test('the rules: a link holds its facts and the link before; heads are due daily or by number', () => {
  const fact = { kind: 'message', id: 'm', of: 'm', fixed: '["a"]', now: '["accepted"]' }
  const one = nextLink(genesis, [fact], 1000)
  expect(one).toMatchObject({ n: 1, items: [{ kind: 'message', id: 'm', now: '["accepted"]', hash: factHash(fact) }] })
  const others = [
    nextLink(genesis, [{ ...fact, now: '["refused"]' }], 1000),
    nextLink(genesis, [fact], 1001),
    nextLink({ n: 0, hash: '0' }, [fact], 1000),
    nextLink(genesis, [fact, fact], 1000),
    nextLink(genesis, [{ ...fact, fixed: '["a"]["accepted"]', now: '' }], 1000),
  ]
  expect(new Set([one, ...others].map(({ hash }) => hash)).size).toBe(6)
  // Midnight in China.
  const day = Date.parse('2026-01-01T00:00:00+08:00')
  expect(headIsDue(undefined, undefined, day)).toBe(false)
  expect(headIsDue({ n: 1 }, undefined, day)).toBe(true)
  expect(headIsDue({ n: 2 }, { n: 1, signedAt: day }, day + 86_399_999)).toBe(false)
  expect(headIsDue({ n: 2 }, { n: 1, signedAt: day }, day + 86_400_000)).toBe(true)
  expect(headIsDue({ n: 1 }, { n: 1, signedAt: day }, day + 86_400_000)).toBe(false)
  expect(headIsDue({ n: 1 + mostUnsigned }, { n: 1, signedAt: day }, day)).toBe(true)
})
