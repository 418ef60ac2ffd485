// A hub.yaml with slips of the pen: every one is told at once, with its place, and nothing is taken for a setting that is none.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ConfigError, loadConfig } from '../../hub/config.js'
import { tempDir } from '../support/temp.js'

async function faultsOf(yaml: string): Promise<string[]> {
  const dir = await tempDir('config')
  await writeFile(join(dir, 'hub.yaml'), yaml)
  try {
    loadConfig({ HUB_DATA: dir })
    return []
  } catch (error) {
    return (error as ConfigError).faults
  }
}

test('thirteen slips in one file are thirteen faults, not the first eight of them', async () => {
  const yaml = `
httPort: 80
httpPort: 99999
logLevel: loud
roles: [door]
retention: { days: 0, dys: 3 }
tracing: { url: ftp, xx: 1 }
agencies:
  gacc: { retrySecnds: [1] }
  mot: { connector: htp }
  mps: { connector: http, url: x y, deadlineSeconds: 0 }
`
  expect(await faultsOf(yaml)).toEqual([
    '/ has the unknown setting httPort',
    '/httpPort must be <= 65535',
    '/logLevel must be equal to one of the allowed values: silent, error, warn, info, debug',
    '/roles/0 must be equal to one of the allowed values: doors, workers',
    '/tracing has the unknown setting xx',
    '/tracing/url must match pattern "^https?://.+"',
    '/retention has the unknown setting dys',
    '/retention/days must be >= 1',
    '/agencies/gacc must have required properties url',
    '/agencies/gacc has the unknown setting retrySecnds',
    '/agencies/mot/connector must be one of http, folder, sftp',
    '/agencies/mps/url must match pattern "^https?://"',
    '/agencies/mps/deadlineSeconds must be >= 1',
  ])
})

test('a file that is no YAML is told with its line, and one that says nothing is fine', async () => {
  expect((await faultsOf('host: [unclosed\n'))[0]).toMatch(/hub\.yaml: .* at line /)
  expect(await faultsOf('# nothing yet\n')).toEqual([])
})
