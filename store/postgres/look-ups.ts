// look-ups — short questions that every message asks, on one connection of their own: each is planned once, and sent
// without waiting for those before it. Lists, searches and bytes are read elsewhere, and hold up none of these.
import type pg from 'pg'
import { asHubError, isGone, isOutdated, plain, type LedgerLog } from './server.js'
import { bound, type Queries, type SqlValues } from './statements.js'

/** Plans are made anew as the number of questions doubles: the first tables may be as good as empty. */
const firstPlans = 64

/** @param connect makes the connection, when it is first needed and again when it broke */
export function createLookUps({ connect, log }: { connect: () => Promise<pg.Client>; log: LedgerLog }): Queries & {
  close(): Promise<void>
} {
  let current: Promise<pg.Client> | undefined
  let asked = 0
  let closed = false
  const grown = () => ++asked >= firstPlans && Number.isInteger(Math.log2(asked))

  function connection(): Promise<pg.Client> {
    if (current) return current
    // A late question must not keep the process: nobody would close what it opened.
    if (closed) return Promise.reject(new Error('the ledger is closed'))
    asked = 0
    const made = connect().then((client) => {
      client.on('error', (err) => {
        log.error({ err: plain(err) }, 'a connection to the ledger broke')
        forget(made)
      })
      return client
    })
    // Whatever kept it from being made (no connection free, a password that is being changed) may be over by then.
    made.catch(() => forget(made))
    return (current = made)
  }

  /** The next question makes another one. */
  function forget(one: Promise<pg.Client>): void {
    if (current === one) current = undefined
    one.then((client) => client.end()).catch(() => {})
  }

  async function ask(sql: string, values: SqlValues = {}): Promise<pg.QueryResult> {
    for (let again = false; ; again = true) {
      const one = connection()
      try {
        const client = await one
        if (grown()) client.query('discard plans').catch(() => {})
        return await client.query(bound(sql, values))
      } catch (error) {
        const useless = isGone(error) || isOutdated(error)
        if (useless) forget(one)
        // A question harms nobody twice, and another connection shows whether the server is there.
        if (!useless || again) throw asHubError(error)
      }
    }
  }

  return {
    all: async (sql, values) => (await ask(sql, values)).rows as never[],
    get: async (sql, values) => (await ask(sql, values)).rows[0] as never,
    run: async (sql, values) => (await ask(sql, values)).rowCount ?? 0,
    async close() {
      closed = true
      await current?.then((client) => client.end()).catch(() => {})
      current = undefined
    },
  }
}
