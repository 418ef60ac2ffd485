// descriptors — how many files and connections this process may have open (RLIMIT_NOFILE), and who gets how many of
// them. A door that could take them all would leave none for the ledger.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** What POSIX systems grant by default; taken where it cannot be asked for. */
const usualLimit = 1024
/** More is not needed, and tables of that size cost memory. */
const mostUsed = 65_536

/** Numbers of descriptors; together they leave room for the ledger, the log and Redis. */
export interface DescriptorShares {
  /** Connections to the HTTP door, all together, and those of one address that have not shown a key. */
  http: number
  httpStrangersPerAddress: number
  /** SFTP connections that have logged in, and of one partner. */
  sftp: number
  sftpPerPartner: number
  /** SFTP connections that have not logged in, and of one address. */
  sftpStrangers: number
  sftpStrangersPerAddress: number
  /** Files open over SFTP, of all partners and of one. */
  handles: number
  handlesPerPartner: number
}

/** The soft limit of this process. Node raises it to the hard one when it starts. */
export function descriptorLimit(): number {
  return fromProc() ?? fromShell() ?? usualLimit
}

function fromProc(): number | undefined {
  try {
    return asLimit(/^Max open files\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1])
  } catch {
    return undefined
  }
}

/** A child has the limits of its parent. */
function fromShell(): number | undefined {
  try {
    return asLimit(execFileSync('/bin/sh', ['-c', 'ulimit -n'], { encoding: 'utf8', timeout: 2_000 }).trim())
  } catch {
    return undefined
  }
}

const asLimit = (text: string | undefined): number | undefined =>
  text === 'unlimited' ? mostUsed : /^\d+$/.test(text ?? '') ? Number(text) : undefined

/**
 * A quarter for HTTP, a quarter for files over SFTP, an eighth and a sixteenth for its connections; the rest is the
 * hub's own.
 */
export function descriptorShares(limit: number): DescriptorShares {
  const all = Math.min(limit, mostUsed)
  const share = (part: number, most: number) => Math.max(4, Math.min(most, Math.floor(all / part)))
  const [http, sftp, sftpStrangers, handles] = [share(4, 8192), share(8, 2048), share(16, 512), share(4, 8192)]
  return {
    http,
    httpStrangersPerAddress: Math.max(4, Math.min(256, Math.floor(http / 4))),
    sftp,
    sftpPerPartner: Math.max(2, Math.min(64, Math.floor(sftp / 2))),
    sftpStrangers,
    sftpStrangersPerAddress: Math.max(2, Math.min(64, Math.floor(sftpStrangers / 2))),
    handles,
    handlesPerPartner: Math.max(2, Math.min(256, Math.floor(handles / 4))),
  }
}
