// volume — the disk a folder lies on: which one it is, and what is free there.
import { stat, statfs } from 'node:fs/promises'

/** What a look at a folder's disk gives. */
export interface Volume {
  /** The same number for folders on the same disk. */
  device: number
  /** Bytes this user can still write. */
  freeBytes: number
}

/** @throws Error of the system (ENOENT …); on a share that hangs it does not come back */
export async function volumeOf(dir: string): Promise<Volume> {
  const [{ dev }, { bavail, bsize }] = await Promise.all([stat(dir), statfs(dir)])
  return { device: dev, freeBytes: bavail * bsize }
}
