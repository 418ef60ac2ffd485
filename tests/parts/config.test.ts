// A hub.yaml with slips of the pen: every one is told at once, with its line, its value and what was probably meant;
// nothing is taken for a setting that is none.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { ConfigError } from '../../hub/config/config-error.js'
import { checkedConfig, loadConfig, type ConfigOver } from '../../hub/config/load-config.js'
import { tempDir } from '../support/temp.js'

/** The faults, each without the folder of the file and without its Chinese half. */
async function faultsOf(yaml: string, env: Record<string, string> = {}, over: ConfigOver = {}, load = loadConfig) {
  const dir = await tempDir('config')
  await writeFile(join(dir, 'hub.yaml'), yaml)
  try {
    load({ HUB_DATA: dir, ...env }, over)
    return []
  } catch (error) {
    return (error as ConfigError).faults.map((fault) => {
      expect(fault, 'told in Chinese too').toMatch(/[一-鿿]/)
      return fault.replaceAll(`${dir}/`, '').replace(/ ?[一-鿿].*$/, '')
    })
  }
}
const checked = (yaml: string, env: Record<string, string> = {}) => faultsOf(yaml, env, {}, checkedConfig)

test('thirteen slips in one file are thirteen faults with their lines, not the first eight of them', async () => {
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
  const faults = await faultsOf(yaml)
  for (const told of [
    'hub.yaml:2 httPort = 80: no such setting; did you mean httpPort?',
    'hub.yaml:3 httpPort = 99999: must be a whole number from 0 to 65535',
    'hub.yaml:4 logLevel = "loud": must be one of silent, error, warn, info, debug',
    'hub.yaml:5 roles.0 = "door": must be one of doors, workers, deliver, poll; did you mean doors?',
    'hub.yaml:6 retention.days = 0: must be a number from 1 to 36500',
    'hub.yaml:6 retention.dys = 3: no such setting; did you mean days?',
    'hub.yaml:7 tracing.url = "ftp": does not fit: Where the collector takes traces by OTLP over HTTP: ' +
      'http://127.0.0.1:4318/v1/traces',
    'hub.yaml:7 tracing.xx = 1: no such setting',
    'hub.yaml:9 agencies.gacc: url is missing (Where the agency takes messages; `{agency}` is replaced by its code)',
    'hub.yaml:9 agencies.gacc.retrySecnds: no such setting; did you mean retrySeconds?',
    'hub.yaml:10 agencies.mot.connector = "htp": must be one of http, folder, sftp; did you mean http?',
    'hub.yaml:11 agencies.mps.url = "x y": does not fit: Where the agency takes messages; ' +
      '`{agency}` is replaced by its code',
    'hub.yaml:11 agencies.mps.deadlineSeconds = 0: must be a number from 1',
  ])
    expect(faults).toContain(told)
  expect(faults).toHaveLength(13)
})

test('of a setting that may be written in two ways, the way that was begun is told', async () => {
  const sftp = (hostKey: string) =>
    `agencies: { gacc: { connector: sftp, host: a, username: b, passwordEnv: P, drop: x, pickUp: ` +
    `y, hostKey: ${hostKey} } }`
  expect(await faultsOf(sftp('MD5:00'))).toEqual([
    expect.stringMatching(/^hub\.yaml:1 agencies\.gacc\.hostKey = "MD5:00": does not fit/),
  ])
  expect(await faultsOf(sftp('[MD5:00]'))).toEqual([
    expect.stringMatching(/^hub\.yaml:1 agencies\.gacc\.hostKey\.0 = "MD5:00": does not fit/),
  ])
  expect(await faultsOf(sftp('5'))).toEqual(['hub.yaml:1 agencies.gacc.hostKey = 5: must be text or a list'])
})

test('a variable or an option is told by its own name, with what it held', async () => {
  expect(
    await faultsOf('', { HUB_HTTP_PORT: 'abc', HUB_DEMO: 'perhaps', HUB_OTLP_URL: 'collector' }, { sftpPort: '22x' }),
  ).toEqual([
    'HUB_HTTP_PORT = "abc": must be a whole number from 0 to 65535',
    '--sftp-port = "22x": must be a whole number from 0 to 65535',
    'HUB_DEMO = "perhaps": must be true or false',
    expect.stringMatching(/^HUB_OTLP_URL = "collector": does not fit/),
  ])
})

test('a variable nobody reads is told, but not one that hub.yaml names or Kubernetes sets', async () => {
  const kubernetes = { HUB_SERVICE_HOST: '10.0.0.1', HUB_PORT: 'tcp://10.0.0.1:80', HUB_PORT_80_TCP_PROTO: 'tcp' }
  const operator = 'operators: [{ name: anna, keyEnv: HUB_KEY_OF_ANNA }]'
  expect(await checked(operator, { ...kubernetes, HUB_KEY_OF_ANNA: 'x'.repeat(40), HUB_HTPP_PORT: '1' })).toEqual([
    'HUB_HTPP_PORT = "1": no such environment variable; did you mean HUB_HTTP_PORT?',
  ])
})

test('missing agencies, variables and files are reported together with other faults', async () => {
  const yaml = `
logLevel: inof
operators:
  - { name: anna, keyEnv: KEY_OF_ANNA }
tracing: { url: "http://127.0.0.1:4318/v1/traces", headersEnv: { x-key: COLLECTOR_KEY } }
agencies:
  gac: { url: "https://customs.example" }
  gacc:
    url: "https://customs.example"
    tokenEnv: GACC_TOKEN
    tls: { caFile: /nowhere/ca.pem }
`
  expect(await checked(yaml)).toEqual([
    'hub.yaml:2 logLevel = "inof": must be one of silent, error, warn, info, debug; did you mean info?',
    'hub.yaml:7 agencies.gac: no agency has this code; did you mean gacc?',
    'hub.yaml:10 agencies.gacc.tokenEnv: the environment variable GACC_TOKEN is not set',
    'hub.yaml:11 agencies.gacc.tls.caFile = "/nowhere/ca.pem": there is no such file',
    'hub.yaml:4 operators.0.keyEnv: the environment variable KEY_OF_ANNA is not set',
    'hub.yaml:5 tracing.headersEnv.x-key: the environment variable COLLECTOR_KEY is not set',
  ])
})

test('what may be a secret is not repeated in a fault', async () => {
  const faults = await faultsOf('agencies: { gacc: { url: "https://a", headers: { x-key: 7 }, password: geheim } }')
  expect(faults).toHaveLength(2)
  expect(faults.join()).not.toMatch(/geheim|= 7/)
})

test('a Redis address of a wrong form is told where it stands, without its password', async () => {
  expect(await checked('redisUrl: redis+cluster://:geheim@a:1/2')).toEqual([
    expect.stringMatching(/^hub\.yaml:1 redisUrl: (?!.*geheim).*redis\+cluster:\/\//),
  ])
  expect(await checked('', { REDIS_URL: 'redis://:geheim@a:1,b:2' })).toEqual([
    expect.stringMatching(/^REDIS_URL: (?!.*geheim).*redis\+sentinel:\/\/.*redis\+cluster:\/\//),
  ])
})

test('a file that is no YAML is told with its line, and one that says nothing is fine', async () => {
  expect((await faultsOf('host: 127.0.0.1\nroles: [unclosed\n'))[0]).toMatch(/^hub\.yaml:[23]: /)
  expect((await faultsOf('host: a\nhost: b\n'))[0]).toMatch(/^hub\.yaml:2: Map keys must be unique/)
  expect(await faultsOf('# nothing yet\n')).toEqual([])
})

test('a range of balancers that is none is told at the start: nobody would be believed', async () => {
  for (const door of ['http', 'sftp'])
    expect(await checked(`${door}: { trustedProxies: [10.0.0.0/8, 10.0.0.0/99] }`)).toEqual([
      expect.stringMatching(
        new RegExp(`^hub\\.yaml:1 ${door}\\.trustedProxies\\.1: 10\\.0\\.0\\.0/99 is no address or range`),
      ),
    ])
})
