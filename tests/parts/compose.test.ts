// docker-compose.yml and the Dockerfile, read as far as one can without an engine: what runs, as whom, from which
// versions.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { checkedConfig, loadConfig } from '../../hub/config/load-config.js'
import { root } from '../support/hub.js'
import { tempDir } from '../support/temp.js'

interface Service {
  image?: string
  build?: string
  command?: string[]
  environment?: Record<string, string>
  volumes?: string[]
  healthcheck?: object
  depends_on?: Record<string, { condition: string }>
  networks?: string[]
  mem_limit?: string
  pids_limit?: number
  ulimits?: { nofile: { soft: number; hard: number } }
  read_only?: boolean
}
const compose = parse(readFileSync(join(root, 'docker-compose.yml'), 'utf8')) as {
  services: Record<string, Service>
  volumes: Record<string, unknown>
  networks: Record<string, { internal?: boolean } | null>
}
const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8')

test('hub, Redis, partner server and simulator are there, pinned and health-checked', () => {
  expect(Object.keys(compose.services).sort()).toEqual(['hub', 'partner-sftp', 'redis', 'simulator'])
  for (const [name, service] of Object.entries(compose.services)) {
    expect(service.image, name).toMatch(/:\d+\.\d+\.\d+(-[a-z]+)?$/)
    if (service.build) expect(existsSync(join(root, service.build, 'Dockerfile')), name).toBe(true)
    expect(
      service.healthcheck !== undefined || (service.build === '.' && dockerfile.includes('HEALTHCHECK')),
      `${name} has a health check`,
    ).toBe(true)
    for (const volume of service.volumes ?? []) {
      const source = volume.split(':')[0]!
      if (!source.startsWith('.')) expect(Object.keys(compose.volumes), name).toContain(source)
    }
    for (const needed of Object.keys(service.depends_on ?? {})) expect(Object.keys(compose.services)).toContain(needed)
  }
})

test('the image is pinned, holds what runs and nothing else, and does not run as root', () => {
  expect(dockerfile.match(/^FROM \S+$/gm)?.every((line) => /:\d+\.\d+\.\d+-/.test(line)) ?? true).toBe(true)
  expect(dockerfile).toMatch(/^USER node$/m)
  for (const path of ['dist', 'routing', 'xsd', 'node_modules', 'package.json'])
    expect(dockerfile).toContain(`/hub/${path} `)
  for (const [, path] of dockerfile.matchAll(/COPY --from=build \S+ \/hub\/(\S+) /g))
    if (!['dist', 'node_modules'].includes(path!)) expect(existsSync(join(root, path!)), path).toBe(true)
})

test('`docker compose exec hub hub …`: the command is on the PATH of the image, and runs by that link', async () => {
  const [, target = ''] = /&& ln -s \/hub\/(\S+) \/usr\/local\/bin\/hub$/m.exec(dockerfile) ?? []
  expect(target).toBe((parse(readFileSync(join(root, 'package.json'), 'utf8')) as { bin: { hub: string } }).bin.hub)
  expect(dockerfile).toContain(`chmod 0755 ${target}`)
  const link = join(await tempDir('bin'), 'hub')
  symlinkSync(join(root, target), link)
  expect(readFileSync(link, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/)
  expect(execFileSync(process.execPath, [link, '--version'], { encoding: 'utf8' })).toMatch(
    /^\d+\.\d+\.\d+\+[\w.-]+\n$/,
  )
})

test('a key in docker/keys may be the one the hub polls a partner’s server with', () => {
  const env = { HUB_CONFIG: join(root, 'docker/hub.yaml'), AGENCY_TOKEN: 'x'.repeat(32) }
  const { partnerSecrets } = loadConfig(env)
  expect(compose.services.hub!.volumes).toContain(`./docker/keys:${partnerSecrets!.folder}:ro`)
})

test('the bill of materials names a licence for every package that ships, and goes into the image', () => {
  const said = execFileSync(process.execPath, ['.ci/sbom.mjs'], { cwd: root, encoding: 'utf8' })
  expect(said).not.toContain('✗')
  const bill = JSON.parse(readFileSync(join(root, 'dist/sbom.cdx.json'), 'utf8')) as {
    bomFormat: string
    components: { name: string; version: string; licenses?: unknown[] }[]
  }
  expect(bill.bomFormat).toBe('CycloneDX')
  expect(bill.components.filter(({ licenses = [] }) => licenses.length === 0).map(({ name }) => name)).toEqual([])
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version: string; dev?: boolean }>
  }
  const ships = Object.entries(packages).flatMap(([path, { version, dev }]) =>
    path === '' || dev ? [] : [`${path.replace(/^.*node_modules\//, '')}@${version}`],
  )
  expect(ships.length).toBeGreaterThan(200)
  expect([...new Set(bill.components.map(({ name, version }) => `${name}@${version}`))].sort()).toEqual(
    [...new Set(ships)].sort(),
  )
  expect(dockerfile).toMatch(/npm run --silent sbom && npm prune/)
  const ignored = readFileSync(join(root, '.dockerignore'), 'utf8').split('\n')
  expect([ignored.includes('.ci'), ignored.includes('!.ci/sbom.mjs')]).toEqual([false, true])
})

test('Redis asks for a password, and nobody but the hub shares a network with it; that network has no way out', () => {
  const { redis, hub, 'partner-sftp': partner } = compose.services
  expect(redis!.command!.join(' ')).toContain('--requirepass "$$REDIS_PASSWORD"')
  expect(redis!.environment!.REDIS_PASSWORD).toMatch(/^\$\{REDIS_PASSWORD:\?/)
  expect(hub!.environment!.REDIS_URL).toMatch(/^redis:\/\/:\$\{REDIS_PASSWORD:\?[^}]*\}@redis:6379$/)
  const [network, ...more] = redis!.networks!
  expect(more).toEqual([])
  expect(compose.networks[network!]).toEqual({ internal: true })
  const onIt = Object.entries(compose.services).filter(([, { networks }]) => networks?.includes(network!))
  expect(onIt.map(([name]) => name).sort()).toEqual(['hub', 'redis'])
  expect(partner!.networks).toEqual(['partners'])
})

test('every service has limits, and what is ours cannot write to its own image', () => {
  for (const [name, service] of Object.entries(compose.services)) {
    expect(
      service.networks?.every((network) => network in compose.networks),
      name,
    ).toBe(true)
    expect(service.mem_limit, name).toMatch(/^\d+[mg]$/)
    expect(service.pids_limit, name).toBeGreaterThan(0)
    expect(service.ulimits?.nofile.hard, name).toBeGreaterThanOrEqual(1024)
    if (service.build === '.') expect(service.read_only, name).toBe(true)
  }
})

test('the configuration it mounts is one the hub takes', () => {
  const config = loadConfig({
    HUB_CONFIG: join(root, 'docker/hub.yaml'),
    REDIS_URL: compose.services.hub!.environment!.REDIS_URL!.replace(/\$\{REDIS_PASSWORD:[^}]*\}/, 'secret'),
  })
  expect(config).toMatchObject({
    host: '0.0.0.0',
    redisUrl: 'redis://:secret@redis:6379',
    agencies: { default: { callbackTokenEnv: 'AGENCY_TOKEN' } },
  })
  expect(Object.keys(compose.services.hub!.environment!)).toContain('AGENCY_TOKEN')
})

test('the hub of the image starts only where TLS is settled, and its health check asks either way', () => {
  expect(() => checkedConfig({ HUB_HOST: '0.0.0.0', HUB_DATA: '/nowhere' })).toThrow(/HUB_HTTP_PLAIN=true/)
  const env = { HUB_CONFIG: join(root, 'docker/hub.yaml'), AGENCY_TOKEN: 'x'.repeat(32) }
  expect(checkedConfig(env)).toMatchObject({ host: '0.0.0.0', http: { plain: true } })
  expect(dockerfile).toMatch(/HEALTHCHECK[\s\S]*ask\('http', \(\) => ask\('https'/)
})

test('every fault of a configuration is told at once', () => {
  expect(() => loadConfig({ HUB_HTTP_PORT: 'eighty', HUB_LOG_LEVEL: 'loud', HUB_MAX_BYTES: 'many' })).toThrow(
    /3 fault|httpPort[\s\S]*logLevel|logLevel[\s\S]*httpPort/,
  )
})
