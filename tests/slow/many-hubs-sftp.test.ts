// Two hubs on one PostgreSQL, each with mailboxes in a folder of its own: a file is taken once where it was put, and
// its receipts come to the InBox where its partner looks.
import { existsSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fleetSeenBy, startFleet } from '../support/fleet.js'
import type { RunningHub } from '../support/hub.js'
import { freshOrder } from '../support/orders.js'
import { startPostgres, withoutPostgres, type TestPostgres } from '../support/postgres.js'
import { tempDir } from '../support/temp.js'
import { until } from '../support/until.js'

const boxOf = (hub: RunningHub, box: string) => join(hub.dataDir, 'sftp', 'demo', box)

/** Of a file that was put into the OutBox. */
async function put(hub: RunningHub, name: string): Promise<Buffer> {
  const bytes = freshOrder()
  const file = join(await tempDir('send'), name)
  await writeFile(file, bytes)
  expect((await hub.sftp(`put ${file} OutBox/${name}`)).code).toBe(0)
  return bytes
}

async function approvedIn(hub: RunningHub): Promise<number> {
  const names = await readdir(boxOf(hub, 'InBox')).catch(() => [])
  const texts = await Promise.all(names.map((name) => readFile(join(boxOf(hub, 'InBox'), name), 'utf8')))
  return texts.filter((text) => text.includes('approved')).length
}

describe.skipIf(withoutPostgres())('two hubs with mailboxes in folders of their own', () => {
  let server: TestPostgres
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server?.remove())

  test('a file is taken once, and its receipts come to where its partner has come in', async () => {
    const { hubs, agency } = await startFleet(await server.database())
    const [one, other] = hubs as [RunningHub, RunningHub]
    await until(
      'each folder known to the other hub',
      async () =>
        (await fleetSeenBy(other)).leases.filter(({ name, holder }) => name.startsWith('folder:') && holder).length ===
        2,
    )
    const files = 5
    for (let n = 0; n < files; n++) await put(one, `order-${n}.xml`)
    await until('all receipts in the InBox', async () => (await approvedIn(one)) === files, 240_000)
    expect((await agency.taken()).map(({ times }) => times)).toEqual(Array.from({ length: files }, () => 1))
    // The other hub never made a mailbox that nobody looks into.
    expect(existsSync(boxOf(other, 'InBox'))).toBe(false)
    expect((await one.cli('status')).stdout).not.toContain('different folders')

    // The partner comes in there too: from now on everybody is told.
    await put(other, 'elsewhere.xml')
    await until(
      'both folders known',
      async () =>
        (await fleetSeenBy(one)).leases.filter(({ name, holder }) => name.startsWith('sftp:') && holder).length === 2,
    )
    expect((await one.cli('status')).stdout).toContain('different folders')
    const doctor = await one.cli('doctor')
    expect([doctor.code, doctor.stdout]).toEqual([2, expect.stringContaining('✗ SFTP mailboxes')])
    expect((await one.read<{ health: string }>('/monitor/overview', { key: one.env.HUB_OPS_KEY! })).health).toBe(
      'attention',
    )
    await until('it in the log', async () =>
      (await other.log()).some(({ msg }) => msg === 'SFTP mailboxes of the hubs are in different folders'),
    )
    await until(
      'its receipt in one of them',
      async () => (await approvedIn(one)) + (await approvedIn(other)) === files + 1,
    )
  })
})
