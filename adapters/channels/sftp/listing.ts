// listing — how files and folders look to a client: attributes, `ls -l` lines, and pages that any client can take.
import type { Dir, Stats } from 'node:fs'
import { lstat, opendir } from 'node:fs/promises'
import { boxes, type Box } from '../boxes.js'
import type { Mailbox } from './mailbox.js'

/** A name as a client is shown it; `longname` is a line as `ls -l` writes it. */
export interface Entry {
  filename: string
  longname: string
  attrs: Attributes
}
/** As the SFTP protocol has them: sizes in bytes, times in seconds since 1970. */
export interface Attributes {
  mode: number
  uid: number
  gid: number
  size: number
  atime: number
  mtime: number
}

/** draft-ietf-secsh-filexfer-02, 3: every implementation takes packets of 34,000 bytes; a page stays below. */
const pageBytes = 30_000

/** A folder of the partner's alone (mode 0700); its time is now. */
export const folderAttributes = (): Attributes => ({
  mode: 0o40700,
  uid: 0,
  gid: 0,
  size: 0,
  atime: seconds(Date.now()),
  mtime: seconds(Date.now()),
})
/** A plain file of the partner's alone (mode 0600); `size` in bytes. */
export const fileAttributes = (size: number, mtimeMs: number): Attributes => ({
  mode: 0o100600,
  uid: 0,
  gid: 0,
  size,
  atime: seconds(mtimeMs),
  mtime: seconds(mtimeMs),
})
/** What a client is shown of a file on our disk: its size and time, no owner and no mode of ours. */
export const attributesOf = (stat: Stats): Attributes => fileAttributes(stat.size, stat.mtimeMs)

/** One folder being listed; it holds a file descriptor until it is closed. */
export interface Listing {
  /** The next page; empty at the end. Reads the folder as it goes, so 100,000 files cost one page of memory. */
  page(): Promise<Entry[]>
  close(): Promise<void>
}

/** The four folders of a mailbox; there is nothing else at the root. */
export function listRoot(): Listing {
  let left = boxes.map((box) => entry(box, folderAttributes()))
  return { page: async () => left.splice(0), close: async () => void (left = []) }
}

/** The plain files of one folder, in the order the disk gives them. Rejects when the folder cannot be opened. */
export async function listBox(mailbox: Mailbox, box: Box): Promise<Listing> {
  const folder: Dir = await opendir(mailbox.folder(box), { bufferSize: 128 })
  let over = false
  const close = async (): Promise<void> => {
    if (!over) await folder.close()
    over = true
  }
  return {
    close,
    async page() {
      const page: Entry[] = []
      let bytes = 0
      while (!over && bytes < pageBytes - 700) {
        const found = await folder.read()
        if (!found) await close()
        else if (found.isFile()) {
          // Gone since it was read, or not a plain file: not there.
          const stat = await lstat(mailbox.path(box, found.name)).catch(() => undefined)
          if (!stat?.isFile()) continue
          const one = entry(found.name, attributesOf(stat))
          page.push(one)
          bytes += Buffer.byteLength(one.filename) + Buffer.byteLength(one.longname) + 40
        }
      }
      return page
    },
  }
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** The `ls -l` line some clients parse instead of the attributes. */
export function entry(filename: string, attrs: Attributes): Entry {
  const time = new Date(attrs.mtime * 1000)
  const recent = Math.abs(Date.now() - time.getTime()) < 180 * 24 * 3_600_000
  const two = (n: number): string => String(n).padStart(2, '0')
  const when = recent ? `${two(time.getUTCHours())}:${two(time.getUTCMinutes())}` : ` ${time.getUTCFullYear()}`
  const kind = attrs.mode & 0o40000 ? 'drwx------' : '-rw-------'
  const longname =
    `${kind} 1 hub hub ${String(attrs.size).padStart(12)} ${months[time.getUTCMonth()]} ` +
    `${String(time.getUTCDate()).padStart(2)} ${when} ${filename}`
  return { filename, longname, attrs }
}

function seconds(ms: number): number {
  return Math.max(0, Math.floor(ms / 1000))
}
