// private-folder — folders and files of the hub's own user alone, whatever the umask and whoever made the folder around
// them.
import { accessSync, chmodSync, constants, existsSync, lstatSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

/** A folder that cannot be used: why, and what to do, in one sentence. */
export class FolderError extends Error {
  override name = 'FolderError'
}

/**
 * Makes a folder and those above it that are missing, for this user alone. Step by step: where the system says that the
 * folder to make it in is not there though it is (as below /proc), Node's own recursive mkdir tries for ever.
 * @throws Error of the system (EACCES, ENOTDIR, ENOENT …)
 */
export function makeFolder(dir: string): void {
  const missing: string[] = []
  for (let at = resolve(dir); !existsSync(at); at = dirname(at)) missing.push(at)
  for (const one of missing.reverse()) {
    try {
      mkdirSync(one, { mode: 0o700 })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
}

/** Folders and files the hub keeps in its data folder; all else there is the operator's. */
const ownFolders = ['sftp', 'redis', 'backups']
const ownFiles = /^(ledger.*\.db(-wal|-shm)?|hub\.log|simulator\.(jsonl|log)|demo\.env|webhook\.key|.*_key)$/

/**
 * Makes the data folder where it is missing, and sees that it can be used. What the hub has in it becomes its user's
 * alone: an older hub, or a wide umask, may have left it readable for everybody. The folder itself stays as its owner
 * made it.
 * @throws FolderError
 */
export function prepareDataFolder(dir: string): void {
  try {
    makeFolder(dir)
    seeUsable(dir)
  } catch (error) {
    throw new FolderError(unusable(dir, error as NodeJS.ErrnoException))
  }
  for (const name of ownFolders) tighten(join(dir, name), 0o700)
  for (const name of readdirSync(dir)) if (ownFiles.test(name)) tighten(join(dir, name), 0o600)
  const backups = join(dir, 'backups')
  if (existsSync(backups))
    for (const name of readdirSync(backups)) if (ownFiles.test(name)) tighten(join(backups, name), 0o600)
}

/**
 * The folder, or the nearest above it where it is missing: sees that the hub could use or make it, and changes nothing.
 * @returns the one that is there
 * @throws FolderError
 */
export function usableFolder(dir: string): string {
  let there = resolve(dir)
  while (!existsSync(there)) there = dirname(there)
  try {
    seeUsable(there)
  } catch (error) {
    throw new FolderError(unusable(dir, error as NodeJS.ErrnoException))
  }
  return there
}

function seeUsable(dir: string): void {
  if (!statSync(dir).isDirectory()) throw Object.assign(new Error('not a folder'), { code: 'ENOTDIR' })
  accessSync(dir, constants.R_OK | constants.W_OK | constants.X_OK)
}

/** Never follows a link, and leaves alone what another user owns. */
function tighten(path: string, mode: number): void {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  if (!stat || stat.isSymbolicLink() || stat.uid !== (process.getuid?.() ?? stat.uid)) return
  if ((stat.mode & 0o777 & ~mode) !== 0) chmodSync(path, mode)
}

function unusable(dir: string, { code = '', message }: NodeJS.ErrnoException): string {
  let there = resolve(dir)
  while (!existsSync(there)) there = dirname(there)
  const { uid } = statSync(there)
  const me = process.getuid?.()
  const foreign = me !== undefined && uid !== me && ['EACCES', 'EPERM'].includes(code)
  const why = foreign
    ? `${there} belongs to user ${uid}, and this process runs as user ${me}`
    : ({
        EACCES: `${there} may not be written`,
        EROFS: `${there} is on a disk that is mounted read-only`,
        ENOTDIR: `${there} is not a folder`,
      }[code] ?? `${there}: ${code || message}`)
  return (
    `the data folder ${dir} cannot be used (${why}). Give this user the right to write there, or choose another ` +
    `folder with HUB_DATA or --data. 数据目录 ${dir} 无法使用，请检查权限或改用其他目录。`
  )
}
