// acceptance — durable acceptance over HTTP: 64 connections, the CEB621 sample, every message new. The hub runs its
// doors only (HUB_ROLES=doors), so that what is measured is taking a message, up to its job in the queue.
import { drive } from './support/drive.mjs'
import { startHub } from './support/hub.mjs'

export async function acceptance(seconds) {
  const hub = await startHub({ HUB_ROLES: 'doors' })
  try {
    const orders = { pid: hub.pid, url: `${hub.url}/v1/messages`, headers: hub.headers, connections: 64 }
    await drive({ ...orders, seconds: Math.min(2, seconds) })
    const result = await drive({ ...orders, seconds, prepared: Math.ceil(seconds * 3000) })
    const wrong = Object.keys(result.statuses).filter((status) => status !== '202')
    if (wrong.length > 0 || result.failed > 0)
      throw new Error(`acceptance answered ${JSON.stringify(result.statuses)}, ${result.failed} failed`)
    return result
  } finally {
    await hub.stop()
  }
}
