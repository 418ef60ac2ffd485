// shared-hub — one hub for a whole test file, for files whose tests ask whether one case disturbs the next.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { launchHub, type HubOptions, type RunningHub } from './hub.js'

/** For `beforeAll`: the hub, and what `beforeAll` must return so that it is stopped and its folder removed. */
export async function sharedHub(options: HubOptions = {}): Promise<{ hub: RunningHub; remove: () => Promise<void> }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'hub-'))
  const hub = await launchHub({ ...options, dataDir })
  return {
    hub,
    async remove() {
      await hub.stop('SIGKILL')
      await rm(dataDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
    },
  }
}
