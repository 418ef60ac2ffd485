// The address of Redis, where sentinels say which server it is, and where it is a cluster; what its refusals mean.
import { expect, test } from 'vitest'
import { loggedUrl } from '../../../messages/logged-url.js'
import { addressFault, clusterOf, sentinelsOf } from '../../../queues/redis-address.js'
import { redisTrouble } from '../../../queues/redis-trouble.js'

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

test('an address for a cluster is read with all it says, and a wrong one told without its password', () => {
  expect(clusterOf('redis://:x@h:1')).toBeUndefined()
  expect(clusterOf('redis+cluster://a,b:7001')).toEqual({
    nodes: [
      { host: 'a', port: 6379 },
      { host: 'b', port: 7001 },
    ],
    node: {},
  })
  expect(clusterOf('rediss+cluster://u:p%40@[::1]:7/0?nat=10.0.0.1:6379=gate:7001,10.0.0.2:6379=gate:7002')).toEqual({
    nodes: [{ host: '::1', port: 7 }],
    node: { username: 'u', password: 'p@', tls: {} },
    natMap: { '10.0.0.1:6379': { host: 'gate', port: 7001 }, '10.0.0.2:6379': { host: 'gate', port: 7002 } },
  })
  for (const wrong of ['a:1,', 'a:1/1', 'a:1?db=2', 'a:1?nat=10.0.0.1=b', 'a:1?nat=10.0.0.1:1'])
    expect(() => clusterOf(`redis+cluster://:geheim@${wrong}`), wrong).toThrow(/^(?!.*geheim).*redis\+cluster/)
})

test.each([
  ['redis://:geheim@a:1,b:2', /redis\+sentinel.*redis\+cluster.*集群/],
  ['redis+cluster://:geheim@a:1/3', /no database but 0.*redis\+cluster/],
  ['redis+sentinel://:geheim@a:1', /redis\+sentinel.*redis\+sentinel/],
  ['redis-cluster://:geheim@a:1', /begins with.*开头/],
])('the address %s is told in both languages, without its password', (address, text) => {
  const { en, zh } = addressFault(address)!
  expect(`${en} ${zh}`).toMatch(text)
  expect(`${en} ${zh}`).not.toContain('geheim')
})

test.each(['redis://h:1', 'rediss://:x@h', 'redis+sentinel://a:1/m', 'rediss+cluster://a', '/run/redis.sock', 'h:1'])(
  'the address %s is one',
  (address) => expect(addressFault(address)).toBeUndefined(),
)

test('several hosts are logged without their password', () => {
  expect(loggedUrl('rediss+cluster://u:geheim@a:1,b:2')).toBe('rediss+cluster://a:1,b:2')
  expect(loggedUrl('redis+sentinel://:geheim@a:1,b/m?sentinelPassword=geheim')).toBe('redis+sentinel://a:1,b/m')
  expect(loggedUrl('postgres://u:geheim@a:1,b:2/hub')).toBe('[no address]')
})

test.each([
  ['MOVED 2434 10.0.0.1:6379', /redis\+cluster:\/\/.*集群的一个节点/],
  ['CLUSTERDOWN Hash slot not served', /--cluster check.*集群不可用/],
  ['Too many Cluster redirections. Last error: ReplyError: CLUSTERDOWN The cluster is down', /集群不可用/],
  ["CROSSSLOT Keys in request don't hash to the same slot", /proxy.*槽位/],
  ['ERR bad lua script for redis cluster, all the keys …', /script_check_enable.*实例参数/],
  ["READONLY You can't write against a read only replica.", /primary.*只读副本/],
])('“%s” is said with what to do, in both languages', (said, text) => {
  expect(redisTrouble(new Error(said))).toMatch(text)
  expect(redisTrouble(new Error(said)).startsWith(said)).toBe(true)
})

test('a server that is no cluster is told by what its last node said', () => {
  const error = Object.assign(new Error('Failed to refresh slots cache.'), {
    lastNodeError: new Error('ERR This instance has cluster support disabled'),
  })
  expect(redisTrouble(error)).toMatch(/support disabled: .*redis:\/\/.*不是集群/)
  expect(redisTrouble(new Error('ECONNREFUSED'))).toBe('ECONNREFUSED')
  expect(redisTrouble('odd')).toBe('odd')
})
