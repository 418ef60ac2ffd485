// temp — a private folder for a test, gone when the test is over.
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

/** Made below the system's temporary folder with a short name: Unix sockets may live in it. */
export async function tempDir(name = 'hub'): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), `${name}-`))
  left.add(dir)
  onTestFinished(async () => {
    await rm(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
    left.delete(dir)
  })
  return dir
}
