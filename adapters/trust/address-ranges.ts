// address-ranges — is an address in one of these ranges? IPv4 and IPv6, each as an address or with the length of its
// prefix: 192.0.2.0/24, 2001:db8::/32.
import { BlockList, isIP, isIPv4 } from 'node:net'

const known = new Map<string, BlockList>()
const mostKnown = 1_000

/** What is wrong with an address range as somebody wrote it; undefined when it is one. */
export function rangeFault(range: string): { en: string; zh: string } | undefined {
  const [address = '', length, ...more] = range.split('/')
  const version = isIP(address)
  const bits = version === 4 ? 32 : 128
  const fits = length === undefined || (/^\d{1,3}$/.test(length) && Number(length) <= bits)
  return version !== 0 && more.length === 0 && fits
    ? undefined
    : {
        en: `${range} is no address or range; write 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32`,
        zh: `${range} 不是 IP 地址或网段，应为 192.0.2.7、192.0.2.0/24 或 2001:db8::/32`,
      }
}

/** No ranges: every address. An IPv4 address in IPv6 form (::ffff:192.0.2.7) is the IPv4 address. */
export function inRanges(ranges: readonly string[] | undefined, address: string): boolean {
  if (ranges === undefined || ranges.length === 0) return true
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '')
  return isIP(plain) !== 0 && listOf(ranges).check(plain, isIPv4(plain) ? 'ipv4' : 'ipv6')
}

function listOf(ranges: readonly string[]): BlockList {
  const name = ranges.join(' ')
  const found = known.get(name)
  if (found) return found
  const list = new BlockList()
  for (const range of ranges) {
    // What the schema let through and is none opens nothing.
    if (rangeFault(range)) continue
    const [address = '', length] = range.split('/')
    const family = isIPv4(address) ? 'ipv4' : 'ipv6'
    list.addSubnet(address, Number(length ?? (family === 'ipv4' ? 32 : 128)), family)
  }
  if (known.size >= mostKnown) known.clear()
  known.set(name, list)
  return list
}
