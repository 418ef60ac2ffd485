// run — the private folder of one run of the hub, and what a dead run left in it.
//
//   <root>/.hub/<host>~<pid>~<random>/in/<random>                          being written: worthless once the run is dead
//   <root>/.hub/<host>~<pid>~<random>/taking/<partnerId>/<random>~<name>   complete and claimed: taken again by the next run
//
// A run of this host whose process is gone is dead at once; a run of another host (shared volume) after a day of
// silence.
import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { lstat, mkdir, readdir, rename, rm, rmdir, utimes } from 'node:fs/promises'
import { isPartnerFolder, isPlainName } from '../boxes.js'

export interface ClaimedFile {
  partnerId: string
  name: string
  file: string
}

export interface Run {
  /** A path for a new file nobody else knows; not created. */
  newFile(): string
  /** Takes a complete file out of everyone's reach, in one rename. Of two who try, one gets ENOENT. */
  claim(file: string, partnerId: string, name: string): Promise<ClaimedFile>
  /** Claims what dead runs had claimed, and deletes what they were still writing. */
  inherit(): Promise<ClaimedFile[]>
  /** Tells other hosts that this run lives. */
  beat(): Promise<void>
  /** Removes the folder when nothing is left in it. */
  close(): Promise<void>
}

const foreignSilenceMs = 24 * 3_600_000

export async function startRun(root: string): Promise<Run> {
  const hub = join(root, '.hub')
  const id = `${hostname().replace(/[^A-Za-z0-9.-]/g, '_')}~${process.pid}~${randomBytes(6).toString('hex')}`
  const home = join(hub, id)
  await mkdir(join(home, 'in'), { recursive: true, mode: 0o700 })
  await mkdir(join(home, 'taking'), { mode: 0o700 })
  living.add(id)

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
    async inherit() {
      const claimed: ClaimedFile[] = []
      for (const other of await readdir(hub)) {
        if (living.has(other) || !(await isDead(other, hub))) continue
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
    async beat() {
      await utimes(home, new Date(), new Date()).catch(() => undefined)
    },
    async close() {
      living.delete(id)
      await rm(join(home, 'in'), { recursive: true, force: true })
      await removeEmpty(home)
    },
  }
}

/** Runs of this very process. */
const living = new Set<string>()

async function isDead(run: string, hub: string): Promise<boolean> {
  const [host, pid] = run.split('~')
  if (host !== hostname().replace(/[^A-Za-z0-9.-]/g, '_')) {
    const stat = await lstat(join(hub, run)).catch(() => undefined)
    return stat !== undefined && Date.now() - stat.mtimeMs > foreignSilenceMs
  }
  if (Number(pid) === process.pid) return true
  try {
    process.kill(Number(pid), 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

/** Removes empty folders only: a claimed file is never deleted here. */
async function removeEmpty(folder: string): Promise<void> {
  for (const partner of await readdir(join(folder, 'taking')).catch(() => []))
    await rmdir(join(folder, 'taking', partner)).catch(() => undefined)
  await rmdir(join(folder, 'taking')).catch(() => undefined)
  await rmdir(folder).catch(() => undefined)
}
