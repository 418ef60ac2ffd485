// temp — private folders for tests, gone when the test or its file is over, or the run is broken off.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { goesWithUs } from './ends-with-us.js'

export interface Folder {
  path: string
  remove(): Promise<void>
}

/** Of several tests: who makes it removes it. Its name is short: Unix sockets may live in it. */
export async function newFolder(name = 'hub'): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), `${name}-`))
  goesWithUs(path)
  return {
    path,
    remove: () => rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }),
  }
}

/** Of one test. */
export async function tempDir(name?: string): Promise<string> {
  const { path, remove } = await newFolder(name)
  onTestFinished(remove)
  return path
}
