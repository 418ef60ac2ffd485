// The rules for agencies as the ops team meets them: pausing, closings, the breaker's curve, and a configuration that
// changes while messages flow. Nothing is lost and nothing is sent twice. (promises 2, 3 and 6.)
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { clock } from '../support/clock.js'
import { launchHub, sample, startHub, type HubOptions, type RunningHub } from '../support/hub.js'
import { freePort, launchAgency, ownAgency, type OwnAgency } from '../support/neighbours.js'
import { freshOrder } from '../support/orders.js'
import { newFolder } from '../support/temp.js'
import { until } from '../support/until.js'

async function hubWithAgency(policy: object = {}, over: Partial<HubOptions> = {}) {
  const httpPort = await freePort()
  const agency = await ownAgency({ hubPort: httpPort, policy })
  const hub = await startHub({ ...over, config: agency.config, env: { ...agency.env, ...over.env }, httpPort })
  return { hub, agency, httpPort }
}
/** One hub for tests that differ in the rules alone, which change while it runs. What is taken is a test's own. */
let ofFile: Promise<{ hub: RunningHub; agency: OwnAgency; remove: () => Promise<void> }> | undefined
afterAll(async () => (await ofFile)?.remove())
async function startOfFile() {
  const [folder, httpPort] = [await newFolder(), await freePort()]
  const agency = await launchAgency({ hubPort: httpPort, dir: folder.path })
  const { config, env } = agency
  const hub = await launchHub({ dataDir: folder.path, config, env, httpPort })
  const remove = async () => {
    await hub.stop('SIGKILL')
    await agency.stop()
    await folder.remove()
  }
  return { hub, agency, remove }
}
async function sharedHubWithAgency(policy: object = {}) {
  const { hub, agency } = await (ofFile ??= startOfFile())
  await agency.clear()
  const file = join(hub.dataDir, 'hub.yaml')
  // Not there until the first one.
  const reloads = async () => (await metric(hub, 'hub_config_reloads_total{outcome="ok"}')) || 0
  const begun = await reloads()
  await writeFile(file, rules(agency, policy))
  await until('the rules of this test', async () => (await reloads()) > begun)
  const before = new Set((await agency.taken()).map(({ submissionId }) => submissionId))
  const taken = async () => (await agency.taken()).filter(({ submissionId }) => !before.has(submissionId))
  const since = await reloads()
  return { hub, agency: { ...agency, taken }, file, reloads: async () => (await reloads()) - since }
}
const rules = (agency: OwnAgency, over: object) =>
  stringify({
    agencies: { default: { ...(agency.config as { agencies: { default: object } }).agencies.default, ...over } },
  })
const send = async (hub: RunningHub) => (await hub.send(freshOrder())).receipts[0]!.messageId
const delivered = (hub: RunningHub, id: string) =>
  until(`${id} to be delivered`, async () => !['accepted', 'unclear'].includes(await hub.state(id)), 60_000)
const metric = async (hub: RunningHub, line: string) =>
  Number(
    new RegExp(`^${line.replace(/[{}"]/g, '\\$&')} (.*)$`, 'm').exec(
      await (await hub.get('/metrics', { key: hub.env.HUB_OPS_KEY! })).text(),
    )?.[1],
  )
interface View {
  agency: string
  open: boolean
  breaker: string
  connector: string
  paused?: { who: string; why: string }
  processes: { holds: { reason: string }[] }[]
}
const gacc = (hub: RunningHub) => hub.ops<View>('/ops/agencies/gacc')

test('an agency that fails too few calls for its breaker is told as failing, until one goes well', async () => {
  const { hub, agency } = await sharedHubWithAgency({ retrySeconds: [0.2], breaker: { minimum: 500 } })
  await agency.control({ fail: 503 })
  const one = await send(hub)
  const listed = async () => (await hub.cli('agency', 'list')).stdout
  await until('it is told', async () => /^gacc +failing +closed /m.test(await listed()))
  expect(await listed()).toMatch(/^gacc .*the last \d+ tries failed, since .*: HTTP 503/m)
  expect((await hub.cli('agency', 'show', 'gacc')).stdout).toMatch(/the last \d+ tries failed, since .*: HTTP 503/)
  await agency.clear()
  await delivered(hub, one)
  expect(await listed()).toMatch(/^gacc +normal +closed /m)
})

test('a paused agency keeps everything, over a restart too; resumed, all goes out once', async () => {
  const { hub, agency, httpPort } = await hubWithAgency()
  const paused = await hub.cli('agency', 'pause', 'gacc', '--why', '主管部门来电要求暂停')
  expect(paused.stderr).toBe('')
  expect(paused.stdout).toContain('主管部门来电要求暂停')
  const messages = [await send(hub), await send(hub)]
  await hub.stop('SIGKILL')
  const again = await startHub({ dataDir: hub.dataDir, config: agency.config, env: agency.env, httpPort })
  const view = await gacc(again)
  expect(view).toMatchObject({ open: false, paused: { why: '主管部门来电要求暂停' } })
  expect(view.processes[0]).toMatchObject({ holds: [{ reason: 'paused' }] })
  messages.push(await send(again))
  expect((await again.cli('agency', 'list')).stdout).toMatch(/gacc +paused/)
  expect(await agency.taken()).toEqual([])
  expect(await metric(again, 'hub_agency_held{agency="gacc",reason="paused"}')).toBe(1)
  expect((await again.cli('agency', 'resume', 'gacc', '-w', '恢复')).code).toBe(0)
  for (const id of messages) await delivered(again, id)
  expect((await agency.taken()).map(({ times }) => times)).toEqual([1, 1, 1])
  const { audit } = await again.ops<{ audit: { action: string; why: string; who: string }[] }>('/ops/audit?target=gacc')
  expect(audit.map(({ action, why }) => [action, why])).toEqual([
    ['agency.resume', '恢复'],
    ['agency.pause', '主管部门来电要求暂停'],
  ])
  expect((await again.cli('agency', 'pause', 'nobody', '-w', 'x')).code).toBe(1)
})

test('what a clock three days ahead has put off goes out within minutes of the clock being set back', async () => {
  const time = await clock()
  const policy = { retrySeconds: [60], breaker: { minimum: 2, openSeconds: [60] } }
  const { hub, agency } = await hubWithAgency(policy, { nodeArgs: time.nodeArgs, env: time.env })
  await time.advance(hub, 3 * 86_400)
  await agency.control({ fail: 503 })
  const sent = [await send(hub), await send(hub), await send(hub)]
  await until('the breaker to open', async () => (await gacc(hub)).breaker === 'open')
  await agency.clear()
  await time.setBack(hub)
  for (const id of sent) await delivered(hub, id)
  expect((await agency.taken()).map(({ times }) => times)).toEqual([1, 1, 1])
})

test('a nightly window and an announced closing pass: what comes meanwhile goes out afterwards', async () => {
  const time = await clock()
  const minute = 60_000
  const wall = (ms: number) => new Date(ms + 8 * 3_600_000).toISOString().slice(0, 16)
  const begins = Math.ceil(time.now() / minute) * minute + 10 * minute
  const nightly = { from: wall(begins).slice(11), to: wall(begins + 120 * minute).slice(11), why: '夜间维护' }
  const { hub, agency } = await hubWithAgency({ windows: [nightly] }, { nodeArgs: time.nodeArgs, env: time.env })
  const held = (view: View, why: string, until: number) =>
    expect(view).toMatchObject({
      open: false,
      processes: [{ holds: [{ reason: 'window', why, until: new Date(until).toISOString() }] }],
    })
  const sent = [await send(hub)]
  await delivered(hub, sent[0]!)

  await time.moveTo(hub, begins + 1000)
  await until('the window to begin', async () => !(await gacc(hub)).open)
  held(await gacc(hub), '夜间维护', begins + 120 * minute)
  sent.push(await send(hub), await send(hub))
  // Announced by a person, beginning before the nightly one ends: together they are one closing.
  const end = begins + 180 * minute
  const window = await hub.cli(
    'agency',
    'window',
    'gacc',
    '--from',
    wall(begins + 100 * minute),
    '--to',
    wall(end),
    '--why',
    '系统升级',
  )
  expect(window.stderr).toBe('')
  await until('the longer closing', async () => JSON.stringify(await gacc(hub)).includes(new Date(end).toISOString()))
  await time.moveTo(hub, end - 10 * minute)
  sent.push(await send(hub))
  expect(await agency.taken()).toHaveLength(1)
  expect(await metric(hub, 'hub_agency_held{agency="gacc",reason="window"}')).toBe(1)
  await time.moveTo(hub, end)
  for (const id of sent) await delivered(hub, id)
  expect((await agency.taken()).map(({ times }) => times)).toEqual(sent.map(() => 1))
  expect(await metric(hub, 'hub_agency_held{agency="gacc",reason="window"}')).toBe(0)
  expect(
    (await hub.cli('agency', 'window', 'gacc', '--from', wall(end), '--to', wall(end - 60_000), '-w', 'x')).stderr,
  ).toContain('not before')
})

test('an agency that goes down opens its breaker, is probed, and is well again by itself', async () => {
  const { hub, agency } = await sharedHubWithAgency({
    retrySeconds: [0.2],
    breaker: { minimum: 5, openSeconds: [1, 2], probes: 2 },
  })
  expect(await metric(hub, 'hub_breaker_state{agency="gacc"}')).toBe(0)
  await agency.control({ fail: 503 })
  const messages = await Promise.all(Array.from({ length: 20 }, () => send(hub)))
  await until('the breaker to open', async () => (await metric(hub, 'hub_breaker_state{agency="gacc"}')) === 2)
  await until(
    'a second opening after a failed probe',
    async () => (await metric(hub, 'hub_breaker_changes_total{agency="gacc",state="open"}')) >= 2,
  )
  const tried = () => metric(hub, 'hub_submissions_total{agency="gacc",outcome="retry",code="HUB_AGENCY_BUSY"}')
  const halfOpen = () => metric(hub, 'hub_breaker_changes_total{agency="gacc",state="half-open"}')
  const [openings, before] = [await halfOpen(), await tried()]
  await until('the next probe', async () => (await halfOpen()) >= 2)
  // Twenty wait; only probes went: two each time, and those of the time before.
  const went = (await tried()) - before
  expect(went).toBeLessThanOrEqual(2 * ((await halfOpen()) - openings + 1))
  expect((await hub.cli('agency', 'list')).stdout).toMatch(/^gacc +breaker .*a probe failed: HTTP 503/m)
  expect((await hub.cli('trace', messages.at(-1)!)).stdout).toMatch(
    /^ {2}gacc: waits to be sent.*; `hub agency show gacc` says what holds it$/m,
  )
  await agency.clear()
  for (const id of messages) await delivered(hub, id)
  expect(await metric(hub, 'hub_breaker_state{agency="gacc"}')).toBe(0)
  const taken = await agency.taken()
  expect(taken.map(({ times }) => times)).toEqual(messages.map(() => 1))
  await until('the log to tell its course', async () => {
    const events = (await hub.log()).filter(({ agency: code }) => code === 'gacc').map(({ msg }) => msg)
    return ['open', 'half-open', 'closed'].every((state) => events.includes(`agency breaker ${state}`))
  })
})

test('the configuration changes while messages flow: none is lost, none is sent twice', async () => {
  const { hub, agency, file, reloads } = await sharedHubWithAgency({ concurrency: 2 })
  const sent: Promise<string>[] = []
  const load = setInterval(() => sent.push(send(hub)), 40)
  try {
    await writeFile(file, rules(agency, { concurrency: 16 }))
    await until('the first change', async () => (await reloads()) === 1)
    await writeFile(
      file,
      rules(agency, { concurrency: 4, rate: { max: 50, seconds: 1 }, headers: { 'X-Port': '2244' } }),
    )
    await until('the second change, with another connector', async () => (await reloads()) === 2)
    // Every fault at once, and nothing changes.
    await writeFile(
      file,
      stringify({
        agencies: {
          default: { url: 'ftp://x', concurency: 4, retrySeconds: [] },
          nobody: { url: 'http://127.0.0.1:1' },
        },
      }),
    )
    const { faults } = await until(
      'the faults',
      async () =>
        (await hub.log()).find(({ msg }) => String(msg).includes('was not reloaded')) as
          { faults: string[] } | undefined,
    )
    expect(faults.join('\n')).toMatch(/default\.url/)
    expect(faults.join('\n')).toMatch(/concurency/)
    expect(faults.join('\n')).toMatch(/retrySeconds/)
    const refused = await hub.cli('reload', '--why', 'x')
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain('concurency')
    expect((await gacc(hub)).connector).toBe('http')
    await writeFile(
      file,
      rules(agency, {
        windows: [
          { from: '00:00', to: '23:59' },
          { from: '23:59', to: '23:58' },
        ],
        priorities: {},
      }),
    )
    await until(
      'closed all day but a minute',
      async () =>
        (await hub.log()).filter(({ msg }) => String(msg).includes('was not reloaded')).length >= 2 ||
        !(await gacc(hub)).open,
    )
    await writeFile(file, rules(agency, { priorities: { '10': 5 } }))
    process.kill(hub.pid, 'SIGHUP')
    await until('open again', async () => (await reloads()) >= 3 && (await gacc(hub)).open)
    await until('enough messages', () => sent.length >= 150)
  } finally {
    clearInterval(load)
  }
  for (const id of await Promise.all(sent)) await delivered(hub, id)
  const taken = await agency.taken()
  expect(taken).toHaveLength(sent.length)
  expect(taken.filter(({ times }) => times !== 1)).toEqual([])
})

test('a hub whose configuration is wrong does not start, and names every fault', async () => {
  const wrong = {
    agencies: { nobody: { url: 'http://127.0.0.1:1', tokenEnv: 'NOT_SET' }, gacc: { connector: 'pigeon' } },
  }
  await expect(startHub({ config: wrong })).rejects.toThrow(
    /hub\.yaml:6 agencies\.gacc\.connector = "pigeon": must be one of[^]*no agency has this code[^]*NOT_SET is not set/,
  )
})

test('an unsigned declaration is refused until the agency’s setting says that the client signs', async () => {
  const { hub, agency, file, reloads } = await sharedHubWithAgency()
  const unsigned = sample('ceb/CEB711Message.xml')
    .toString()
    .replace(/<(\w+:)?Signature[ >][\s\S]*<\/(\w+:)?Signature>/, '')
  const refused = await hub.send(Buffer.from(unsigned))
  expect(refused.receipts[0]).toMatchObject({
    status: 'refused',
    faults: [{ code: 'HUB_SIGNATURE_MISSING', path: '/CEB711Message/Signature' }],
  })
  await writeFile(file, rules(agency, { signs: 'client' }))
  await until('the setting', async () => (await reloads()) === 1)
  const taken = await hub.send(Buffer.from(unsigned))
  expect(taken.receipts[0]).toMatchObject({ status: 'accepted' })
  await delivered(hub, taken.receipts[0]!.messageId)
  expect((await agency.taken()).map(({ times }) => times)).toEqual([1])
})
