// proxied — who is at the other end of a connection that comes through a load balancer: the balancer says so in its
// first bytes, by the PROXY protocol, in text (version 1) or in bytes (version 2). Source of the format: HAProxy,
// "The PROXY protocol, versions 1 & 2", sections 2.1 and 2.2.
import { isIPv4, isIPv6, type Socket } from 'node:net'

/** What the first bytes say. `caller`: absent where the balancer speaks for itself (`LOCAL`, `UNKNOWN`). */
export interface ProxyHeader {
  /** Bytes of the header: what follows is the caller's. */
  length: number
  caller?: { address: string; port: number }
}

/** The first bytes of a connection are no header of the PROXY protocol. */
export class ProxyHeaderError extends Error {
  override name = 'ProxyHeaderError'
}

const signature = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1')
/** Longest line of version 1, its end included (section 2.1). */
const longestLine = 107
/** Addresses of two Unix sockets and some values of a balancer's own fit in it; the format would allow 65,535. */
const longestBody = 4_096

/**
 * @returns undefined while more bytes are needed
 * @throws ProxyHeaderError
 */
export function readProxyHeader(bytes: Buffer): ProxyHeader | undefined {
  const known = Math.min(bytes.length, signature.length)
  if (known > 0 && bytes.subarray(0, known).equals(signature.subarray(0, known))) return inBytes(bytes)
  const start = bytes.toString('latin1', 0, 6)
  if (!'PROXY '.startsWith(start)) throw new ProxyHeaderError('it begins with neither PROXY nor its signature')
  return inText(bytes)
}

function inText(bytes: Buffer): ProxyHeader | undefined {
  const line = bytes.toString('latin1', 0, longestLine)
  const end = line.indexOf('\r\n')
  if (end < 0) {
    if (bytes.length >= longestLine) throw new ProxyHeaderError('its line does not end')
    return undefined
  }
  const length = end + 2
  const [, family, address = '', , port = ''] = line.slice(0, end).split(' ')
  if (family === 'UNKNOWN') return { length }
  const isAddress = family === 'TCP4' ? isIPv4 : family === 'TCP6' ? isIPv6 : () => false
  if (!isAddress(address) || !/^\d{1,5}$/.test(port) || Number(port) > 65_535)
    throw new ProxyHeaderError('its line names no address and port')
  return { length, caller: { address, port: Number(port) } }
}

function inBytes(bytes: Buffer): ProxyHeader | undefined {
  const fixed = signature.length + 4
  if (bytes.length < fixed) return undefined
  const versionAndCommand = bytes.readUInt8(12)
  const family = bytes.readUInt8(13) >> 4
  const body = bytes.readUInt16BE(14)
  const command = versionAndCommand & 0x0f
  if (versionAndCommand >> 4 !== 2 || command > 1 || body > longestBody)
    throw new ProxyHeaderError('it is of no version, command or length that is known')
  const length = fixed + body
  if (bytes.length < length) return undefined
  const size = family === 1 ? 4 : family === 2 ? 16 : 0
  if (command === 0 || size === 0) return { length }
  // Both addresses, then both ports.
  if (body < 2 * size + 4) throw new ProxyHeaderError('it is too short for its addresses')
  const address = bytes.subarray(fixed, fixed + size)
  return {
    length,
    caller: {
      address:
        size === 4
          ? address.join('.')
          : Array.from({ length: 8 }, (_, i) => address.readUInt16BE(2 * i).toString(16)).join(':'),
      port: bytes.readUInt16BE(fixed + 2 * size),
    },
  }
}

/**
 * Reads the header off a connection nobody has read yet; the next bytes are the caller's, and are not read on.
 * @param ms how long the balancer may take
 * @returns what it says of the caller; undefined where it speaks for itself
 * @throws ProxyHeaderError where it says nothing in this time, or something else
 */
export function callerBehind(socket: Socket, ms: number): Promise<ProxyHeader['caller']> {
  return new Promise((resolve, reject) => {
    let seen = Buffer.alloc(0)
    const over = (): void => {
      clearTimeout(late)
      socket.off('data', read)
      socket.off('close', gone)
      socket.pause()
    }
    const read = (chunk: Buffer): void => {
      seen = Buffer.concat([seen, chunk])
      try {
        const header = readProxyHeader(seen)
        if (!header) return
        over()
        if (seen.length > header.length) socket.unshift(seen.subarray(header.length))
        resolve(header.caller)
      } catch (error) {
        over()
        reject(error instanceof Error ? error : new ProxyHeaderError(String(error)))
      }
    }
    const gone = (): void => {
      over()
      reject(new ProxyHeaderError('it ended before it said who calls'))
    }
    const late = setTimeout(() => {
      over()
      reject(new ProxyHeaderError(`nothing came for ${ms} ms`))
    }, ms)
    socket.on('data', read)
    socket.once('close', gone)
  })
}
