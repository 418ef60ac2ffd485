// reading — what is read from somebody else's SFTP server, and never more of it than was asked for.
import type { FileEntryWithStats } from 'ssh2'
import { statusOf, type SftpSession } from './session.js'

/** A file that is larger than it may be. */
export class TooLarge extends Error {
  override name = 'TooLarge'
}

/** Bytes asked for at a time. */
const chunkBytes = 262_144

/**
 * The whole file, in at most `ms` milliseconds; after that the connection is lost.
 * @throws TooLarge when it has more than `most` bytes, without reading further; the server's own error when there is no
 *   such file
 */
export function readWhole(
  { client, call }: Pick<SftpSession, 'client' | 'call'>,
  path: string,
  { most, ms }: { most: number; ms: number },
): Promise<Buffer> {
  const reading = async (): Promise<Buffer> => {
    const chunks: Buffer[] = []
    let size = 0
    for await (const chunk of client.createReadStream(path, { highWaterMark: chunkBytes }) as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > most) throw new TooLarge(`${path} is larger than ${most} bytes`)
      chunks.push(chunk)
    }
    return Buffer.concat(chunks, size)
  }
  return call(`read ${path}`, reading(), ms)
}

/** A directory has no more entries, and its names together no more bytes: a server could go on for ever. */
const most = { entries: 200_000, bytes: 32 * 1024 * 1024 }

/**
 * The entries of a directory, a page at a time as the server gives them; whoever stops early reads no further.
 * @throws Error when it has no end
 */
export async function* entriesOf(
  { sftp, call, promised }: Pick<SftpSession, 'sftp' | 'call' | 'promised'>,
  dir: string,
): AsyncGenerator<FileEntryWithStats> {
  const handle = await call(
    `open ${dir}`,
    promised<Buffer>((done) => sftp.opendir(dir, done)),
  )
  if (!handle) throw new Error(`${dir} cannot be listed`)
  const left = { ...most }
  try {
    for (;;) {
      const page = await call(
        `list ${dir}`,
        promised<FileEntryWithStats[] | false>((done) => sftp.readdir(handle, done as never)),
      ).catch((error: unknown) => {
        // SSH_FX_EOF: that was all.
        if (statusOf(error) === 1) return false as const
        throw error
      })
      if (!page) return
      left.entries -= Math.max(page.length, 1)
      left.bytes -= page.reduce((sum, { filename }) => sum + filename.length, 0)
      if (left.entries < 0 || left.bytes < 0) throw new Error(`${dir} has more than ${most.entries} entries, or no end`)
      yield* page
    }
  } finally {
    await call(
      `close ${dir}`,
      promised((done) => sftp.close(handle, done)),
    ).catch(() => undefined)
  }
}
