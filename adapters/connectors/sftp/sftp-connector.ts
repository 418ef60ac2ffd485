// sftp-connector — agencies that take files on an SFTP server of theirs: dropped in one directory, answers picked up
// from another.
//
//   <stage>/.<base>.xml.tmp ─▶ <drop>/<base>.xml ─▶ (taken by the agency) ─▶ <pickUp>/…
import type { Connector } from '../connector.js'
import type { Drop } from '../files/drop.js'
import { createFileConnector, type FileConnectorParts } from '../files/file-connector.js'
import type { FilePlace } from '../files/place.js'
import { createConnections, type ServerSettings } from './connections.js'

/**
 * Directories are paths on the agency's server.
 * @see [sftp](./kind.ts)
 */
export interface SftpConnectorParts extends FileConnectorParts {
  server: Omit<ServerSettings, 'transferMs'>
  drop: string
  pickUp: string
  /** Where a file lies until it is whole; absent: in `drop` itself, hidden and under a temporary name. */
  stage?: string
  /** Where the agency's side puts what it has taken, and what it could not, where it keeps such directories. */
  sent?: string
  failed?: string
  /** For the tests. */
  wrap?: (place: FilePlace) => FilePlace
}

/** `round` looks for answers now; the connector does so by itself again and again. */
export function createSftpConnector({
  server,
  drop,
  pickUp,
  stage = drop,
  sent,
  failed,
  wrap = (place) => place,
  ...parts
}: SftpConnectorParts): Connector & { round(): Promise<void> } {
  const connections = createConnections({ ...server, transferMs: Math.max(parts.deadlineMs, 60_000) })
  const only: Drop = {
    out: drop,
    stage,
    in: [pickUp],
    ...(sent === undefined ? {} : { sent }),
    ...(failed === undefined ? {} : { fail: failed }),
  }
  return createFileConnector({
    ...parts,
    name: `sftp ${server.host}:${server.port}${drop}`,
    place: async () => wrap(await connections.place()),
    leave: connections.close,
    dropOf: () => only,
    drops: () => [only],
  })
}
