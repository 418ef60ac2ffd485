// temp — a private folder for a test, gone when the test is over.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** Made below the system's temporary folder with a short name: Unix sockets may live in it. */
export async function tempDir(name = 'hub'): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), `${name}-`))
  onTestFinished(() => rm(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }))
  return dir
}
