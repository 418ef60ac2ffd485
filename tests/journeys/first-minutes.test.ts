// What a newcomer meets in the first minutes when something is not as it should be: a Redis that is away, an agency
// nobody has configured.
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { onTestFinished, expect, test } from 'vitest'
import { cleanEnv, cli, root, sample, samplePath, startHub } from '../support/hub.js'
import { freePort } from '../support/neighbours.js'
import { begin, ended, run } from '../support/process.js'
import { tempDir } from '../support/temp.js'
import { until } from '../support/until.js'

/** What a demo hub prints until it says how to stop it. It ends with the test. */
async function startedDemo(dataDir: string, env: Record<string, string> = {}): Promise<string> {
  const child = begin(
    process.execPath,
    [cli, 'start', '--demo', '--data', dataDir, '--http-port', '0', '--sftp-port', '0'],
    { env: { ...cleanEnv(), ...env } },
  )
  onTestFinished(async () => {
    child.kill('SIGTERM')
    await ended(child)
  })
  let printed = ''
  child.stdout!.on('data', (chunk) => (printed += String(chunk)))
  await until('the block', () => printed.includes('Ctrl-C stops it'))
  return printed
}

test('a hub whose Redis is away says so in its first lines, and takes messages all the same', async () => {
  const dir = join(await tempDir('hub'), 'data 数据')
  await mkdir(dir)
  const port = await freePort()
  const printed = await startedDemo(dir, { REDIS_URL: `redis://:geheim@127.0.0.1:${port}/2` })
  expect(printed).toContain(`! Redis at redis://127.0.0.1:${port}/2: redis is away. Messages are taken and wait`)
  expect(printed).not.toContain('geheim')
  const sourced = await run('bash', ['-c', `source "$1/demo.env"; "$2" "$3" send -`, '-', dir, process.execPath, cli], {
    cwd: '/',
    env: cleanEnv(),
    input: sample('ceb/CEB311Message.xml').toString(),
  })
  expect(sourced.stderr + sourced.stdout).toContain('ACCEPTED')
  // Whoever asks what is wrong hears it from each of them, not that all agencies are normal.
  for (const asked of [['status'], ['agency', 'list']]) {
    const told = await run(process.execPath, [cli, ...asked], { cwd: '/', env: { ...cleanEnv(), HUB_DATA: dir } })
    expect(told.stdout, asked.join(' ')).toMatch(
      /^! Redis .*Redis does not work \(redis is away.*are sent when it works/,
    )
  }
})

test('a broken answers.yaml is told in the first lines of the demo, and agencies still answer', async () => {
  const dir = await tempDir('broken')
  const families = join(dir, 'families')
  await cp(join(root, 'xsd/families'), families, { recursive: true })
  const file = join(families, 'ceb/answers.yaml')
  await writeFile(file, (await readFile(file, 'utf8')).replace(/^answers:/m, 'answer:'))
  await mkdir(join(dir, 'data'))
  await writeFile(join(dir, 'data/hub.yaml'), `familiesDir: ${families}\n`)
  const printed = await startedDemo(join(dir, 'data'))
  expect(printed).toMatch(/! the simulator answers as the last build did: .*ceb\/answers\.yaml:\d+/)
  const sent = await run(process.execPath, [cli, 'send', samplePath('ceb/CEB621Message.xml'), '--wait'], {
    cwd: '/',
    env: { ...cleanEnv(), HUB_DATA: join(dir, 'data') },
  })
  expect(sent.stdout).toMatch(/business/)
})

test('a first message goes in as XML, JSON and EDIFACT by the commands of the partner guide', async () => {
  const dir = await tempDir('first')
  await startedDemo(join(dir, 'data'))
  const page = await readFile(join(root, 'docs/partner-guide.md'), 'utf8')
  const [, block] = /## A first message[\s\S]*?```\n([\s\S]*?)```/.exec(page)!
  const paste = (lines: string) =>
    run('bash', ['-c', `set -e; source data/demo.env; ${lines}`], { cwd: dir, env: cleanEnv() })
  const first = await paste(block!)
  expect(first.code, first.stderr).toBe(0)
  // XML and JSON are answered by a receipt each, EDIFACT by the CONTRL it asked for.
  expect(first.stdout.match(/"code":"HUB_ACCEPTED"/g)).toHaveLength(2)
  expect(first.stdout).toMatch(/UCI\+PAX\d+\+[^']*\+7'/)
  const lines = block!.replaceAll('\\\n', ' ').split('\n')
  const [mailbox, inBox] = ['/v1/receipts?wait', 'ls -l InBox'].map((part) => lines.find((l) => l.includes(part))!)
  await until('what the agencies say in the mailbox', async () => {
    const { stdout } = await paste(mailbox!)
    return ['10.1.3.1.1', '4.24.1.1.1', '2.6.5.1.1'].every((code) => stdout.includes(`"operation":"${code}"`))
  })
  await until('receipts in InBox', async () => {
    const { stdout } = await paste(inBox!)
    return stdout.includes('Successed_manifest') && stdout.includes('Receipt_')
  })
})

test('a hub whose port is taken says so and ends at once', async () => {
  const dir = join(await tempDir('hub'), 'data')
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => new Promise<void>((resolve) => other.close(() => resolve())))
  const { port } = other.address() as AddressInfo
  const begun = performance.now()
  const child = begin(
    process.execPath,
    [cli, 'start', '--json', '--data', dir, '--http-port', String(port), '--sftp-port', '0'],
    { env: { ...cleanEnv(), HUB_OPS_KEY: 'key-of-the-operator-0123456789abcdef-0123' } },
  )
  let said = ''
  let saidAt = 0
  child.stdout!.resume()
  child.stderr!.on('data', (chunk) => {
    said += String(chunk)
    if (said.includes('is taken')) saidAt ||= performance.now()
  })
  expect(await ended(child)).toBe(1)
  expect(said).toContain(`port ${port} is taken`)
  // All that had been started is stopped by then; a timer left behind keeps nobody waiting. On a busy machine the end
  // takes longer, as does the beginning.
  expect(performance.now() - saidAt).toBeLessThan(5_000 + (saidAt - begun))
})

test('doctor asks the hub at its own port, and names an agency that has no connector', async () => {
  const httpPort = await freePort()
  const key = 'doctor-key-of-the-operator-0123456789abcdef'
  const hub = await startHub({
    httpPort,
    config: { httpPort, agencies: { mot: { url: 'http://127.0.0.1:9' } } },
    env: { HUB_OPS_KEY: key },
  })
  const doctor = async () =>
    run(process.execPath, [cli, 'doctor'], { env: { ...cleanEnv(), HUB_DATA: hub.dataDir, HUB_OPS_KEY: key } })
  await writeFile(join(hub.dataDir, 'demo.env'), '')
  const well = await doctor()
  expect(well.stdout).toContain(`✓ running hub: http://127.0.0.1:${httpPort} is ready`)
  expect(well.stdout).toMatch(/✓ agencies: 1 of \d+ have a connector; none in trouble/)
  expect((await hub.send(sample('ceb/CEB311Message.xml'))).status).toBe(202)
  const ill = await doctor()
  expect(ill.code).toBe(2)
  const overview = (await (await hub.get('/monitor/overview', { key })).json()) as {
    health: string
    agencies: { agency: string; gate: string; gateWhy?: string; stuck: boolean }[]
  }
  expect(overview.health).toBe('stuck')
  expect(overview.agencies[0]).toMatchObject({
    agency: 'gacc',
    gate: 'unready',
    gateWhy: 'no connector is configured',
    stuck: true,
  })
  expect(ill.stdout).toContain('✗ agencies: gacc: messages wait and hub.yaml has no connector for it')
})
