// What partners' settings may name, looked at when it is used: settings may be older than the rule, and files change.
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createPartnerSecrets } from '../../hub/operate/partner-secrets.js'
import { tempDir } from '../support/temp.js'

const env = { HUB_OPS_KEY: 'o', POLL_PORT: 'p', POLL_AGENCY: 'a', SFTP_OF_PORT: 's' }
const agencies = {
  gacc: {
    connector: 'sftp',
    host: 'a',
    username: 'b',
    passwordEnv: 'POLL_AGENCY',
    drop: 'x',
    pickUp: 'y',
    hostKey: 'k',
  },
} as const

test('a variable is read when it is set aside for partners, never when the hub or an agency has it', async () => {
  const dataDir = await tempDir('secrets')
  const secrets = (names?: string[]) =>
    createPartnerSecrets({
      setting: names && { env: names },
      dataDir,
      others: { operators: { keys: [{ keyEnv: 'POLL_ANNA' }] }, agencies },
      env,
    })
  expect(secrets().password('POLL_PORT')).toBe('p')
  expect(secrets(['SFTP_OF_PORT']).password('SFTP_OF_PORT')).toBe('s')
  for (const name of ['SFTP_OF_PORT', 'POLL_AGENCY', 'POLL_ANNA', 'poll_port', 'HUB_OPS_KEY'])
    expect(() => secrets().password(name)).toThrow('not set aside for partners')
  expect(() => secrets(['HUB_*', 'HUB_OPS_KEY']).password('HUB_OPS_KEY')).toThrow('not set aside for partners')
})

test('a key file is read from its folder only, also when a link was put there later', async () => {
  const dataDir = await tempDir('secrets')
  const own = join(dataDir, 'webhook.key')
  await writeFile(own, 'own')
  const folder = join(dataDir, 'poll-keys')
  await mkdir(folder)
  const secrets = (setting?: string) =>
    createPartnerSecrets({
      setting: setting === undefined ? undefined : { env: [], folder: setting },
      dataDir,
      others: { operators: { keys: [] }, agencies: {} },
      env,
    })
  const file = join(folder, 'port.key')
  expect(secrets().faults({ keyFile: file })).toEqual([])
  await expect(secrets().key(file)).rejects.toThrow('ENOENT')
  await writeFile(file, 'key')
  expect(String(await secrets().key(file))).toBe('key')
  expect(String(await secrets().key('port.key'))).toBe('key')
  await rm(file)
  await symlink(own, file)
  await expect(secrets().key(file)).rejects.toThrow('not in')
  expect(secrets().faults({ keyFile: file })[0]!.at).toBe('/settings/poll/keyFile')
  await rm(file)
  await mkdir(file)
  await expect(secrets().key(file)).rejects.toThrow('no key file')
  // A folder that holds the hub's own keys is none for partners.
  for (const wide of [dataDir, join(dataDir, '..'), '/']) await expect(secrets(wide).key(own)).rejects.toThrow('not in')
  // One that is a link itself is where it leads.
  const elsewhere = await tempDir('keys')
  await writeFile(join(elsewhere, 'port.key'), 'other')
  await symlink(elsewhere, join(dataDir, 'linked'))
  expect(String(await secrets('linked').key('port.key'))).toBe('other')
})
