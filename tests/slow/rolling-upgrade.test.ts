// Under load, hubs are replaced one after the other by newer ones: one ledger, one Redis, one set of SFTP folders.
import { describe, expect, test } from 'vitest'
import { createHistory, settled } from '../chaos/settling.js'
import { startLoad } from '../chaos/load.js'
import { startSite } from '../chaos/site.js'
import { cli } from '../support/hub.js'
import { buildOlder, olderCommit } from '../support/older-build.js'
import { withoutPostgres } from '../support/postgres.js'
import { Random, seedOf } from '../support/seeded.js'
import { until } from '../support/until.js'

const seed = seedOf(process.env.CHAOS_SEED)
const commit = await olderCommit()
if (commit === undefined)
  console.error('\n!! NO OLDER COMMIT in this clone (shallow?): the test of old hubs beside new ones is SKIPPED.\n')

describe.skipIf(commit === undefined || withoutPostgres())('old hubs beside new ones', () => {
  test(`replaced one by one (seed ${seed}), nothing is lost, filed twice or taken twice (promises 1–9)`, async () => {
    const older = await buildOlder(commit!)
    const site = await startSite('postgres', { program: older.program })
    const load = startLoad({
      partners: site.partners,
      doors: { http: site.lines.http.port, sftp: site.lines.sftp.port },
      rate: 10,
      random: new Random(seed),
    })
    try {
      const more = (n: number) => {
        const from = load.accepted()
        return until(`${n} more accepted`, () => load.accepted() > from + n, 240_000)
      }
      const migrations = async () =>
        (
          await site.postgres!.server.ask<{ n: number }>(
            'select count(*)::int as n from hub_migration',
            site.postgres!.url,
          )
        )[0]!.n
      await more(20)
      const before = await migrations()
      for (const hub of site.hubs) {
        await hub.stop()
        hub.program = cli
        await hub.start()
        await more(20)
      }
      // The commit is chosen so that it has fewer; one that somebody names need not.
      if (!process.env.ROLLING_FROM)
        expect(await migrations(), 'the new ones bring a migration').toBeGreaterThan(before)
      await load.rest()
      const history = createHistory(site, load)
      const late = await settled(site, load, history)
      const verdict = history.judge()
      expect([...late, ...load.surprises, ...verdict.violations].slice(0, 20)).toEqual([])
      expect(verdict).toMatchObject({ unclear: 0, dead: 0 })
      expect(verdict.filed).toBeGreaterThan(60)
      process.stdout.write(`rolling upgrade from ${commit}: ${verdict.filed} filed, ${verdict.receipts} receipts\n`)
    } finally {
      await load.stop()
    }
  }, 1_500_000)
})
