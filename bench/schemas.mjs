// schemas — does it matter how many schemas there are? Acceptance with the one schema of its own sample compiled, then
// the same hub with every schema of every document type compiled in every checking thread; and what that costs in
// memory, a thread.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { memoryMb } from './support/cpu.mjs'
import { drive } from './support/drive.mjs'
import { startHub } from './support/hub.mjs'

const families = fileURLToPath(new URL('../xsd/families', import.meta.url))

export async function schemas(seconds) {
  const hub = await startHub({ HUB_ROLES: 'doors' })
  try {
    const orders = { pid: hub.pid, url: `${hub.url}/v1/messages`, headers: hub.headers, connections: 64 }
    const measure = () => drive({ ...orders, seconds, prepared: Math.ceil(seconds * 3000) })
    await drive({ ...orders, seconds: Math.min(2, seconds) })
    const few = await measure()
    const fewMb = memoryMb(hub.pid)
    const documents = new Set()
    // Each several times at once, so that each thread has met each schema.
    for (const file of files()) {
      const answers = await Promise.all(Array.from({ length: 4 }, () => validate(hub, file)))
      for (const answer of answers) if (answer) documents.add(answer)
    }
    await drive({ ...orders, seconds: Math.min(2, seconds) })
    const allMb = memoryMb(hub.pid)
    const all = await measure()
    const threads = Number(/hub_check_threads (\d+)/.exec(await (await fetch(`${hub.url}/metrics`)).text())?.[1] ?? 1)
    return {
      few,
      all,
      ratio: all.cpuMs / few.cpuMs,
      documentTypes: documents.size,
      threads,
      mbPerThread: Math.max(0, allMb - fewMb) / threads,
    }
  } finally {
    await hub.stop()
  }
}

function* files() {
  for (const family of readdirSync(families)) {
    const dir = join(families, family, 'samples')
    for (const name of existsSync(dir) ? readdirSync(dir) : [])
      if (name.endsWith('.xml')) yield readFileSync(join(dir, name))
  }
}

async function validate(hub, body) {
  const response = await fetch(`${hub.url}/v1/validate`, { method: 'POST', body, headers: hub.headers })
  const { receipts } = await response.json()
  return receipts?.[0]?.documentType
}
