// zip — a zip of many files for tests, made at once; and one taken apart.
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { deflateRawSync } from 'node:zlib'
import { fromBuffer, type Entry, type ZipFile } from 'yauzl'
import { zipOfPacked } from '../../adapters/zip.js'

export const zipOf = (files: readonly (readonly [name: string, content: string | Buffer])[]): Buffer =>
  zipOfPacked(
    files.map(([name, content]) => {
      const bytes = Buffer.from(content)
      return { name, bytes, packed: deflateRawSync(bytes) }
    }),
  )

/** The files of a zip, written below a folder of the test's own. */
export async function unzipped(zip: Buffer, dir: string): Promise<string> {
  const file = await promisify<Buffer, object, ZipFile>(fromBuffer)(zip, { lazyEntries: true })
  await new Promise<void>((resolve, reject) => {
    file.on('entry', (entry: Entry) => {
      file.openReadStream(entry, (error, stream) => {
        if (error) return reject(error)
        void buffer(stream).then(async (bytes) => {
          await mkdir(dirname(join(dir, entry.fileName)), { recursive: true })
          await writeFile(join(dir, entry.fileName), bytes)
          file.readEntry()
        }, reject)
      })
    })
    file.once('end', resolve).once('error', reject)
    file.readEntry()
  })
  return dir
}
