// shared-hub — one hub for a whole test file, or for all files of a process that want no other than the common one: a
// start takes seconds of processor. Its tests share all of it, or each is a partner of its own.
import { readFile } from 'node:fs/promises'
import { afterAll, onTestFinished } from 'vitest'
import { freePort } from './free-port.js'
import { hubAt, launchHub, type HubOptions, type RunningHub } from './hub.js'
import { launchAgency } from './neighbours.js'
import { newFolder } from './temp.js'
import { until } from './until.js'

export interface SharedHubOptions extends HubOptions {
  /** Rules for all agencies, which a simulator of their own plays in place of the demo's: it may misbehave. */
  agencyRules?: object
}

/** For `beforeAll`: the hub, and what `beforeAll` must return so that it is stopped and its folder removed. */
export async function sharedHub({ agencyRules, ...options }: SharedHubOptions = {}): Promise<{
  hub: RunningHub
  remove: () => Promise<void>
}> {
  const folder = await newFolder()
  const dataDir = folder.path
  const httpPort = options.httpPort ?? (agencyRules ? await freePort() : 0)
  const agency = agencyRules && (await launchAgency({ hubPort: httpPort, policy: agencyRules, dir: dataDir }))
  const config = { ...agency?.config, ...options.config }
  const given = { ...options, config, env: { ...agency?.env, ...options.env }, httpPort, dataDir }
  const launched = await launchHub(given)
  const hub = agency ? hubAt({ ...launched, env: { ...launched.env, HUB_SIMULATOR_URL: agency.url } }) : launched
  return {
    hub,
    async remove() {
      await hub.stop('SIGKILL')
      await agency?.stop()
      await folder.remove()
    },
  }
}

interface Taken {
  submissionId: string
}

/** The hub that nothing is set of, for all files this process runs. It ends with the process. */
let common: ReturnType<typeof sharedHub> | undefined
/** How many partners each hub has been given. */
const partnersOf = new WeakMap<RunningHub, number>()

/** For `beforeAll` of a file: the common hub, the file a partner of its own. What the operator sees is everybody's. */
export async function commonHub(): Promise<{ hub: RunningHub; remove: () => Promise<void> }> {
  const hub = await asPartnerOf((await (common ??= sharedHub())).hub)
  return { hub, remove: () => comeToRest(hub) }
}

/**
 * One hub for the tests of a file, started with the first that asks for it; without options the common one. To each
 * test it is the hub with itself as the partner: mailbox, references, SFTP folders and what the simulator has taken are
 * its own. What the operator sees is everybody's. For the top of a file: `const startHub = hubOfFile()`.
 */
export function hubOfFile(options?: SharedHubOptions): () => Promise<RunningHub> {
  let started: ReturnType<typeof sharedHub> | undefined
  afterAll(async () => (await started)?.remove())

  return async () => {
    const { hub } = await (options ? (started ??= sharedHub(options)) : (common ??= sharedHub()))
    const own = await asPartnerOf(hub)
    onTestFinished(() => comeToRest(own))
    return own
  }
}

/** The hub as a new partner has it, which may send anything. */
async function asPartnerOf(hub: RunningHub): Promise<RunningHub> {
  const number = (partnersOf.get(hub) ?? 0) + 1
  partnersOf.set(hub, number)
  const partnerId = `test${number}`
  await hub.ops('/ops/partners', {
    partnerId,
    name: `测试货运代理${number}有限公司`,
    settings: { rights: ['*'], subscriptions: 'granted' },
    sshKeys: [(await readFile(`${hub.env.HUB_SFTP_KEYFILE}.pub`, 'utf8')).trim()],
  })
  const { secret } = await hub.ops<{ secret: string }>(`/ops/partners/${partnerId}/keys`, { kind: 'http' })
  const before = new Set((await takenBy(hub)).map(({ submissionId }) => submissionId))
  const own = hubAt({
    ...hub,
    env: { ...hub.env, HUB_KEY: secret, HUB_SFTP_USER: partnerId },
    cliEnv: { HUB_KEY: secret },
    stop: () => Promise.reject(new Error('this hub is of several tests; one to be stopped is a test’s own')),
  })
  return {
    ...own,
    async simulator<T>(method: string, path: string, body?: unknown) {
      const said = await own.simulator<T & { taken?: Taken[] }>(method, path, body)
      return method === 'GET' && path === '/taken'
        ? { ...said, taken: said.taken!.filter(({ submissionId }) => !before.has(submissionId)) }
        : said
    },
  }
}

const takenBy = async (hub: RunningHub) => (await hub.simulator<{ taken: Taken[] }>('GET', '/taken')).taken

/**
 * What a test leaves under way would be taken in the next one's time; how the agencies were told to behave ends with
 * it.
 */
async function comeToRest(hub: RunningHub): Promise<void> {
  await hub.simulator('DELETE', '/control')
  await until('everything to be with the agencies', async () => {
    const { messages } = await hub.read<{ messages: { state: string }[] }>('/v1/messages?limit=100')
    return messages.every(({ state }) => state !== 'accepted')
  })
}
