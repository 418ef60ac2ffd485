// folder-mark — a folder of mailboxes is known by what stands in it, wherever a hub has it mounted.
import { randomBytes } from 'node:crypto'
import { link, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Made by the first hub that asks; two that ask at once get the same. */
export async function folderMark(root: string): Promise<string> {
  const file = join(root, '.folder')
  const made = `${file}~${randomBytes(6).toString('hex')}`
  await writeFile(made, randomBytes(4).toString('hex'), { mode: 0o600, flag: 'wx' })
  try {
    await link(made, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
  } finally {
    await rm(made, { force: true })
  }
  return (await readFile(file, 'utf8')).trim()
}
