// Two hubs on one PostgreSQL and one Redis, and somebody who guesses at both.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startFleet } from '../support/fleet.js'
import { freshOrder } from '../support/orders.js'
import { asPage, codeOf, newPerson } from '../support/operators.js'
import { startPostgres, withoutPostgres, type TestPostgres } from '../support/postgres.js'
import { until } from '../support/until.js'

describe.skipIf(withoutPostgres())('two hubs', () => {
  let server: TestPostgres
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server?.remove())

  test('count wrong keys and wrong codes together: two hubs give nobody twice the tries', async () => {
    const { hubs, redis } = await startFleet(await server.database())
    const [a, b] = [hubs[0]!, hubs[1]!]
    const guess = async (hub: typeof a, key: string) => {
      const begun = performance.now()
      expect((await hub.get('/v1/messages', { key })).status).toBe(401)
      return performance.now() - begun
    }
    for (let n = 0; n < 10; n++) await guess(a, `hub_http_guess_${n}`)
    /** Of two at once one waits for a second behind the other, however long ago the last one was. */
    const slower = async (hub: typeof a, key: string) =>
      Math.max(...(await Promise.all([guess(hub, `${key}_1`), guess(hub, `${key}_2`)])))
    // The other hub has seen none of them, and looks at one a second all the same.
    let more = 0
    await until('the other hub to slow them', async () => (await slower(b, `hub_http_more_${more++}`)) > 900)
    // A partner that is known there goes on at once.
    expect((await b.send(freshOrder())).status).toBe(202)

    // Behind the right password five codes are looked at, wherever.
    const anna = await newPerson(a, { name: 'anna', role: 'operator' })
    const enter = async (hub: typeof a, code: string) =>
      (await asPage(hub, '/sign-in/password', { name: 'anna', password: anna.password, code })).status
    for (let n = 0; n < 5; n++) expect(await enter(n % 2 ? a : b, `00000${n}`)).toBe(401)
    for (const hub of [a, b]) expect(await enter(hub, codeOf(anna, 1))).toBe(401)
    const { audit } = await b.ops<{ audit: { action: string }[] }>('/ops/audit?target=anna&action=sign-in.locked')
    expect(audit).toHaveLength(1)

    // Without Redis each hub counts for itself: never more than that, and never less.
    await redis.stop()
    for (let n = 0; n < 12; n++) await guess(b, `hub_http_alone_${n}`)
    expect(await slower(b, 'hub_http_alone_last')).toBeGreaterThan(900)
    await a.stop()
    await b.stop()
  })
})
