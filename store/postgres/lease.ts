// lease — who works by a ledger: any number of hubs, or one that has it for itself. Each holds a lock for as long as
// its connection lives, shared or alone, and knows a token that grows with each who takes the ledger for itself: a hub
// that was cut off meanwhile finds a newer token in the first transaction it begins, writes nothing, and ends.
import type pg from 'pg'
import { LedgerInUseError } from '../ledger-errors.js'

/** Held by a session. Beside it stand the lock of writes (write.ts) and that of migrations (schema.ts). */
const alone = 4_739_203
/** A hub that was killed a moment ago is forgotten by the server when its connection is found closed. */
const takeOverMs = 5_000

/** Every statement by its name. */
export const leaseSql = {
  alone: `select pg_try_advisory_lock(${alone}) as mine`,
  among: `select pg_try_advisory_lock_shared(${alone}) as mine`,
  first: `insert into hub_lease (name, token, holder, taken_at) values ('hub', 1, $1, now())
    on conflict (name) do nothing`,
  take: `insert into hub_lease (name, token, holder, taken_at) values ('hub', 1, $1, now())
    on conflict (name) do update set token = hub_lease.token + 1, holder = excluded.holder,
    taken_at = excluded.taken_at returning token`,
  token: `select token from hub_lease where name = 'hub'`,
}
const sql = leaseSql

/** One of a process, for as long as it runs. */
export interface Lease {
  /**
   * By the connection that is there as long as the hub is. @throws LedgerInUseError while another hub has it, or has
   * taken it meanwhile
   */
  hold(client: pg.Client, writing: string): Promise<void>
  /** Whether the token a transaction has read is this hub's. */
  isMine(token: number | undefined): boolean
}

/** @param how `alone`: for itself; `among`: beside other hubs */
export function createLease(holder: string, how: 'alone' | 'among'): Lease {
  let token: number | undefined

  async function locked(client: pg.Client): Promise<boolean> {
    const deadline = Date.now() + takeOverMs
    for (;;) {
      if ((await client.query<{ mine: boolean }>(sql[how])).rows[0]!.mine) return true
      if (Date.now() > deadline) return false
      await new Promise((again) => setTimeout(again, 100))
    }
  }

  return {
    async hold(client, writing) {
      const mine = await locked(client)
      const [known] = (await client.query<{ token: number }>(sql.token)).rows
      if (token !== undefined && known?.token !== token)
        throw new LedgerInUseError('another hub has taken the ledger over while this one was cut off from it')
      if (!mine) throw new LedgerInUseError('the ledger is in use by another hub. Stop it, or choose another database.')
      if (token !== undefined) return
      if (how === 'among') {
        if (!known) await client.query(sql.first, [holder])
        token = known?.token ?? (await client.query<{ token: number }>(sql.token)).rows[0]!.token
        return
      }
      // Behind whatever is being written: what the hub before has begun is there, or is not, before this one begins.
      await client.query(`begin; ${writing}`)
      token = (await client.query<{ token: number }>(sql.take, [holder])).rows[0]!.token
      await client.query('commit')
    },
    isMine: (found) => found === token,
  }
}
