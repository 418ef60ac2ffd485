// boxes — the directories a simulated Single Window client (or an agency's program behind an SFTP server) works on.
import { mkdir, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Paths of the folders of one import folder. */
export interface Boxes {
  out: string
  /** Absent: what was taken is deleted. */
  sent?: string
  fail?: string
  in: string
}

/** One folder a service below the root, each with the client's four boxes. Folders that are named are made. */
export async function importFolders(root: string, folders: string[]): Promise<Boxes[]> {
  for (const folder of folders)
    for (const box of ['OutBox', 'SentBox', 'InBox', 'FailBox'])
      await mkdir(join(root, folder, box), { recursive: true })
  const found: Boxes[] = []
  for (const folder of await readdir(root)) {
    const box = (name: string) => join(root, folder, name)
    if (await there(box('OutBox')))
      found.push({ out: box('OutBox'), sent: box('SentBox'), fail: box('FailBox'), in: box('InBox') })
  }
  return found
}

/** A drop and a pick-up directory. */
export async function dropFolders({ drop, pickUp }: { drop: string; pickUp: string }): Promise<Boxes[]> {
  for (const dir of [drop, pickUp]) await mkdir(dir, { recursive: true })
  return [{ out: drop, in: pickUp }]
}

const there = (path: string) =>
  stat(path).then(
    (s) => s.isDirectory(),
    () => false,
  )
