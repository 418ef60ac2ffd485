// neighbours — hubs on one ledger: they say every few seconds that they live, and prolong their leases with it. A lease
// is a row with a holder, a time and a token; all of it by the clock of the server, whatever the hubs' own clocks say.
import { createScope } from '../../messages/scope.js'
import { LeaseLostError } from '../ledger-errors.js'
import type { HubProcess, HubAbility, LeaseToken, Neighbours, Remembered } from '../ledger/neighbours.js'
import type { Queries } from './statements.js'
import type { GroupCommit } from './write.js'
import type { Needs } from './write/needs.js'
import type { Write } from './write/transaction.js'

/** Of the database's clock: a hub silent for so long is gone, and not shown any more after the longer one. */
const [silentMs, forgottenMs] = [15_000, 3_600_000]

/** Every statement by its name. */
const neighboursSql = {
  beat: `insert into hub_process (process, version, roles, knows, started_at, seen_at)
    values (@process, @version, @roles, @knows, clock_timestamp(), clock_timestamp())
    on conflict (process) do update set version = excluded.version, roles = excluded.roles, knows = excluded.knows,
    seen_at = excluded.seen_at`,
  forget: `delete from hub_process where seen_at < clock_timestamp() - @ms * interval '1 ms'`,
  // Free, or its own: what expired and nobody took keeps its token.
  keep: `insert into hub_lease as l (name, token, holder, taken_at, until)
      select a.name, 1, @process, clock_timestamp(), clock_timestamp() + @ms * interval '1 ms'
      from unnest(@names::text[]) as a (name)
    on conflict (name) do update set until = excluded.until, holder = excluded.holder,
      token = case when l.holder = excluded.holder then l.token else l.token + 1 end,
      taken_at = case when l.holder = excluded.holder then l.taken_at else excluded.taken_at end
    where l.holder = excluded.holder or l.until is null or l.until <= clock_timestamp()`,
  giveBack: `update hub_lease set until = clock_timestamp() where holder = @process and until > clock_timestamp()
    and not name = any(@names::text[])`,
  hubs: `select process, version, roles, knows, started_at, seen_at from hub_process
    where seen_at >= clock_timestamp() - @ms * interval '1 ms' order by started_at, process`,
  leases: `select name, token, holder, taken_at, until, until <= clock_timestamp() as over from hub_lease
    where until is not null order by name`,
  leave: 'delete from hub_process where process = @process',
  mine: `select 1 as mine from hub_lease where name = @name and token = @token and until > clock_timestamp()`,
}
const sql = neighboursSql

interface LeaseRow {
  name: string
  token: number
  holder: string
  taken_at: Date
  until: Date
  over: boolean
}

interface HubRow {
  process: string
  version: string
  roles: string
  /** Empty of hubs that do not know this column. */
  knows: string
  started_at: Date
  seen_at: Date
}

/** Writes as `commit` does; under a lease only while it is held, which the transaction itself sees. */
export function createFenced(commit: GroupCommit): { commit: GroupCommit; underLease: Neighbours['underLease'] } {
  const acting = createScope<LeaseToken>()
  const fenced = <T>(write: (tx: Write) => Promise<T> | T, needs?: Needs): Promise<T> => {
    const lease = acting.current()
    if (!lease) return commit(write, needs)
    return commit(async (tx) => {
      const { name, token } = lease
      if (!(await tx.get(sql.mine, { name, token })))
        throw new LeaseLostError(`the lease ${name} has passed to another hub: what was begun under it is not written`)
      return write(tx)
    }, needs)
  }
  return {
    commit: Object.assign(fenced, { drained: commit.drained }),
    underLease: (lease, work) => acting.run(lease, work),
  }
}

/** This chapter of the ledger on PostgreSQL; what it promises: [Neighbours](../ledger/neighbours.ts). */
export function createNeighbours({
  reading,
  commit,
  listeners,
}: {
  reading: Queries
  /** Not under any lease. */
  commit: GroupCommit
  listeners: Set<(what: Remembered) => void>
}): Omit<Neighbours, 'underLease'> {
  return {
    async beat({ process, version, roles, knows }: HubProcess, wants, ms) {
      await commit(async (tx) => {
        const names = [...wants]
        await tx.run(sql.beat, { process, version, roles: roles.join(','), knows: knows.join(',') })
        await tx.run(sql.forget, { ms: forgottenMs })
        await tx.run(sql.giveBack, { process, names })
        if (names.length > 0) await tx.run(sql.keep, { process, names, ms })
      })
      const [leases, hubs] = await Promise.all([
        reading.all<LeaseRow>(sql.leases),
        reading.all<HubRow>(sql.hubs, { ms: silentMs }),
      ])
      return {
        held: leases
          .filter(({ holder, over, name }) => holder === process && !over && wants.includes(name))
          .map(({ name, token }) => ({ name, token })),
        leases: leases.map(({ taken_at, ...row }) => ({ ...row, takenAt: taken_at })),
        hubs: hubs.map(({ started_at, seen_at, process: hub, version: itsVersion, ...row }) => ({
          process: hub,
          version: itsVersion,
          roles: row.roles.split(','),
          knows: row.knows.split(',') as HubAbility[],
          startedAt: started_at,
          seenAt: seen_at,
        })),
      }
    },
    leave: (process) =>
      commit(async (tx) => {
        await tx.run(sql.giveBack, { process, names: [] })
        await tx.run(sql.leave, { process })
      }),
    changes(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
