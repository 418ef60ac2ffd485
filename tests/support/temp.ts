// temp — private folders for tests, gone when the test or its file is over, or the run is broken off.
import { rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** Those of a run that is broken off go with its process. */
const left = new Set<string>()
process.on('exit', () => {
  for (const dir of left)
    try {
      rmSync(dir, { recursive: true, force: true, maxRetries: 3 })
    } catch {
      // Somebody still writes there; the rest goes.
    }
})

export interface Folder {
  path: string
  remove(): Promise<void>
}

/** Of several tests: who makes it removes it. Its name is short: Unix sockets may live in it. */
export async function newFolder(name = 'hub'): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), `${name}-`))
  left.add(path)
  return {
    path,
    async remove() {
      await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
      left.delete(path)
    },
  }
}

/** Of one test. */
export async function tempDir(name?: string): Promise<string> {
  const { path, remove } = await newFolder(name)
  onTestFinished(remove)
  return path
}
