// save-attachments — the files of a receipt, written into a directory: whole and as they came, or not at all.
import { createHash } from 'node:crypto'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { attachedName } from '../../messages/attached.js'
import type { Receipt } from '../../messages/receipt.js'
import { CliError, type Client } from './client.js'

/**
 * Writes `<receipt id>_<name>` for each; a file of that name is replaced.
 * @returns the paths
 * @throws CliError where a file is not what its receipt says
 */
export async function saveAttachments(client: Client, receipt: Receipt, dir: string): Promise<string[]> {
  const files: string[] = []
  for (const { name, sha256, href, missing } of receipt.attachments ?? []) {
    if (missing || href === undefined) continue
    const bytes = Buffer.from(await (await client.call(href)).arrayBuffer())
    if (sha256 !== undefined && createHash('sha256').update(bytes).digest('hex') !== sha256)
      throw new CliError(
        `${name} of receipt ${receipt.receiptId} did not arrive whole. Try again. 附件传输不完整，请重试。`,
      )
    await mkdir(dir, { recursive: true })
    const path = join(dir, `${receipt.receiptId}_${attachedName(name)}`)
    await writeFile(`${path}.part`, bytes)
    await rename(`${path}.part`, path)
    files.push(path)
  }
  return files
}
