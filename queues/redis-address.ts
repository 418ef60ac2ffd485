// redis-address — where Redis is: one server, or the one of several that its sentinels say.
//
//   redis://user:password@host:6379/0      rediss://… with TLS      /run/redis.sock
//   redis+sentinel://user:password@host:26379,host:26379/name      rediss+sentinel://… with TLS
//                    ?db=0  ?sentinelUser=…&sentinelPassword=… where the sentinels want other words
import type { RedisOptions } from 'ioredis'

const sentinelForm = /^(rediss?)\+sentinel:\/\/(?:([^@/]*)@)?([^/?@]+)\/([^/?]+)(?:\?(.*))?$/
const usualSentinelPort = 26_379

/**
 * Undefined where the address is one that ioredis itself reads. @throws Error: it is meant for sentinels, and is none
 */
export function sentinelsOf(address: string): RedisOptions | undefined {
  if (!/^rediss?\+sentinel:/.test(address)) return undefined
  const [, scheme, secret = '', hosts = '', name = '', query] = sentinelForm.exec(address) ?? []
  const sentinels = hosts.split(',').map((one) => {
    const [, host = '', port] = /^(\[[0-9a-fA-F:]+\]|[^:[\]]+)(?::(\d+))?$/.exec(one) ?? []
    return { host: host.replace(/^\[|\]$/g, ''), port: port === undefined ? usualSentinelPort : Number(port) }
  })
  if (name === '' || sentinels.some(({ host }) => host === ''))
    throw new Error('the address of Redis is not redis+sentinel://user:password@host:26379,host:26379/name')
  const [username = '', password = ''] = secret.split(/:(.*)/s).map(decodeURIComponent)
  const more = new URLSearchParams(query)
  const [sentinelUsername, sentinelPassword] = [more.get('sentinelUser'), more.get('sentinelPassword')]
  const secure = scheme === 'rediss'
  return {
    sentinels,
    name: decodeURIComponent(name),
    ...(username === '' ? {} : { username }),
    ...(password === '' ? {} : { password }),
    ...(sentinelUsername === null ? {} : { sentinelUsername }),
    ...(sentinelPassword === null ? {} : { sentinelPassword }),
    db: Number(more.get('db') ?? 0),
    ...(secure ? { tls: {}, enableTLSForSentinelMode: true } : {}),
  }
}
