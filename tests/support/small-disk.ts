// small-disk — a file system of its own that a test can fill to the last byte: memory, mounted. Only root on Linux may.
import { execFileSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

export interface SmallDisk {
  /** Until not one byte more can be written. */
  fill(): void
  free(): void
}

const mounted = new Set<string>()
function unmount(dir: string): void {
  // Lazily: who was killed may hold files of it for a moment.
  if (mounted.delete(dir)) execFileSync('umount', ['-l', dir], { stdio: 'ignore' })
}
// Before anybody removes the folders.
process.prependListener('exit', () => [...mounted].reverse().forEach(unmount))

/** Mounted at this folder, gone when the test is over. Undefined where that cannot be done. */
export function smallDisk(dir: string, megabytes: number): SmallDisk | undefined {
  mkdirSync(dir, { recursive: true })
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0755`, 'tmpfs', dir], { stdio: 'ignore' })
  } catch {
    return undefined
  }
  mounted.add(dir)
  onTestFinished(() => unmount(dir))
  const filler = join(dir, '.filler')
  return {
    fill() {
      const fd = openSync(filler, 'a')
      try {
        for (let size = 1 << 20; size >= 1;) {
          try {
            if (writeSync(fd, Buffer.alloc(size)) < size) size = Math.floor(size / 2)
          } catch {
            size = Math.floor(size / 2)
          }
        }
      } finally {
        closeSync(fd)
      }
    },
    free: () => rmSync(filler, { force: true }),
  }
}
