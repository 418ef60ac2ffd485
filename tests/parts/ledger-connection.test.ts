// The connection that writes a ledger in PostgreSQL: one that is of no use is closed, or the server would run out of
// them.
import type pg from 'pg'
import { expect, test } from 'vitest'
import type { Server } from '../../store/postgres/server.js'
import { createGroupCommit } from '../../store/postgres/write.js'

test('a connection that cannot be told of its changes is closed, each time a write is tried', async () => {
  let open = 0
  const server = {
    async connect() {
      open += 1
      return {
        on: () => {},
        query: () => Promise.reject(new Error('canceling statement due to statement timeout')),
        async end() {
          open -= 1
        },
      } as unknown as pg.Client
    },
  } as unknown as Server
  const commit = createGroupCommit({
    server,
    log: { error: () => {} },
    told: () => {},
    encode: () => [],
    lost: () => {},
  })
  for (let n = 0; n < 3; n++) await expect(commit(() => true)).rejects.toMatchObject({ code: 'HUB_LEDGER_UNAVAILABLE' })
  expect(open).toBe(0)
})
