// run — the private folder of one run of the hub, and what a dead run left in it.
//
//   <root>/.hub/<host>~<pid>~<random>/in/<random>                          being written: worthless once the run is dead
//   <root>/.hub/<host>~<pid>~<random>/taking/<partnerId>/<random>~<name>   complete and claimed: taken by another run
//   <root>/.hub/<host>~<pid>~<random>/alive                                touched while it lives
//
// At the start of a run, one of this host whose process is gone is dead at once. Any other, and each while this run
// goes on (a shared volume; a process number that somebody else has now; containers of one host name), is dead when
// nobody has touched its `alive` for two minutes by this hub's own clock: two machines need not agree what time it is.
// One that only stood still loses nothing by that: whatever of it is taken twice gets one answer, and it makes its
// folder again.
import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { lstat, mkdir, readdir, rename, rm, rmdir, utimes, writeFile } from 'node:fs/promises'
import { isPartnerFolder, isPlainName } from '../boxes.js'

/** A complete upload nobody else has. `file` is its path in the run's folder, `name` what the partner called it. */
export interface ClaimedFile {
  partnerId: string
  name: string
  file: string
}

/** One run of the hub over a root that several hubs may share. */
export interface Run {
  /** A path for a new file nobody else knows; not created. */
  newFile(): string
  /** Takes a complete file out of everyone's reach, in one rename. Of two who try, one gets ENOENT. */
  claim(file: string, partnerId: string, name: string): Promise<ClaimedFile>
  /**
   * Claims what dead runs had claimed, and deletes what they were still writing. A silent one is dead at a later look.
   * @param starting this run begins: what the one before it on this host has left is taken at once
   */
  inherit(starting: boolean): Promise<ClaimedFile[]>
  /** Tells the others that this run lives. */
  beat(): Promise<void>
  /** Removes the folder when nothing is left in it. */
  close(): Promise<void>
}

/** Of a run of an older hub, which has no `alive` and touches its folder once an hour. */
const oldSilenceMs = 24 * 3_600_000

/**
 * Makes the folder of this run below `root`, which must be on one file system with the mailboxes: a claim is a rename.
 * @param silenceMs how long a run that another hub knows nothing else of has been silent when it is dead
 */
export async function startRun(root: string, silenceMs: number): Promise<Run> {
  const hub = join(root, '.hub')
  const id = `${hostname().replace(/[^A-Za-z0-9.-]/g, '_')}~${process.pid}~${randomBytes(6).toString('hex')}`
  const home = join(hub, id)
  const isDead = createIsDead(hub, silenceMs)

  /** Makes what is not there: this run may have been taken for dead, and its folder away. */
  async function beat(): Promise<void> {
    await mkdir(join(home, 'in'), { recursive: true, mode: 0o700 })
    await mkdir(join(home, 'taking'), { recursive: true, mode: 0o700 })
    await writeFile(join(home, 'alive'), '', { flag: 'a', mode: 0o600 })
    for (const path of [join(home, 'alive'), home]) await utimes(path, new Date(), new Date())
  }
  living.add(id)
  await beat()

  const claim: Run['claim'] = async (file, partnerId, name) => {
    if (!isPartnerFolder(partnerId) || !isPlainName(name)) throw new Error('not a claimable name')
    await mkdir(join(home, 'taking', partnerId), { recursive: true, mode: 0o700 })
    const claimed = join(home, 'taking', partnerId, `${randomBytes(6).toString('hex')}~${name}`)
    await rename(file, claimed)
    return { partnerId, name, file: claimed }
  }
  return {
    newFile: () => join(home, 'in', randomBytes(12).toString('hex')),
    claim,
    async inherit(starting) {
      const claimed: ClaimedFile[] = []
      for (const other of await readdir(hub)) {
        if (living.has(other) || !(await isDead(other, starting))) continue
        const taking = join(hub, other, 'taking')
        for (const partnerId of await readdir(taking).catch(() => [])) {
          for (const entry of await readdir(join(taking, partnerId)).catch(() => [])) {
            // Another hub process starting now may be quicker; then the rename fails and the file is its business.
            const one = await claim(
              join(taking, partnerId, entry),
              partnerId,
              entry.slice(entry.indexOf('~') + 1),
            ).catch(() => undefined)
            if (one) claimed.push(one)
          }
        }
        await rm(join(hub, other, 'in'), { recursive: true, force: true })
        await removeEmpty(join(hub, other))
      }
      return claimed
    },
    beat,
    async close() {
      living.delete(id)
      await rm(join(home, 'in'), { recursive: true, force: true })
      await removeEmpty(home)
    },
  }
}

/** Runs of this very process. */
const living = new Set<string>()

/** Remembers since when each has been silent, from one look to the next. */
function createIsDead(hub: string, silenceMs: number): (run: string, starting: boolean) => Promise<boolean> {
  const watched = new Map<string, { touched: number; since: number }>()
  return async function isDead(run, starting) {
    const [host, pid] = run.split('~')
    const here = host === hostname().replace(/[^A-Za-z0-9.-]/g, '_')
    const gone = here && (Number(pid) === process.pid || !isThere(Number(pid)))
    if (gone && starting) return true
    const touched = (await lstat(join(hub, run, 'alive')).catch(() => undefined))?.mtimeMs
    if (touched === undefined) {
      watched.delete(run)
      if (here) return gone
      const stat = await lstat(join(hub, run)).catch(() => undefined)
      return stat !== undefined && Date.now() - stat.mtimeMs > oldSilenceMs
    }
    const before = watched.get(run)
    if (before?.touched === touched) return performance.now() - before.since >= silenceMs
    watched.set(run, { touched, since: performance.now() })
    return false
  }
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

/** Removes a folder with nothing left in it: a claimed file is never deleted here. */
async function removeEmpty(folder: string): Promise<void> {
  for (const partner of await readdir(join(folder, 'taking')).catch(() => []))
    await rmdir(join(folder, 'taking', partner)).catch(() => undefined)
  const left = await rmdir(join(folder, 'taking')).then(
    () => false,
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT',
  )
  if (left) return
  await rm(join(folder, 'alive'), { force: true })
  await rmdir(folder).catch(() => undefined)
}
