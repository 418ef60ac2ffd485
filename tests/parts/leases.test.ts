// What one hub alone does is given to it for as long as anybody in it wants it.
import { expect, test } from 'vitest'
import { startLeases } from '../../hub/base/leases.js'

test('answers are fetched on, when a connector goes that had begun to end before another took its place', async () => {
  const leases = await startLeases({
    neighbours: undefined,
    log: { info() {}, warn() {} },
    roles: ['workers'],
    version: '1',
  })
  const work = () => leases.under('fetch:gacc', async () => 'fetched')
  const first = leases.want('fetch:gacc')
  const second = leases.want('fetch:gacc')
  first()
  // Said twice, it is said once.
  first()
  expect(await work()).toBe('fetched')
  second()
  expect(await work()).toBeUndefined()
  await leases.stop()
})
