// open-zip — the message and the number of attachments in a zip, as the client opens it: `<same base>.xml` must be
// there.
import { fromBuffer, type Entry, type ZipFile } from 'yauzl'

/** Undefined when it is no zip, or holds no file of the wanted name. */
export async function openZip(
  bytes: Buffer,
  wanted: string,
): Promise<{ message: Buffer; attachments: number } | undefined> {
  try {
    const zip = await new Promise<ZipFile>((resolve, reject) =>
      fromBuffer(bytes, { lazyEntries: true }, (error, opened) => (error ? reject(error) : resolve(opened))),
    )
    let message: Buffer | undefined
    let attachments = 0
    for (let entry = await next(zip); entry; entry = await next(zip)) {
      // Every file is inflated: a damaged one is found here.
      const content = await inflate(zip, entry)
      if (entry.fileName === wanted) message = content
      else attachments++
    }
    return message && { message, attachments }
  } catch {
    return undefined
  }
}

const next = (zip: ZipFile) =>
  new Promise<Entry | undefined>((resolve, reject) => {
    zip
      .once('entry', resolve)
      .once('end', () => resolve(undefined))
      .once('error', reject)
    zip.readEntry()
  })

const inflate = async (zip: ZipFile, entry: Entry): Promise<Buffer> => {
  const stream = await new Promise<NodeJS.ReadableStream>((resolve, reject) =>
    zip.openReadStream(entry, (error, opened) => (error ? reject(error) : resolve(opened))),
  )
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
