// fleet — several hubs of the same build on one PostgreSQL, one Redis and one agency, with the same demo partner.
import { copyFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { startHub, type RunningHub } from './hub.js'
import { freePort, ownAgency, ownRedis, type OwnAgency, type OwnRedis } from './neighbours.js'
import { tempDir } from './temp.js'

export interface Fleet<Neighbour = OwnRedis> {
  hubs: RunningHub[]
  agency: OwnAgency
  redis: Neighbour
}

export interface FleetLine {
  self: string
  hubs: { process: string; roles: string[] }[]
  leases: { name: string; holder?: string; token: number }[]
}

export const fleetSeenBy = async (hub: RunningHub) => (await hub.ops<{ fleet: FleetLine }>('/ops/status')).fleet

export interface FleetOptions {
  count?: number
  policy?: object
  env?: Record<string, string>
  /** Of hub.yaml, beside the agencies. */
  config?: object
  /** Of each hub, as HUB_ROLES says them; absent: all. */
  roles?: string[]
}

/** The agency posts its receipts to the last of them. Absent a Redis of the test's own they get one. */
export async function startFleet(databaseUrl: string, options?: FleetOptions): Promise<Fleet>
export async function startFleet<Neighbour extends { url: string }>(
  databaseUrl: string,
  options: FleetOptions | undefined,
  redis: Neighbour,
): Promise<Fleet<Neighbour>>
export async function startFleet(
  databaseUrl: string,
  { roles, count = roles?.length ?? 2, policy = {}, env = {}, config = {} }: FleetOptions = {},
  given?: { url: string },
): Promise<Fleet<{ url: string }>> {
  const ports = await Promise.all(Array.from({ length: count }, () => freePort()))
  const redis = given ?? (await ownRedis())
  const agency = await ownAgency({ hubPort: ports.at(-1)!, policy })
  const hubs: RunningHub[] = []
  for (const [i, httpPort] of ports.entries()) {
    const dataDir = await tempDir('hub')
    // Keys are the partner's and the operator's, whichever hub they are shown to; and the door is the same to its eyes.
    for (const file of ['demo.env', 'demo_sftp_key', 'demo_sftp_key.pub', 'sftp_host_key'])
      if (hubs[0] && existsSync(join(hubs[0].dataDir, file)))
        await copyFile(join(hubs[0].dataDir, file), join(dataDir, file))
    hubs.push(
      await startHub({
        dataDir,
        config: { ...agency.config, ...config },
        httpPort,
        env: {
          ...agency.env,
          REDIS_URL: redis.url,
          DATABASE_URL: databaseUrl,
          ...(roles ? { HUB_ROLES: roles[i]! } : {}),
          ...env,
        },
      }),
    )
  }
  return { hubs, agency, redis }
}
