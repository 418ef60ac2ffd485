// connections — one connection to a server, made when it is needed and kept; after a failure the next try waits, longer
// each time, so that a wrong password does not get the hub locked out.
import { readFile } from 'node:fs/promises'
import { openSession, type SessionSettings } from '../../ssh/session.js'
import type { FilePlace } from '../files/place.js'
import { remotePlace } from './remote-place.js'

/** The address of one SFTP server and the account to log in with. */
export interface ServerSettings extends Omit<SessionSettings, 'privateKey' | 'connectMs' | 'callMs'> {
  /** Read anew for each connection: a changed key needs no restart. */
  keyFile?: string | undefined
  transferMs: number
  limits?: Partial<Pick<SessionSettings, 'connectMs' | 'callMs'>>
}

const FIRST_WAIT_MS = 1000
const LONGEST_WAIT_MS = 60_000

/**
 * `place` rejects where the server cannot be reached. Then it rejects with the same error until the next try is due:
 * after 1 s, then twice as long each time, at most a minute.
 */
export function createConnections({ keyFile, transferMs, limits, ...server }: ServerSettings): {
  place: () => Promise<FilePlace>
  close: () => Promise<void>
} {
  let current: Promise<{ place: FilePlace; lost: () => boolean }> | undefined
  let waitMs = FIRST_WAIT_MS
  /** By a clock that nobody sets. */
  let notBefore = 0
  let last: unknown

  async function connect(): Promise<{ place: FilePlace; lost: () => boolean }> {
    if (performance.now() < notBefore) throw last
    try {
      const privateKey = keyFile === undefined ? undefined : await readFile(keyFile)
      const session = await openSession({ connectMs: 10_000, callMs: 15_000, ...limits, ...server, privateKey })
      waitMs = FIRST_WAIT_MS
      return { place: remotePlace(session, transferMs), lost: () => session.lost }
    } catch (error) {
      last = error
      notBefore = performance.now() + waitMs
      waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS)
      throw error
    }
  }

  async function place(): Promise<FilePlace> {
    const mine = (current ??= connect())
    try {
      const { place: open, lost } = await mine
      if (!lost()) return open
    } catch (error) {
      if (current === mine) current = undefined
      throw error
    }
    if (current === mine) current = undefined
    return place()
  }

  return {
    place,
    async close() {
      const open = await current?.catch(() => undefined)
      current = undefined
      if (open && !open.lost()) await open.place.close()
    },
  }
}
