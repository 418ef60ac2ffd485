// library — ssh2, loaded in one way by all: its client (ssh2-sftp-client) requires it, and what is required by one and
// imported by another while a hub starts has been seen half loaded.
import { createRequire } from 'node:module'

/** The module as it is required. */
export const ssh2 = createRequire(import.meta.url)('ssh2') as typeof import('ssh2')

/**
 * The largest packet a channel's other side says it takes is at least this: ssh2 cuts what it sends into pieces of that
 * size, and with a size of 0 it never comes to an end. OpenSSH and most others say 32,768, PuTTY 16,384.
 */
export const leastPacketBytes = 1_024

/** What ssh2 does with each message of a connection, by its name. */
type Handlers = Record<string, ((protocol: unknown, channel: { packetSize: number }) => void) | undefined>

/** Of a connection that has begun, each has its own; none where it could not so much as begin. */
export const handlersOf = (client: unknown): Handlers | undefined =>
  (client as { _protocol?: { _handlers: Handlers } })._protocol?._handlers
