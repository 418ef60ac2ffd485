// limits — what one partner may cost the hub. Everything has a bound; the defaults fit a busy forwarder.
import { usualTemporaryEndings } from '../../temporary-names.js'

/** The bounds of the SFTP door. Each has a default; docs/configuration.md lists those an operator may set. */
export interface SftpLimits {
  /** Largest file, in bytes. Checked while it is written. */
  maxBytes: number
  /** Most files waiting in one OutBox under temporary names. */
  maxFiles: number
  /** Most bytes of one partner under way or waiting, all sessions together. */
  maxBytesUnderWay: number
  /** Connections that have logged in, all partners together. */
  maxConnections: number
  maxConnectionsPerPartner: number
  /** Connections that have not logged in, all together and from one address. */
  maxStrangers: number
  maxStrangersPerAddress: number
  /**
   * Open files and folders of one session, of one partner, and of all together. Each is a file descriptor of the
   * process.
   */
  maxHandles: number
  maxHandlesPerPartner: number
  maxHandlesInAll: number
  /** A connection without a request for this long is ended. */
  idleMs: number
  /** A file must be complete this long after it was opened. */
  uploadMs: number
  /** A connection must have logged in after this long. */
  loginMs: number
  /**
   * Failed logins before a connection is cut. From so many in a minute on, further passwords for that name from that
   * address are answered late.
   */
  maxLoginFailures: number
  /** How long the answer to a failed login is held back. */
  failDelayMs: number
  /** How long `close` waits for files being taken. */
  closeMs: number
  /** How long to wait before a file that a dead run left is offered again after the hub could not take it. */
  retryMs: number
  /** How often a run says that it lives, and looks for those that do not. */
  lookMs: number
  /** A run of which nothing else is known is dead after such a silence. */
  silenceMs: number
  /**
   * Files in SentBox older than this are removed (the ledger keeps every byte); also forgotten temporary files in
   * OutBox.
   */
  keepSentMs: number
  /** Receipts of refused and repeated files that may lie in one InBox; with more, its partner's uploads fail. */
  maxUnread: number
  /** Most bytes of one partner's refused files, and of files taken before, that are kept in its boxes a day. */
  maxCopiesPerDay: number
  /**
   * Endings of names that are still being written; such files wait for their rename. Default: `usualTemporaryEndings`.
   */
  temporaryEndings: readonly string[]
}

/** The usual limits with those given in their place. `maxBytes`: the largest file, in bytes. */
export function sftpLimits(given: Partial<SftpLimits> & { maxBytes: number }): SftpLimits {
  return {
    maxFiles: 200,
    maxBytesUnderWay: given.maxBytes * 8,
    maxConnections: 500,
    maxConnectionsPerPartner: 64,
    maxStrangers: 128,
    maxStrangersPerAddress: 64,
    maxHandles: 128,
    maxHandlesPerPartner: 256,
    maxHandlesInAll: 4096,
    idleMs: 300_000,
    uploadMs: 900_000,
    loginMs: 10_000,
    maxLoginFailures: 5,
    failDelayMs: 1_000,
    closeMs: 10_000,
    retryMs: 5_000,
    lookMs: 20_000,
    silenceMs: 120_000,
    keepSentMs: 30 * 24 * 3_600_000,
    maxUnread: 20_000,
    maxCopiesPerDay: 256 * 1024 * 1024,
    temporaryEndings: usualTemporaryEndings,
    ...given,
  }
}
