// hub — puts the parts together and starts them in the order in which they need each other; stops them in the reverse.
//
//   storage · redis · data · checking ─▶ queues ─▶ steps (taking, answering) ─▶ agencies ─▶ doors ─▶ working ─▶ listening
//
// Each line below is a starter of hub/boot: it is given what stands above it and returns its part.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { AddressInfo } from 'node:net'
import { soundKeyPair } from '../adapters/channels/sftp/host-key.js'
import { startSimulator } from '../adapters/simulator/start.js'
import type { Readiness } from '../messages/views/index.js'
import { startAgencies } from './boot/agencies.js'
import { startAnswering } from './boot/answering.js'
import { startChecking } from './boot/checking.js'
import { readData } from './boot/data.js'
import { demoKeys, putDemoPartner, simulatedAgencies, writeDemoEnv } from './boot/demo.js'
import { descriptorLimit, descriptorShares } from './base/descriptors.js'
import { watchGauges } from './boot/gauges.js'
import { buildHttpDoor } from './boot/http.js'
import { createLifetime } from './boot/lifetime.js'
import type { Log } from './base/log.js'
import { startOperating } from './boot/operating.js'
import { startOwnRedis, startQueues } from './boot/queues.js'
import type { ConfigSource, Start } from './boot/start.js'
import { startSigning } from './boot/signing.js'
import { startStorage } from './boot/storage.js'
import { startTaking } from './boot/taking.js'
import { startTls } from './boot/tls.js'
import { startWatching } from './boot/watching.js'
import { createAskNow } from './steps/ask-now.js'
import { startWorking } from './boot/working.js'
import type { Config } from './config/config.js'
import { buildVersion } from './config/build.js'
import { startFileDoors } from './doors/file-doors.js'
import { newSecret } from './base/secrets.js'

/** A hub that listens. */
export interface Hub {
  addresses: { httpUrl: string; sftpHost: string; sftpPort: number; simulatorUrl?: string | undefined }
  /** Reads hub.yaml again: the rules for agencies change at once. Returns the faults; none: it is in force. */
  reload(): string[]
  /** What /readyz says. */
  readiness(): Promise<Readiness>
  /** What is wrong with the simulator of the demo, in a sentence. */
  simulatorTrouble(): Promise<string | undefined>
  /** Takes nothing more, finishes what is under way, and stops everything it started. */
  stop(): Promise<void>
}

/**
 * @throws ConfigError, DataError, LedgerInUseError, EADDRINUSE …; whatever had been started is stopped again.
 */
export async function startHub(
  config: Config,
  log: Log,
  env: NodeJS.ProcessEnv = process.env,
  source: ConfigSource = { reread: () => config },
): Promise<Hub> {
  const life = createLifetime(log)
  try {
    return { ...(await startParts({ config, log, env, life, version: buildVersion }, source)), stop: life.stop }
  } catch (error) {
    await life.stop()
    throw error
  }
}

async function startParts(start: Start, source: ConfigSource): Promise<Omit<Hub, 'stop'>> {
  const { config, log, life } = start
  await mkdir(config.dataDir, { recursive: true, mode: 0o700 })
  const shares = descriptorShares(descriptorLimit())
  const tls = startTls(start)
  const signing = await startSigning(start)
  const storage = await startStorage(start)
  const redisUrl = startOwnRedis(start)
  const data = readData(config)
  const checking = startChecking(start, data)
  const queues = startQueues({
    ...start,
    redisUrl: await redisUrl(),
    agencies: data.agencyCodes,
    policy: (agency) => ways.agencies.policy(agency),
    ledger: storage.ledger,
    takesTurns: () => storage.leases.allKnow('turns'),
  })
  const watching = await startWatching(start)

  /** Before there is anybody who asks, the sweeper finds it. */
  let asking: (submissionId: string) => void = () => {}
  const parts = { ...start, data, storage, checking, watching, queues, signing }
  const taking = startTaking({ ...parts, agencies: () => ways.agencies, ask: (submissionId) => asking(submissionId) })
  const answering = startAnswering({ ...parts, taking, agencies: () => ways.agencies })
  const demo = config.demo ? { keys: demoKeys(config.dataDir), agencyToken: newSecret('agency') } : undefined
  /** Where the simulator is, once it runs. */
  const simulated: { url: string | undefined } = { url: undefined }
  const ways = await startAgencies({
    ...parts,
    answering,
    source,
    simulator: () => (simulated.url === undefined ? undefined : simulatedAgencies(simulated.url, demo!.agencyToken)),
  })
  const operating = startOperating({
    ...parts,
    taking,
    traffic: ways.traffic,
    agencies: ways.agencies,
    tls,
    refreshDoors: () => fileDoors.refresh(),
    sweepSoon: () => void sweeper.sweep(),
  })

  let begun = false
  const inner = { ...parts, taking, answering, operating, agencies: ways }
  const httpDoor = await buildHttpDoor({ ...inner, shares, tls, demoKey: demo?.keys.ops, begun: () => begun })
  // Agencies named in hub.yaml are real to the demo; without any, a simulator answers for all. It boots while the other
  // doors open.
  const simulator = life.starting(
    demo && Object.keys(config.agencies).length === 0
      ? startSimulator({
          token: demo.agencyToken,
          journal: join(config.dataDir, 'simulator.jsonl'),
          families: data.families,
          logFile: join(config.dataDir, 'simulator.log'),
          // It posts to this process, at this machine's own address, which no certificate names.
          anyCertificate: tls !== undefined,
        })
      : undefined,
  )
  const fileDoors = life.started(
    await startFileDoors({
      config,
      ledger: storage.ledger,
      accept: taking.accept,
      memory: checking.memory.partners,
      rates: taking.rates,
      turnedAway: taking.overload.refusal,
      shares,
      loginFailed: (who) => operating.signIns.failed({ door: 'sftp', ...who }),
      log,
      secrets: operating.partnerSecrets,
      leases: storage.leases,
      sign: signing.receipts?.jws,
    }),
    (d) => d.close(),
  )
  // What another hub on the same ledger changes is not remembered here any longer.
  const heeded = storage.neighbours?.changes((what) => {
    if (what === 'agencies') return void ways.traffic.learn()
    taking.partners.forget()
    fileDoors.refresh().catch((err: unknown) => log.error({ err }, 'file doors not brought in line with partners'))
  })
  life.started(heeded, (deaf) => deaf?.())
  const demoKeyFile = demo && (await putDemoPartner(storage.ledger, config, demo.keys, () => soundKeyPair('demo')))
  const simulating = await simulator
  simulated.url = simulating?.url
  void simulating?.lost.then((how) => log.error({ how }, 'the simulator is gone: simulated agencies answer nothing'))
  void simulating?.answers.then((trouble) => trouble && log.error({ trouble }, 'what the simulator answers is broken'))
  const { sweeper, ask } = startWorking({ ...inner, fileDoors })
  asking = createAskNow({ ask, offer: queues.offerSubmission, log })
  watchGauges({ ...inner, fileDoors, tls })

  // Listening is the last act: whoever is let in finds everything there.
  await httpDoor.listen({ host: config.host, port: config.httpPort })
  const sftpHost = config.host === '0.0.0.0' ? '127.0.0.1' : config.host
  const httpUrl = `${tls ? 'https' : 'http'}://${sftpHost}:${(httpDoor.server.address() as AddressInfo).port}`
  simulating?.answerTo(`${httpUrl}/agency/{agency}/receipts`)
  const addresses = { httpUrl, sftpHost, sftpPort: fileDoors.port, simulatorUrl: simulated.url }
  if (demo)
    await writeDemoEnv(config.dataDir, {
      ...addresses,
      sftpHost: config.host,
      keys: demo.keys,
      keyFile: demoKeyFile!,
    })
  begun = true
  const { agencyCodes } = data
  log.info(
    { version: start.version, httpUrl, sftpPort: fileDoors.port, agencies: agencyCodes.length, roles: config.roles },
    'hub started',
  )
  const readiness = async () => (await httpDoor.inject('/readyz')).json<Readiness>()
  return { addresses, reload: ways.reload, readiness, simulatorTrouble: async () => simulating?.answers }
}
