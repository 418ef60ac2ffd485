// deploy/: the stack of two hubs for docker compose, and the manifests for Kubernetes, read as far as one can without
// either: schemas of Kubernetes itself, names that must meet, who runs as whom.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Deployment } from 'kubernetes-models/apps/v1/Deployment'
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler'
import { Job } from 'kubernetes-models/batch/v1/Job'
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy'
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget'
import { ConfigMap } from 'kubernetes-models/v1/ConfigMap'
import { Namespace } from 'kubernetes-models/v1/Namespace'
import { PersistentVolumeClaim } from 'kubernetes-models/v1/PersistentVolumeClaim'
import { Secret } from 'kubernetes-models/v1/Secret'
import { Service } from 'kubernetes-models/v1/Service'
import { describe, expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { otherVariables, variables } from '../../hub/config/environment.js'
import { checkedConfig } from '../../hub/config/load-config.js'
import { root } from '../support/hub.js'
import { tempDir } from '../support/temp.js'
import { writeFile } from 'node:fs/promises'

const text = (...path: string[]) => readFileSync(join(root, 'deploy', ...path), 'utf8')
const version = (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version

/** What the hub knows by name, so that a slip of the pen here is found here. */
const knownVariables = [...Object.keys(variables), ...Object.keys(otherVariables), 'AGENCY_TOKEN']

const secretEnv = { AGENCY_TOKEN: 'x'.repeat(32), HUB_OPS_KEY: '0123456789abcdef'.repeat(4) }

describe('docker compose with two hubs', () => {
  interface Built {
    image?: string
    user?: string
    command?: string[]
    environment?: Record<string, string>
    volumes?: string[]
    ports?: string[]
    networks?: string[]
    depends_on?: Record<string, { condition: string }>
    healthcheck?: object
    mem_limit?: string
    pids_limit?: number
    ulimits?: { nofile: { hard: number } }
    read_only?: boolean
    cap_drop?: string[]
  }
  const compose = parse(text('compose', 'docker-compose.yml'), { merge: true }) as {
    services: Record<string, Built>
    networks: Record<string, { internal?: boolean; ipam?: { config: { subnet: string }[] } } | null>
    volumes: Record<string, unknown>
  }
  const { services } = compose

  test('hubs, balancer, ledger, queues and what watches them are there, pinned, limited, and know each other', () => {
    expect(Object.keys(services).sort()).toEqual(
      'balancer grafana hub-1 hub-2 migrate postgres prometheus redis simulator'.split(' '),
    )
    for (const [name, one] of Object.entries(services)) {
      expect(one.image, name).toMatch(/:v?\d+\.\d+(\.\d+)?(-[a-z]+)?$/)
      expect(one.mem_limit, name).toMatch(/^\d+[mg]$/)
      expect(one.pids_limit, name).toBeGreaterThan(0)
      expect(one.ulimits?.nofile.hard, name).toBeGreaterThanOrEqual(1024)
      for (const network of one.networks ?? []) expect(Object.keys(compose.networks), name).toContain(network)
      for (const needed of Object.keys(one.depends_on ?? {})) expect(Object.keys(services), name).toContain(needed)
      for (const volume of one.volumes ?? []) {
        const [source] = volume.split(':') as [string]
        if (!source.startsWith('.')) expect(Object.keys(compose.volumes), name).toContain(source)
        else expect(() => readdirSync(join(root, 'deploy/compose', source, '..')), volume).not.toThrow()
      }
      if (one.image === `singlewindow-hub:${version}`) expect([one.read_only, one.cap_drop]).toEqual([true, ['ALL']])
      for (const variable of Object.keys(one.environment ?? {}))
        if (variable.startsWith('HUB_')) expect(knownVariables, name).toContain(variable)
    }
    expect(services['hub-1']).toEqual(services['hub-2'])
    expect(services['hub-1']!.volumes).toContain('hub-data:/data')
  })

  test('ledger and queues ask for a password and have no way out; only the balancer is open to partners', () => {
    for (const name of ['postgres', 'redis']) expect(services[name]!.networks, name).toEqual(['behind'])
    expect(compose.networks.behind).toEqual({ internal: true })
    expect(services['hub-1']!.environment!.DATABASE_URL).toMatch(/^postgresql:\/\/hub:\$\{POSTGRES_PASSWORD:\?/)
    const open = Object.entries(services).filter(([, { ports }]) =>
      ports?.some((port) => !port.startsWith('127.0.0.1:')),
    )
    expect(open.map(([name]) => name)).toEqual(['balancer'])
  })

  test('the balancer asks each hub whether it is ready, and repeats nothing that was sent', () => {
    const lines = text('compose', 'haproxy.cfg')
      .split('\n')
      .map((line) => line.trim())
    const servers = lines.filter((line) => line.startsWith('server '))
    expect(servers).toEqual([
      'server hub-1 hub-1:8080',
      'server hub-2 hub-2:8080',
      // The hubs hear who calls.
      'server hub-1 hub-1:2222 send-proxy-v2',
      'server hub-2 hub-2:2222 send-proxy-v2',
    ])
    expect(lines.filter((line) => line.startsWith('http-check send'))).toHaveLength(2)
    expect(lines.filter((line) => line.startsWith('retry-on'))).toEqual(['retry-on conn-failure'])
    expect(services.balancer!.ports).toEqual(['8080:8080', '2222:2222'])
  })

  test('Prometheus looks at every hub by itself, and the hub takes the settings', () => {
    const prometheus = parse(text('compose', 'prometheus.yml')) as {
      scrape_configs: { job_name: string; static_configs: { targets: string[] }[] }[]
    }
    expect(prometheus.scrape_configs.map(({ job_name }) => job_name)).toEqual(['hub'])
    expect(prometheus.scrape_configs[0]!.static_configs[0]!.targets).toEqual(['hub-1:8080', 'hub-2:8080'])
    const config = checkedConfig({ ...secretEnv, HUB_CONFIG: join(root, 'deploy/compose/hub.yaml') })
    const balancers = [compose.networks.doors!.ipam!.config[0]!.subnet]
    expect([config.http?.trustedProxies, config.sftp?.trustedProxies]).toEqual([balancers, balancers])
  })
})

describe('manifests for Kubernetes', () => {
  type Doc = {
    apiVersion: string
    kind: string
    metadata: { name: string; namespace?: string }
    [key: string]: unknown
  }
  const models = {
    Deployment,
    HorizontalPodAutoscaler,
    Job,
    NetworkPolicy,
    PodDisruptionBudget,
    ConfigMap,
    Namespace,
    PersistentVolumeClaim,
    Secret,
    Service,
  } as unknown as Record<string, new (doc: Doc) => { validate(): void; apiVersion: string }>
  const files = readdirSync(join(root, 'deploy/kubernetes'))
  const docs = files.flatMap((file) =>
    parseAllDocuments(text('kubernetes', file)).map((doc) => ({ file, doc: doc.toJS() as Doc })),
  )
  const native = docs.filter(({ doc }) => !/^(kustomize|keda)/.test(doc.apiVersion))
  const of = (kind: string) => native.filter(({ doc }) => doc.kind === kind).map(({ doc }) => doc)
  interface Container {
    image: string
    args: string[]
    env?: { name: string; value?: string; valueFrom?: { secretKeyRef: { name: string; key: string } } }[]
    ports?: { name: string; containerPort: number }[]
    startupProbe?: object
    readinessProbe?: { httpGet: { path: string } }
    livenessProbe?: { httpGet: { path: string } }
    securityContext: object
    resources: { requests: object; limits: object }
  }
  interface PodSpec {
    containers: Container[]
    securityContext: { runAsNonRoot: boolean; runAsUser: number }
    terminationGracePeriodSeconds?: number
    automountServiceAccountToken: boolean
  }
  const podsOf = (doc: Doc) =>
    (doc.spec as { template: { metadata: { labels: Record<string, string> }; spec: PodSpec } }).template
  const workloads = [...of('Deployment'), ...of('Job')]

  test('each is what the schema of its kind says, and a slip of the pen is found', () => {
    expect(native.length).toBeGreaterThanOrEqual(14)
    for (const { file, doc } of native) {
      const model = models[doc.kind]
      expect(model, `${file}: ${doc.kind}`).toBeDefined()
      const made = new model!(doc)
      expect(made.apiVersion, file).toBe(doc.apiVersion)
      expect(() => made.validate(), `${file} ${doc.metadata.name}`).not.toThrow()
    }
    const slip = structuredClone(of('Deployment')[0]!) as Doc & { spec: { replicas: unknown } }
    slip.spec.replicas = 'two'
    expect(() => new models.Deployment!(slip).validate()).toThrow(/replicas/)
  })

  test('nothing runs as root or writes to its image, each has limits, and takes the time it needs to stop', () => {
    for (const doc of workloads) {
      const { spec } = podsOf(doc)
      expect([spec.securityContext.runAsNonRoot, spec.automountServiceAccountToken], doc.metadata.name).toEqual([
        true,
        false,
      ])
      expect(spec.securityContext.runAsUser).toBeGreaterThan(0)
      for (const { image, securityContext, resources } of spec.containers) {
        expect(image).toMatch(new RegExp(`:${version.replaceAll('.', '\\.')}$`))
        expect(securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        })
        expect(Object.keys(resources.limits)).toContain('memory')
      }
    }
    for (const doc of of('Deployment'))
      expect(podsOf(doc).spec.terminationGracePeriodSeconds).toBeGreaterThan(checkedStop() + 5)
  })
  const configText = () => (of('ConfigMap')[0]!.data as Record<string, string>)['hub.yaml']!
  const checkedStop = () => (parse(configText()) as { stopSeconds: number }).stopSeconds

  test('the settings are ones the hub takes', async () => {
    const file = join(await tempDir('config'), 'hub.yaml')
    await writeFile(file, configText())
    expect(checkedConfig({ ...secretEnv, HUB_CONFIG: file })).toMatchObject({ host: '0.0.0.0', http: { plain: true } })
    for (const name of Object.keys(of('Secret')[0]!.stringData as object))
      if (!/^(DATABASE|REDIS)_URL$/.test(name)) expect(knownVariables).toContain(name)
    for (const doc of workloads)
      for (const { env = [] } of podsOf(doc).spec.containers)
        for (const { name, valueFrom } of env) {
          if (name.startsWith('HUB_')) expect(knownVariables).toContain(name)
          if (valueFrom)
            expect(Object.keys(of('Secret')[0]!.stringData as object)).toContain(valueFrom.secretKeyRef.key)
        }
  })

  test('services, budgets, autoscalers and policies name pods that are there', () => {
    const labels = of('Deployment').map((doc) => podsOf(doc).metadata.labels)
    const meant = (selector: Record<string, string>) =>
      labels.some((all) => Object.entries(selector).every(([name, value]) => all[name] === value))
    for (const doc of of('Service'))
      expect(meant((doc.spec as { selector: Record<string, string> }).selector), doc.metadata.name).toBe(true)
    for (const [kind, key] of [
      ['PodDisruptionBudget', 'selector'],
      ['NetworkPolicy', 'podSelector'],
      ['Deployment', 'selector'],
    ] as const)
      for (const doc of of(kind)) {
        const { matchLabels } = (doc.spec as Record<string, { matchLabels: Record<string, string> }>)[key]!
        expect(meant(matchLabels), doc.metadata.name).toBe(true)
      }
    const names = of('Deployment').map(({ metadata }) => metadata.name)
    for (const doc of of('HorizontalPodAutoscaler'))
      expect(names).toContain((doc.spec as { scaleTargetRef: { name: string } }).scaleTargetRef.name)
    for (const doc of of('Deployment')) {
      const [hub] = podsOf(doc).spec.containers
      expect([hub!.readinessProbe?.httpGet.path, hub!.livenessProbe?.httpGet.path]).toEqual(['/readyz', '/healthz'])
      expect((doc.spec as { replicas: number }).replicas).toBeGreaterThanOrEqual(2)
    }
    const namespaces = native.filter(({ doc }) => doc.kind !== 'Namespace').map(({ doc }) => doc.metadata.namespace)
    expect(new Set(namespaces)).toEqual(new Set([of('Namespace')[0]!.metadata.name]))
    const listed = (parse(text('kubernetes', 'kustomization.yaml')) as { resources: string[] }).resources
    for (const file of listed) expect(files).toContain(file)
  })
})
