// reach — where a webhook may lead. The URL is somebody else's; the hub stands inside, next to what trusts its address:
// itself, the machine's own services, the metadata of a cloud. Asked when the URL is set, and again of every address it
// leads to when it is called.
import { BlockList, isIP, type LookupFunction } from 'node:net'
import { lookupOf, namesOfOthers } from '../../names-of-others.js'

/** Everything that is not named here is only for public addresses over HTTPS. */
export interface WebhookReach {
  /** `http://` too, not `https://` alone. */
  http: boolean
  /** This machine itself may be called. */
  loopback: boolean
  /** Addresses that may be called all the same, as `10.0.0.7`. */
  allow: readonly string[]
}

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8)
loopback.addAddress('::1', 'ipv6')
const inside = new BlockList()
inside.addSubnet('0.0.0.0', 8)
// Link-local, where clouds keep their metadata; and those that keep them elsewhere (Alibaba, Azure, Oracle; Amazon and
// Google over IPv6).
inside.addSubnet('169.254.0.0', 16)
for (const address of ['100.100.100.200', '168.63.129.16', '192.0.0.192']) inside.addAddress(address)
for (const address of ['fd00:ec2::254', 'fd20:ce::254']) inside.addAddress(address, 'ipv6')
inside.addSubnet('224.0.0.0', 3)
inside.addAddress('::', 'ipv6')
inside.addSubnet('fe80::', 10, 'ipv6')
inside.addSubnet('ff00::', 8, 'ipv6')
inside.addSubnet('fec0::', 10, 'ipv6')
// IPv4 in the clothes of IPv6: by a translator (RFC 6052, 8215, 7915) or a tunnel (6to4, Teredo).
for (const [prefix, bits] of [
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['::ffff:0:0:0', 96],
  ['2002::', 16],
  ['2001::', 32],
] as const)
  inside.addSubnet(prefix, bits, 'ipv6')

/** Why this address is not called; undefined: it may be. */
export function addressFault(address: string, reach: WebhookReach): string | undefined {
  const plain = address.replace(/^\[|\]$/g, '')
  const family = isIP(plain) === 6 ? 'ipv6' : 'ipv4'
  if (reach.allow.includes(plain)) return undefined
  if (inside.check(plain, family)) return `${plain} is a link-local, metadata or multicast address`
  if (!reach.loopback && loopback.check(plain, family)) return `${plain} is this machine itself`
  return undefined
}

/** Why this URL is not taken; undefined: it may be, as far as can be said without asking for its address. */
export function urlFault(url: string, reach: WebhookReach): string | undefined {
  if (!URL.canParse(url)) return 'it is no URL'
  const { protocol, hostname, username, password } = new URL(url)
  if (protocol !== 'https:' && !(protocol === 'http:' && reach.http)) return 'it must begin with https://'
  if (username !== '' || password !== '') return 'it holds a user or a password'
  if (isIP(hostname.replace(/^\[|\]$/g, '')) !== 0) return addressFault(hostname, reach)
  const local = /^(localhost|.*\.localhost|metadata\.google\.internal)\.?$/i.test(hostname)
  return local && !(reach.loopback && !/^metadata/i.test(hostname)) ? `${hostname} is inside` : undefined
}

/** Looks a name up for a connection; one address inside is enough to refuse it. */
export function lookupWithin(reach: WebhookReach): LookupFunction {
  return lookupOf(namesOfOthers, (found) =>
    found.map(({ address }) => addressFault(address, reach)).find((one) => one !== undefined),
  )
}
