// The address of Redis, where sentinels say which server it is.
import { expect, test } from 'vitest'
import { sentinelsOf } from '../../../queues/redis-address.js'

test('an address for sentinels is read with its words, and one that is none is told without its password', () => {
  expect(sentinelsOf('redis://:x@h:1')).toBeUndefined()
  expect(sentinelsOf('rediss+sentinel://u:p%40@a,[::1]:7/m?db=2&sentinelPassword=s')).toEqual({
    sentinels: [
      { host: 'a', port: 26379 },
      { host: '::1', port: 7 },
    ],
    name: 'm',
    username: 'u',
    password: 'p@',
    sentinelPassword: 's',
    db: 2,
    tls: {},
    enableTLSForSentinelMode: true,
  })
  expect(() => sentinelsOf('redis+sentinel://:geheim@a:1')).toThrow(/^(?!.*geheim).*redis\+sentinel/)
})
