// archive — what was let go of from the ledger, in files beside it: one JSON line a message, each a gzip member of its
// own, so that `zcat` reads a whole file and the hub reads one message out of the middle of it.
import { open, stat, type FileHandle } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { chinaDate } from '../messages/china-time.js'
import { datedFile } from './dated-file.js'
import type { Keys } from './ledger/keys.js'
import type { ArchivePlace } from './ledger/retention.js'

/** A record of an encrypted ledger. */
interface SealedRecord {
  sealed: string
}

/** The files of one folder. A place is found again for good: files are appended to and never rewritten. */
export interface Archive {
  /** Resolves once all of them are on disk (fsync), in order. Never touches what an earlier file holds. */
  append(records: readonly object[]): Promise<ArchivePlace[]>
  /** @throws Error when there is no such folder */
  check(): Promise<void>
  /** @throws Error (ENOENT …, or of gzip or JSON) when it cannot be read as it was written */
  read(place: ArchivePlace): Promise<unknown>
  close(): Promise<void>
}

/**
 * A file is not written to beyond this size, nor after the process that began it: what a crash cut off stands at its
 * end, and is nobody's place.
 */
const longestFile = 1 << 30
const [zip, unzip] = [promisify(gzip), promisify(gunzip)]

/** The archive in `dir`, which must be there: made here, a share that is not mounted would fill the disk below it. */
export function createArchive({
  dir,
  sealing,
  now = () => new Date(),
}: {
  dir: string
  /** How records are encrypted where the ledger is. Absent: they are not. */
  sealing?: Pick<Keys, 'sealText' | 'openText'>
  now?: () => Date
}): Archive {
  /** A line of its own form where it is encrypted, so that whoever reads the file sees what it is. */
  async function written(record: object): Promise<string> {
    const text = JSON.stringify(record)
    const sealed = sealing ? await sealing.sealText(text) : text
    return sealed === text ? text : JSON.stringify({ sealed } satisfies SealedRecord)
  }

  async function read(line: string): Promise<unknown> {
    const record = JSON.parse(line) as object
    if (!('sealed' in record) || typeof record.sealed !== 'string') return record
    if (!sealing) throw new Error('it is encrypted')
    return JSON.parse(await sealing.openText(record.sealed)) as unknown
  }

  let current: { handle: FileHandle; file: string; end: number; day: string } | undefined

  async function begin(): Promise<NonNullable<typeof current>> {
    const time = now()
    const file = await datedFile(dir, { word: 'messages', ending: '.jsonl.gz' }, time)
    // It holds what partners have filed: for the hub's own user alone.
    const handle = await open(join(dir, file), 'wx', 0o600)
    const folder = await open(dir)
    // The file's name, too, must survive a power cut.
    await folder.sync().finally(() => folder.close())
    return { handle, file, end: 0, day: chinaDate(time) }
  }

  async function close(): Promise<void> {
    const closing = current
    current = undefined
    await closing?.handle.close()
  }

  return {
    async check() {
      if (!(await stat(dir)).isDirectory()) throw new Error(`${dir} is no folder`)
    },
    async append(records) {
      const members = await Promise.all(records.map(async (record) => zip(`${await written(record)}\n`)))
      if (current && (current.end > longestFile || current.day !== chinaDate(now()))) await close()
      const into = (current ??= await begin())
      try {
        let position = into.end
        const places = members.map(({ length }) => ({
          file: into.file,
          position: (position += length) - length,
          length,
        }))
        const all = Buffer.concat(members)
        for (let written = 0; written < all.length;)
          written += (await into.handle.write(all, written, all.length - written, into.end + written)).bytesWritten
        await into.handle.sync()
        into.end = position
        return places
      } catch (error) {
        await close().catch(() => {})
        throw error
      }
    },
    async read({ file, position, length }) {
      const handle = await open(join(dir, basename(file)))
      try {
        const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position)
        if (bytesRead < length) throw new Error(`${file} ends before byte ${position + length}`)
        return await read((await unzip(buffer)).toString())
      } finally {
        await handle.close()
      }
    },
    close,
  }
}
