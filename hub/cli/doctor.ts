// doctor — is this machine fit to run a hub, and is the hub that runs here well? Each finding with its remedy.
import type { Command } from 'commander'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { access, constants, rm, stat } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import type { Config } from '../config/config.js'
import { descriptorLimit, descriptorShares } from '../base/descriptors.js'
import { dataFolders, folders, mailboxesOf } from '../config/folders.js'
import { usableFolder } from '../base/private-folder.js'
import { volumeOf } from '../base/volume.js'
import { lowDiskShare } from '../doors/overload.js'
import { foldersDiffer } from '../../messages/fleet.js'
import { loggedUrl } from '../../messages/logged-url.js'
import { chinaDate } from '../../messages/china-time.js'
import { AgencyList, BackupMade, failingTries, Readiness, SignerList, Status } from '../../messages/views/index.js'
import { answerAs, clientSettings, createClient } from './client.js'
import { print } from './show.js'
import { jsonOption } from './options.js'

interface Finding {
  what: string
  ok: boolean
  detail: string
  remedy?: string
}

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('check this machine and its hub 自检; exit code 2 if something is wrong')
    .option('--deep', 'also read the whole ledger and compare all bytes with their SHA-256; if the hub runs, on a copy')
    .option('--ledger <file>', 'with --deep: this ledger or copy, not the one in the data folder')
    .option(...jsonOption)
    .action(async ({ json, deep, ledger }: { json?: boolean; deep?: boolean; ledger?: string }) => {
      const findings = [...(await examine()), ...(deep || ledger !== undefined ? [await lookDeep(ledger)] : [])]
      print({ findings }, json === true, () =>
        findings
          .map((f) => `${f.ok ? '✓' : '✗'} ${f.what}: ${f.detail}${f.ok || !f.remedy ? '' : `\n    → ${f.remedy}`}`)
          .join('\n'),
      )
      if (findings.some((f) => !f.ok)) process.exitCode = 2
    })
}

async function examine(): Promise<Finding[]> {
  const [{ findRedisServer }, { loadDocuments }, { soundPacks }, { checkedConfig }, { readData }] = await Promise.all([
    import('../../queues/redis-server.js'),
    import('../../routing/load.js'),
    import('../../xsd/sound-packs.js'),
    import('../config/load-config.js'),
    import('../boot/data.js'),
  ])
  const config = await look(
    'configuration',
    'fix hub.yaml or the environment',
    async () => `data in ${checkedConfig(process.env).dataDir}`,
  )
  const known = await configOf()
  return [
    await look('Node', 'install Node 20.19 or later', async () => {
      const [major, minor] = process.versions.node.split('.').map(Number) as [number, number]
      if (major < 20 || (major === 20 && minor < 19)) throw new Error(`${process.version} is too old`)
      return process.version
    }),
    config,
    await look('open files', 'raise it: ulimit -n, LimitNOFILE= of systemd, nofile of the container', async () => {
      const limit = descriptorLimit()
      const share = descriptorShares(limit)
      const said =
        `this process may have ${limit} open: ${share.http} HTTP connections, ${share.sftp} SFTP ` +
        `(${share.sftpPerPartner} a partner) ` +
        `and ${share.sftpStrangers} not logged in (${share.sftpStrangersPerAddress} an address), ${share.handles} ` +
        `files over SFTP (${share.handlesPerPartner} a partner)`
      if (limit < fewDescriptors) throw new Error(`${said}; fewer than ${fewDescriptors} is tight`)
      return said
    }),
    await look('SQLite', '', async () => (await import('../../store/sqlite/driver.js')).sqliteVersion()),
    known?.redisUrl === undefined
      ? await look('Redis', 'install redis-server 6.2 or later, or set REDIS_URL', async () => {
          const found = findRedisServer()
          if (!found) throw new Error('neither redis-server nor valkey-server is on PATH')
          return found
        })
      : await lookAtRedisOf(known.redisUrl),
    ...(known?.databaseUrl === undefined ? [] : await lookAtPostgres(known.databaseUrl)),
    ...(known ? await lookWhereItLives(known) : []),
    await look('data', 'correct the files named; of forms, `hub form check` says more', async () => {
      const { operations, agencies, documents } = readData(known ?? { agencies: {} }).routing
      return (
        `${operations.size} operations, ${agencies.size} agencies, ${documents.flatMap((d) => d.documents).length} ` +
        'document types'
      )
    }),
    await look('schemas', 'see `hub schema check`', async () => {
      const { families } = dataFolders(known ?? {})
      const { schemas, rules } = await soundPacks(families, folders.soundPacks, () => loadDocuments(families))
      return `${schemas} compile, ${rules} rules`
    }),
    ...(await lookAtRunning()),
  ]
}

/** The hub that runs by this configuration, and how it reaches its agencies. */
async function lookAtRunning(): Promise<Finding[]> {
  const settings = clientSettings()
  const { url, read } = createClient(settings)
  let answers = false
  const running = await look(
    'running hub',
    'start it with `hub start` (`npm start`: the demo), or look at its log',
    async () => {
      const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(5000) }).catch(() => undefined)
      if (!response) throw new Error(`none answers at ${url}`)
      const { status, checks } = await answerAs(Readiness, response)
      answers = true
      const wrong = checks
        .filter((c) => !c.ok)
        .map((c) => `${c.name}: ${c.detail}`)
        .join('; ')
      if (!response.ok) throw new Error(wrong)
      return `${url} is ${status}${wrong === '' ? '' : ` (${wrong})`}`
    },
  )
  // It runs, and says itself what it lacks.
  if (answers) running.remedy = unreadyRemedy
  if (!running.ok || !settings.HUB_OPS_KEY) return [running]
  const connectors = await look('agencies', 'see `hub agency list`, and `agencies` in hub.yaml', async () => {
    const { agencies } = await read(AgencyList, '/ops/agencies', { ops: true })
    const { agencies: counts } = await read(Status, '/ops/status', { ops: true })
    const waits = (code: string) => counts.some(({ agency, queued }) => agency === code && queued > 0)
    const wrong = agencies.flatMap(({ agency, connector, health, processes }) => {
      if (health && !health.ok) return [`${agency}: ${health.detail}`]
      const [failing] = processes.flatMap((one) => one.failing ?? []).sort((a, b) => b.tries - a.tries)
      if (failing && failing.tries >= failingTries && waits(agency))
        return [`${agency}: ${failing.tries} tries failed in a row: ${failing.why}`]
      return connector === 'none' && waits(agency)
        ? [`${agency}: messages wait and hub.yaml has no connector for it`]
        : []
    })
    if (wrong.length > 0) throw new Error(wrong.join('; '))
    return (
      `${agencies.filter(({ connector }) => connector !== 'none').length} of ${agencies.length} have a connector; ` +
      'none in trouble'
    )
  })
  const mailboxes = await look(
    'SFTP mailboxes',
    'mount one volume at <data>/sftp of every hub (docs/scaling.md)',
    async () => {
      const { fleet } = await read(Status, '/ops/status', { ops: true })
      if (foldersDiffer(fleet, new Date()))
        throw new Error('hubs keep them in different folders: a receipt is only where its partner has come in')
      return fleet.shared ? 'in one folder for all hubs' : 'of this hub alone'
    },
  )
  const partners = await look(
    'partners’ certificates',
    'register the new one: `hub partner certificate add`',
    async () => {
      const metrics = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(5000) }).then((told) => told.text())
      const ending = [...metrics.matchAll(/^hub_certificate_days_left\{of="(partner [^"]+)"\} (-?\d+)$/gm)]
        .map(([, of, days]) => ({ of, daysLeft: Number(days) }))
        .filter(({ daysLeft }) => daysLeft < soonDays)
      if (ending.length === 0) return `none with which a partner signs ends within ${soonDays} days`
      throw new Error(
        ending.map(({ of, daysLeft: days }) => `${of}: ${days < 0 ? 'has ended' : `${days} days left`}`).join('; '),
      )
    },
  )
  const { signers } = await read(SignerList, '/ops/signers', { ops: true })
  if (signers.length === 0) return [running, connectors, mailboxes, partners]
  const signing = await look('signers', '`hub signer list` says why; docs/signatures.md', async () => {
    const wrong = signers.flatMap(({ name, up, why = 'away', certificate: { daysLeft: left } }) =>
      !up ? [`${name}: ${why}`] : left < soonDays ? [`${name}: its certificate has ${left} days left`] : [],
    )
    if (wrong.length > 0) throw new Error(wrong.join('; '))
    return signers.map(({ name, certificate: { daysLeft: left } }) => `${name}: ${left} days left`).join('; ')
  })
  return [running, connectors, mailboxes, partners, signing]
}

/** A configuration that has its form, also when something that it names is not there. Undefined: it has not. */
async function configOf(): Promise<Config | undefined> {
  const { loadConfig } = await import('../config/load-config.js')
  try {
    return loadConfig(process.env)
  } catch {
    // Told by `configuration`.
    return undefined
  }
}

async function lookAtRedisOf(url: string): Promise<Finding> {
  return look('Redis', 'start it, or correct redisUrl (REDIS_URL); until then nothing is sent', async () => {
    const { lookAtRedis } = await import('../../queues/look-at-redis.js')
    return `${loggedUrl(url)}: ${await lookAtRedis(url)}`
  })
}

async function lookAtPostgres(url: string): Promise<Finding[]> {
  let told: number | undefined
  const server = await look(
    'PostgreSQL',
    'start it, or correct DATABASE_URL (`databaseUrl`); docs/postgresql.md',
    async () => {
      const { lookAtLedger, withoutPassword } = await import('../../store/postgres/open.js')
      const { server, version, newest, aheadMs } = await lookAtLedger(url)
      told = aheadMs
      const tables =
        version === 0
          ? 'no ledger in it yet'
          : version === newest
            ? `its tables are of this version (${version})`
            : `its tables have version ${version}, this hub's ${newest}`
      return `${server} at ${withoutPassword(url)}; ${tables}`
    },
  )
  if (told === undefined) return [server]
  const ahead = told
  const clock = await look('clock', 'let this machine and that of PostgreSQL follow a time server', async () => {
    const said = `${Math.abs(ahead) / 1000} s ${ahead > 0 ? 'ahead of' : 'behind'} that of PostgreSQL`
    if (Math.abs(ahead) > clocksDifferMs) throw new Error(said)
    return ahead === 0 ? 'as that of PostgreSQL' : said
  })
  return [server, clock]
}

const clocksDifferMs = 5_000
/** Damaged pieces that are named; the others are counted. */
const mostShown = 20

/** Reads a ledger from end to end. */
async function lookDeep(file: string | undefined): Promise<Finding> {
  if (file === undefined && (await configOf())?.databaseUrl !== undefined)
    return {
      what: 'ledger, all of it',
      ok: false,
      detail: 'the ledger is in PostgreSQL, which --deep does not read',
      remedy:
        'ask the server itself (data checksums, pg_amcheck), and run `hub audit verify`; a file is read with --ledger',
    }
  return look('ledger, all of it', 'restore a backup (docs/operations.md), or look at the messages named', async () => {
    const [{ deepCheck }, { loadConfig }] = await Promise.all([
      import('../../store/sqlite/deep-check.js'),
      import('../config/load-config.js'),
    ])
    const config = loadConfig(process.env)
    const { dataDir } = config
    const { payloadSettings } = await import('../config/payload-settings.js')
    const payloads = payloadSettings(config, process.env)
    const store = payloads && (await import('../../store/payloads/s3.js')).createS3Payloads(payloads)
    const own = file ?? join(dataDir, 'ledger.db')
    const encryption = (await import('../config/encryption.js')).encryptionOf(config)
    const check = async (ledger: string) => ({
      checked: ledger,
      report: await deepCheck(ledger, createProgress(), { encryption, payloads: store }),
    })
    const { checked, report } = await check(own).catch((error: unknown) => {
      if (!(error instanceof Error && error.name === 'LedgerInUseError') || file !== undefined) throw error
      return ofCopy(own, check)
    })
    process.stderr.write('\n')
    const { pieces, bytes, unsummed, damaged, damages } = report
    if (damaged > 0)
      throw new Error(
        `${checked}: ${damaged} damaged: ${damages
          .slice(0, mostShown)
          .map(({ what, id, detail }) => `${what} ${id}: ${detail}`)
          .join('; ')}${damaged > mostShown ? `; and ${damaged - mostShown} more` : ''}`,
      )
    const older = unsummed === 0 ? '' : `, ${unsummed} of them from before sums were kept`
    return `${checked}: ${pieces} pieces, ${(bytes / 1e6).toFixed(1)} MB, each as it came${older}`
  })
}

/**
 * The hub that runs holds its ledger: what it copies now is what it has. The copy is removed afterwards, also when this
 * is interrupted.
 */
export async function ofCopy<T>(own: string, check: (copy: string) => Promise<T>): Promise<T> {
  const { file: copy } = await createClient().act(BackupMade, '/ops/backup', { why: 'a copy to be checked' })
  // The hub that answers may be another one, and its copy is its own.
  const [here, there] = await Promise.all([dirname(own), dirname(dirname(copy))].map((dir) => stat(dir)))
  if (here!.ino !== there!.ino || here!.dev !== there!.dev)
    throw new Error(`the hub that answers keeps its copies in ${dirname(copy)}, not beside ${own}: set HUB_URL`)
  const remove = () => Promise.all(['', '-wal', '-shm'].map((end) => rm(copy + end, { force: true })))
  const interrupted = () => void remove().finally(() => process.exit(130))
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted)
  try {
    return await check(copy)
  } finally {
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted)
    await remove()
  }
}

/** A guess at what is left needs this long a look at the pace. */
const paceMs = 2000

/**
 * One line on standard error, some times a second: how much is done, and, once the pace is known, about how long the
 * rest takes. What came before the first record (a copy was made, files were opened) is no part of the pace.
 */
export function createProgress(
  now: () => number = () => performance.now(),
  write: (text: string) => void = (text) => void process.stderr.write(text),
): (done: number, total: number) => void {
  let first: { at: number; done: number } | undefined
  let shown = -Infinity
  return (done, total) => {
    const at = now()
    first ??= { at, done }
    if (at - shown < 200 && done < total) return
    shown = at
    const percent = total === 0 ? 100 : Math.floor((100 * done) / total)
    const seconds = ((at - first.at) / (done - first.done)) * ((total - done) / 1000)
    const left =
      at - first.at >= paceMs && done > first.done && done < total ? `, about ${Math.ceil(seconds)} s left` : ''
    write(`\r${`${done} of ${total} records (${percent} %)${left}`.padEnd(64)}`)
  }
}

async function hasVolumeOfItsOwn(dir: string, beside: string): Promise<boolean> {
  return existsSync(dir) && (await volumeOf(dir)).device !== (await volumeOf(beside)).device
}

/** @throws Error that says the same where the disk is low */
async function roomIn(dir: string, minFreeMegabytes: number): Promise<string> {
  const mb = Math.floor((await volumeOf(dir)).freeBytes / 1024 / 1024)
  if (mb < lowDiskShare * minFreeMegabytes) throw new Error(`${dir}: only ${mb} MB free`)
  return `${mb} MB free`
}

/** Of a configuration that can be read. */
async function lookWhereItLives({
  dataDir,
  retention,
  refusedMegabytesPerDay,
  minFreeMegabytes,
  memoryMegabytes,
  maxBytes,
  checkThreads,
  tls,
  http,
  agencies,
}: Config): Promise<Finding[]> {
  return [
    await lookAtCertificate(tls, http.plain),
    ...(await lookAtOwnCertificates(agencies)),
    await look('data folder', 'make it writable, and free the disk', async () => {
      const there = usableFolder(dataDir)
      const missing = existsSync(dataDir) ? '' : ' (made at the first start)'
      const said = await roomIn(there, minFreeMegabytes)
      return `${dataDir}${missing}, ${said}; below ${minFreeMegabytes} MB (minFreeMegabytes) new work is turned away`
    }),
    ...((await hasVolumeOfItsOwn(mailboxesOf(dataDir), dataDir))
      ? [
          await look('SFTP mailboxes', 'free the disk they lie on', async () => {
            const said = await roomIn(mailboxesOf(dataDir), minFreeMegabytes)
            return `${mailboxesOf(dataDir)}, ${said}; full, SFTP uploads fail and receipts wait`
          }),
        ]
      : []),
    await look('memory', 'give the hub more memory, or lower maxBytes', async () => {
      const { parsedRatio, planMemory } = await import('../boot/memory.js')
      const threads = checkThreads ?? Math.max(1, availableParallelism() - 1)
      const plan = planMemory({ setting: memoryMegabytes, maxBytes, threads })
      const mb = (bytes: number) => Math.round(bytes / 1024 / 1024)
      const used = plan.partnersBytes + plan.agenciesBytes + plan.largeThreads * maxBytes * parsedRatio
      if (mb(used) > plan.megabytes)
        throw new Error(`${plan.megabytes} MB (${plan.from}) are too few for bodies of ${mb(maxBytes)} MB`)
      return (
        `${plan.megabytes} MB (${plan.from}); bodies of all partners ${mb(plan.partnersBytes)} MB, of one ` +
        `${mb(plan.partnerBytes)} MB, ` +
        `answers of agencies ${mb(plan.agenciesBytes)} MB`
      )
    }),
    await look('retention', 'mount the archive (retention.archive) and let the hub write there', async () => {
      const { refusedDaysOf } = await import('../operate/retention-rules.js')
      const rules = retention ?? {}
      if (rules.archive !== undefined) await access(rules.archive, constants.W_OK)
      return (
        `bytes ${rules.days === undefined ? 'are kept for good' : `go after ${rules.days} days`}` +
        `${rules.archive === undefined ? '' : ` to ${rules.archive}`}; ` +
        `of refused messages they go after ${refusedDaysOf(rules)} days, and at most ${refusedMegabytesPerDay} MB ` +
        'a day of one partner are kept'
      )
    }),
  ]
}

const unreadyRemedy = 'remove the cause; the hub goes on by itself, without a restart'

/** From this many days on, a certificate that nobody has renewed is a finding. */
const soonDays = 14

async function lookAtCertificate(tls: Config['tls'], plain: boolean): Promise<Finding> {
  return look('certificate', 'put the renewed certificate and its key where `tls` names them; no restart', async () => {
    if (!tls)
      return plain
        ? 'the HTTP door speaks plain HTTP (http.plain): the load balancer in front has the certificate'
        : 'the HTTP door speaks plain HTTP, on loopback only'
    const [{ daysLeft, readCertificate }, { filesOf }] = await Promise.all([
      import('../../adapters/trust/certificate.js'),
      import('../boot/tls.js'),
    ])
    const { facts } = readCertificate(filesOf(tls, process.env))
    const days = daysLeft(facts)
    const ends = chinaDate(facts.validTo)
    if (days < 0) throw new Error(`${facts.subject}: expired on ${ends}`)
    if (days < soonDays) throw new Error(`${facts.subject}: ${days} days left, until ${ends}`)
    return `${facts.subject} for ${facts.names || 'no names'}: ${days} days left, until ${ends}`
  })
}

/** The certificates the hub shows to agencies, where it shows any. */
async function lookAtOwnCertificates(agencies: Config['agencies']): Promise<Finding[]> {
  const { ownCertificates } = await import('../agencies/own-certificates.js')
  return Promise.all(
    ownCertificates(agencies).map(({ of, subject, validTo, daysLeft: days }) =>
      look(`certificate for ${of}`, 'put the renewed one where its `tls` names it; no restart', async () => {
        const ends = chinaDate(new Date(validTo))
        const said = `${subject}: ${days < 0 ? 'expired on' : `${days} days left, until`} ${ends}`
        if (days < soonDays) throw new Error(said)
        return said
      }),
    ),
  )
}

/** With fewer a busy hub turns connections away. */
const fewDescriptors = 1024

async function look(what: string, remedy: string, check: () => Promise<string>): Promise<Finding> {
  try {
    return { what, ok: true, detail: await check() }
  } catch (error) {
    return { what, ok: false, detail: error instanceof Error ? error.message : String(error), remedy }
  }
}
