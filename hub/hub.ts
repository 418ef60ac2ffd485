// hub — puts the parts together and starts them in the order in which they need each other; stops them in the reverse.
//
//   ledger · routing · checker · redis · queues ─▶ steps ─▶ doors ─▶ (simulator) ─▶ workers · sweeper
import { setMaxListeners } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createHttpDoor } from '../adapters/channels/http/door.js'
import { ownPage } from '../adapters/channels/http/security-headers.js'
import { soundKeyPair } from '../adapters/channels/sftp/host-key.js'
import { learnable } from '../messages/learnable.js'
import { startSimulator } from '../adapters/simulator/start.js'
import { mountBoard } from '../monitoring/board.js'
import { createReadiness } from '../monitoring/health.js'
import { createMetrics } from '../monitoring/metrics.js'
import { createOverview } from '../monitoring/overview.js'
import { mountPage } from '../monitoring/page.js'
import { createSeries } from '../monitoring/series.js'
import { createTail } from '../monitoring/tail.js'
import { checkRedis } from '../queues/health.js'
import { createQueues, type OfferedSubmission } from '../queues/queues.js'
import { startRedis } from '../queues/redis-server.js'
import { createStateBoard } from '../queues/state-board.js'
import { startSweeper } from '../queues/sweeper.js'
import { startWorkers } from '../queues/workers.js'
import { loadRouting } from '../routing/load.js'
import { createYamlFiles } from '../routing/yaml-files.js'
import { createArchive } from '../store/archive.js'
import { openThreadedLedger } from '../store/sqlite/threaded.js'
import { mappingFaults } from '../xsd/mapping-faults.js'
import { createChecker } from '../xsd/checker.js'
import { formIndex } from '../xsd/form/store.js'
import { loadRules } from '../xsd/ruling/load.js'
import { createAgencies } from './agencies/agencies.js'
import { createConnect } from './agencies/connect.js'
import { priorityOf } from './agencies/policy.js'
import { createReload, readRules, type RulesParts } from './agencies/reload.js'
import { createTraffic, processName } from './agencies/traffic.js'
import { createAgencyVerbs } from './agencies/verbs.js'
import { watchFiles } from './agencies/watch-files.js'
import { createBackup } from './operate/backup.js'
import { createCatalogueView } from './doors/catalogue-view.js'
import { ConfigError, type Config } from './config/config.js'
import { createContent } from './doors/content.js'
import { demoKeys, putDemoPartner, writeDemoEnv, type DemoKeys } from './boot/demo.js'
import { startFileDoors } from './doors/file-doors.js'
import { createPartnerSecrets } from './operate/partner-secrets.js'
import { createFindMessages } from './doors/find-messages.js'
import { descriptorLimit, descriptorShares } from './boot/descriptors.js'
import { createFindByNumber } from './doors/find-by-number.js'
import { dataFolders, folders } from './config/folders.js'
import type { Log } from './boot/log.js'
import { createListings } from './doors/listings.js'
import { createMailbox } from './doors/mailbox.js'
import { namesOf } from './operate/names.js'
import { createObserve } from './operate/observe.js'
import { createBudgets, planMemory } from './boot/memory.js'
import { createOperator } from './operate/operator.js'
import { createPartnerBook, hashSecret, newSecret, operatorsOf } from './operate/partner-book.js'
import { startPressure } from './doors/pressure.js'
import { createReplyReader } from './agencies/reply-reader.js'
import { startRetention } from './operate/retention.js'
import { createSendersForm } from './doors/senders-form.js'
import { createSignIns } from './doors/sign-ins.js'
import { split } from './doors/split.js'
import { startTracing } from './boot/start-tracing.js'
import { createSubscriptions } from './operate/subscriptions.js'
import { createWebhooks, webhookKey } from './doors/webhooks.js'
import { createRates } from '../messages/rates.js'
import { createAccept } from './steps/accept.js'
import { acknowledge, flatAcknowledgement, rejected, withConflicts } from './steps/acknowledge.js'
import { createFetchIn } from './steps/fetch-in.js'
import { createGiveBack } from './steps/give-back.js'
import { createNotice } from './steps/notice.js'
import { createSettle } from './steps/settle.js'
import { createSubmit } from './steps/submit.js'

export interface Hub {
  addresses: { httpUrl: string; sftpHost: string; sftpPort: number; simulatorUrl?: string | undefined }
  /** Reads hub.yaml again: the rules for agencies change at once. Returns the faults; none: it is in force. */
  reload(): string[]
  /** Takes nothing more, finishes what is under way, and stops everything it started. */
  stop(): Promise<void>
}

const { version } = JSON.parse(readFileSync(join(folders.root, 'package.json'), 'utf8')) as { version: string }

/** Where the configuration comes from: how it is read again, and which file to watch. */
export interface ConfigSource {
  reread: () => Config
  file?: string
}

/** @throws ConfigError, LedgerInUseError, RoutingDataError, EADDRINUSE …; whatever had been started is stopped again. */
export async function startHub(
  config: Config,
  log: Log,
  env: NodeJS.ProcessEnv = process.env,
  source: ConfigSource = { reread: () => config },
): Promise<Hub> {
  const undo: (() => Promise<unknown>)[] = []
  const started = <T>(part: T, stop: (part: T) => Promise<unknown>): T => {
    undo.push(() => stop(part))
    return part
  }
  const stop = async () => {
    for (const step of undo.splice(0).reverse())
      await step().catch((error: unknown) => log.error({ err: error }, 'a part did not stop cleanly'))
  }
  try {
    const { addresses, reload } = await startParts()
    return { addresses, reload, stop }
  } catch (error) {
    await stop()
    throw error
  }

  async function startParts(): Promise<Pick<Hub, 'addresses' | 'reload'>> {
    await mkdir(config.dataDir, { recursive: true, mode: 0o700 })
    const shares = descriptorShares(descriptorLimit())
    const ledger = started(await openThreadedLedger({ file: join(config.dataDir, 'ledger.db'), log }), (l) => l.close())
    // It boots while this process reads its data.
    const redis = config.redisUrl === undefined ? startRedis({ dir: join(config.dataDir, 'redis'), log }) : undefined
    redis?.catch(() => {})
    undo.push(async () => (await redis?.catch(() => undefined))?.stop())
    const data = dataFolders(config)
    const routing = loadRouting(data, data.copy, formIndex())
    const ruleFiles = createYamlFiles(folders.rulesCopy)
    const rules = loadRules(data.families, routing.documents, ruleFiles.readAs)
    ruleFiles.keep()
    const flatTables = join(data.families, 'flatfile/tables')
    const threads = config.checkThreads ?? Math.max(1, availableParallelism() - 1)
    const plan = planMemory({ setting: config.memoryMegabytes, maxBytes: config.maxBytes, threads })
    const memory = createBudgets(plan)
    const checker = started(
      createChecker({
        documents: routing.documents,
        mappings: routing.mappings,
        schemasDir: data.families,
        rules,
        flatTables,
        faultLimit: config.maxFaults,
        threads,
        largeThreads: plan.largeThreads,
        mostBytes: plan.partnersBytes * 2,
      }),
      (c) => c.close(),
    )
    const archive =
      config.retention?.archive === undefined
        ? undefined
        : started(createArchive({ dir: config.retention.archive }), (a) => a.close())
    const { content, forwarded } = createContent({ ledger, archive })
    const retention = started(startRetention({ rules: config.retention ?? {}, archive, ledger, log }), (r) => r.stop())
    const becomesEdifact = new Set(
      routing.mappings.filter(({ to }) => to.release !== undefined).map(({ from }) => from.document),
    )
    const sources: RulesParts = { usualFile: join(data.routing, 'agencies.yaml') }
    const faults: string[] = []
    const agencyRules = readRules(config, sources, faults)
    if (Object.values(config.agencies).some(({ edifact }) => edifact)) faults.push(...mappingFaults(routing.mappings))
    if (faults.length > 0) throw new ConfigError(faults)
    const redisUrl = config.redisUrl ?? (await redis!).url
    const agencyCodes = [
      ...new Set([...routing.operations.values()].flatMap((o) => (o.documents.length > 0 ? o.agencies : []))),
    ]
    const queues = started(createQueues({ redisUrl, agencies: agencyCodes, priorityOf: urgency, log }), (q) =>
      q.close(),
    )

    /** How urgent a submission is to its agency; looked up only where that agency has priorities. */
    function urgency({ submissionId, agency, operation }: OfferedSubmission) {
      const policy = agencies.policy(agency)
      if (operation !== undefined || Object.keys(policy.priorities).length === 0) return priorityOf(policy, operation)
      return ledger.submissionById(submissionId).then((known) => priorityOf(policy, known?.operation))
    }

    const metrics = createMetrics()
    const series = createSeries()
    const tail = createTail()
    const tracing =
      config.tracing &&
      started(
        await startTracing(config.tracing, { env, version, roles: config.roles, told: metrics.traced, log }),
        (t) => t.close(),
      )
    const observe = createObserve({ log, metrics, series, tail, tracing })
    const partners = createPartnerBook(ledger)
    // In the demo the partner sits at this machine.
    const reach = { http: config.demo, loopback: config.demo, allow: [], ...config.webhooks }
    const webhooks = createWebhooks({
      ledger,
      key: webhookKey(config.dataDir, env),
      reach,
      changed: partners.forget,
      log,
    })
    const mailbox = started(createMailbox(ledger), async (m) => m.close())
    const agencyToken = newSecret('agency')
    let simulatorUrl: string | undefined
    /** A whole sweep, once there is a sweeper. */
    let sweepSoon = () => {}
    const pressure = started(
      startPressure({ dataDir: config.dataDir, ledger, limits: config, takes: config.roles.includes('doors'), log }),
      async (p) => p.stop(),
    )

    const documentTypes = new Map(
      routing.documents.flatMap((family) => family.documents).map((type) => [type.id, type]),
    )

    // The steps.
    const taught = learnable(routing.documents)
    const rates = createRates({ callsPerSecond: config.ratePerSecond, bytesPerSecond: config.rateBytesPerSecond })
    const accept = createAccept({
      spend: rates.bytes,
      learnable: taught,
      sendersOf: (documentType, facts) =>
        (documentTypes.get(documentType)?.senders ?? []).flatMap((name) => facts[name] || []),
      refusesShared: (agency) => agencies.policy(agency).sharedKeys === 'refuse',
      shared: observe.shared,
      split: (inbound, settings) =>
        split(inbound, { maxBytes: config.maxBytes, maxMessages: config.maxMessages }, settings),
      inspect: checker.inspect,
      routing,
      ledger,
      acknowledge,
      rejected,
      flatAcknowledgement,
      edifactOf: (agency, documentType) => agencies.edifactOf(agency, documentType),
      signedLater: (agency) => agencies.policy(agency).signs !== undefined,
      withConflicts,
      partner: partners.byId,
      pressure: pressure.check,
      refusedQuota: config.refusedMegabytesPerDay * 1024 * 1024,
      observe: observe.accepted,
      offer(submission, operation) {
        observe.offered(submission.agency)
        void queues.offerSubmission({ ...submission, ...(operation === undefined ? {} : { operation }) })
      },
    })
    const listings = started(createListings({ flatTables, memoryMb: plan.replyThreadMegabytes, log }), (l) => l.close())
    const sendersForm = createSendersForm({
      partner: partners.byId,
      content,
      list: listings.list,
    })
    const expects = (documentType: string) => documentTypes.get(documentType)?.expects
    const notice = createNotice({ inspect: checker.inspect, routing, ledger, partner: partners.byId })
    const replyReader = started(
      createReplyReader({
        receiptTypes: routing.documents.flatMap((d) => d.receipts),
        envelopes: routing.documents.flatMap((d) => d.envelopes ?? []),
        memoryMb: plan.replyThreadMegabytes,
        log,
      }),
      (r) => r.close(),
    )
    const settling = createSettle({
      ledger,
      learnable: taught,
      rivals: observe.rivals,
      notice,
      expects,
      charsetOf: (agency) => agencies.edifactCharset(agency),
      partner: partners.byId,
      readReply: replyReader.read,
      observe: observe.settled,
      kept: observe.replyKept,
    })
    const fetchIn = createFetchIn({ ledger, readReply: replyReader.read, keep: settling.keep, log })
    const importFolder = new Map(
      [...documentTypes.values()].flatMap(({ id, folder }) => (folder === undefined ? [] : [[id, folder]])),
    )
    const connect = createConnect({
      isReceipt: async (bytes) => (await replyReader.read(bytes)) !== undefined,
      env,
      memory: memory.agencies,
      folderOf: (type) => importFolder.get(type),
      folders: [...new Set(importFolder.values())],
      temporaryEndings: config.temporaryEndings,
      ...fetchIn,
      log,
    })
    const agencies = started(
      createAgencies({
        becomesEdifact,
        rules: agencyRules,
        codes: agencyCodes,
        env,
        connect,
        fallback: () => (simulatorUrl === undefined ? undefined : { url: simulatorUrl, token: agencyToken }),
      }),
      (a) => a.close(),
    )
    const works = config.roles.includes('workers')
    const traffic = started(
      createTraffic({
        agencies,
        codes: agencyCodes,
        holds: ledger.agencyHolds,
        board: createStateBoard({ redis: queues.redis, process: processName }),
        works,
        changed: observe.gate,
        log,
      }),
      (t) => t.close(),
    )
    await traffic.learn()
    const reload = createReload({
      ...sources,
      reread: source.reread,
      config,
      agencies,
      traffic,
      works,
      told: metrics.reloaded,
      log,
    })
    const stopWatching = watchFiles([sources.usualFile, ...(source.file === undefined ? [] : [source.file])], reload)
    undo.push(async () => stopWatching())
    const stopping = new AbortController()
    // Every send under way listens.
    setMaxListeners(0, stopping.signal)
    const submit = createSubmit({
      ledger,
      expects,
      partner: partners.byId,
      connector: agencies.connector,
      policy: agencies.policy,
      longestTrySeconds: agencies.longestTrySeconds,
      admit: traffic.admit,
      signal: stopping.signal,
      traceparent: tracing?.traceparent,
      claimed: observe.claimed,
      observe: observe.submitted,
      keepReply: (agency, submissionId, answer, alongside) =>
        settling.keep({ agency, submissionId, mediaType: answer.mediaType, bytes: answer.bytes }, alongside),
    })

    // What people may do.
    const subscriptions = createSubscriptions({ ledger, routing, most: config.mostSubscriptions })
    const partnerSecrets = createPartnerSecrets({
      setting: config.partnerSecrets,
      dataDir: config.dataDir,
      others: config,
      env,
    })
    const operator = createOperator({
      secretFaults: partnerSecrets.faults,
      ledger,
      partner: partners.byId,
      subscriptions,
      webhooks,
      expects,
      offer: queues.offerSubmission,
      log,
      async partnersChanged() {
        partners.forget()
        await fileDoors.refresh()
      },
      settleSoon: () => sweepSoon(),
    })

    const overview = createOverview({
      version,
      series,
      counts: ledger.counts,
      partners: ledger.partnerFacts,
      agencies: agencyCodes.map((code) => routing.agencies.get(code)!),
      title: (code) => routing.agencies.get(code)?.title,
      gate: traffic.gateOf,
      refusal: () => pressure.refusal()?.text,
    })

    async function takeOut(partnerId: string, receiptId: string): Promise<boolean> {
      const done = await ledger.acknowledge(partnerId, receiptId, new Date())
      const known = done && tracing ? await ledger.getReceipt(receiptId) : undefined
      if (known) observe.acknowledged({ receiptId, partnerId, messageId: known.receipt.messageId })
      return done
    }

    /** Everything runs, and what others need to come in is written. */
    let begun = false
    const signIns = createSignIns({ audit: ledger.audit, counted: metrics.signInFailed, log })
    const loginFailed = (who: { address: string; name: string }) => signIns.failed({ door: 'sftp', ...who })
    // The doors.
    const keys: DemoKeys | undefined = config.demo ? demoKeys(config.dataDir) : undefined
    const operators = operatorsOf(config, env, keys?.ops)
    const httpDoor = await createHttpDoor(
      {
        accept,
        validate: accept.validate,
        ...sendersForm,
        authenticate: (secret) => partners.bySecret('http', secret),
        partnersChanged: partners.onChange,
        message: ledger.getMessage,
        messages: createFindMessages({ ledger, routing }),
        content,
        forwarded,
        acknowledgement: ledger.getAcknowledgement,
        waitForReceipts: (partnerId, after, ms, limit, signal) => mailbox.wait(partnerId, after, ms, signal, limit),
        receiptsAfter: ledger.receiptsAfter,
        lastReceipt: ledger.lastReceipt,
        nextReceipt: mailbox.nextReceipt,
        undelivered: ledger.undelivered,
        receipt: ledger.getReceipt,
        receiptBody: ledger.receiptBody,
        acknowledge: takeOut,
        ...createCatalogueView(routing),
        ...subscriptions,
        agencyMaySpeak: (agency, headers) => routing.agencies.has(agency) && agencies.maySpeak(agency, headers),
        async takeReply(agency, mediaType, bytes) {
          const kept = await settling.keep({ agency, mediaType, bytes })
          // The agency hears "taken" now; should settling fail, the sweeper does it again.
          kept
            .settle()
            .catch((error: unknown) =>
              log.error({ err: error, replyId: kept.replyId }, 'settle failed; the sweeper tries again'),
            )
          return kept
        },
        operatorOf: (secret) => operators.get(hashSecret(secret)),
        partners: ledger.listPartners,
        status: async () => ({ ...(await ledger.counts()), refusal: pressure.refusal()?.text }),
        queues: queues.counts,
        notices: ledger.notices,
        standing: ledger.standing,
        orphans: ledger.orphans,
        heldAnswers: ledger.heldAnswers,
        sharedKeys: ledger.sharedKeys,
        audits: ledger.audits,
        mailboxes: ledger.mailboxFacts,
        findByNumber: createFindByNumber({ ledger, documents: routing.documents, agencies: agencyCodes }),
        ...operator,
        ...createAgencyVerbs({ ledger, traffic, connector: agencies.connector, reload, log }),
        backup: createBackup({ ledger, dataDir: config.dataDir, log }),
        retention,
        signInFailed: signIns.failed,
        health: () => ({ alive: true }),
        readiness: createReadiness({
          begun: () => begun,
          ledger: ledger.ping,
          checker: async () => void (await checker.inspect(Buffer.from('<ready/>'))),
          async redis() {
            const { ok, detail } = await checkRedis(queues.redis)
            if (!ok) throw new Error(detail)
          },
          dataDir: config.dataDir,
          intake: pressure.refusal,
        }),
        metrics: metrics.read,
        log,
        memory,
        rates,
        limits: {
          maxBytes: config.maxBytes,
          connections: { most: shares.http, strangersPerAddress: shares.httpStrangersPerAddress },
        },
        version,
      },
      async (app, guard) => {
        await mountBoard(app, queues.bullQueues(), guard, ownPage)
        await mountPage(app, { dir: folders.page, overview, names: namesOf(routing), tail, guard, policy: ownPage })
      },
    )
    // Closed late: agencies answer, and receipts are fetched, while work under way ends.
    started(httpDoor, (door) => door.close())
    // Agencies named in hub.yaml are real to the demo; without any, a simulator answers for all. It boots while the other doors open.
    const simulator =
      config.demo && Object.keys(config.agencies).length === 0
        ? startSimulator({
            token: agencyToken,
            journal: join(config.dataDir, 'simulator.jsonl'),
            families: data.families,
            logFile: join(config.dataDir, 'simulator.log'),
          })
        : undefined
    simulator?.catch(() => {})
    undo.push(async () => (await simulator?.catch(() => undefined))?.stop())
    const fileDoors = started(
      await startFileDoors({
        config,
        ledger,
        accept,
        memory: memory.partners,
        rates,
        turnedAway: pressure.refusal,
        shares,
        loginFailed,
        log,
        secrets: partnerSecrets,
      }),
      (d) => d.close(),
    )

    let demoKeyFile: string | undefined
    if (config.demo) {
      demoKeyFile = await putDemoPartner(ledger, config, keys!, () => soundKeyPair('demo'))
      simulatorUrl = (await simulator)?.url
    }

    // Receipts wake their way back as soon as they are on disk; the sweeper finds those that were not offered.
    const deliver = { ...fileDoors.deliver, webhook: webhooks.deliver }
    const pushed = Object.keys(deliver) as (keyof typeof deliver)[]
    const unsubscribe = ledger.receipts(({ receiptId, channel, returnState }) => {
      if (returnState === 'owed' && channel in deliver) void queues.offerReturn({ receiptId })
    })
    undo.push(async () => unsubscribe())
    const giveBack = createGiveBack({
      ledger,
      partner: partners.byId,
      deliver,
      inSendersForm: sendersForm.inSendersForm,
      gone: async ({ partnerId, channel, why }) =>
        channel === 'webhook' ? webhooks.disable(partnerId, why) : undefined,
      observe: observe.returned,
    })
    if (works) agencies.fetch()
    // Receipts are given back by every process; only one with the role sends to agencies.
    const workers = startWorkers({
      redisUrl: queues.redisUrl,
      agencies: works ? agencyCodes : [],
      concurrencyOf: (agency) => agencies.policy(agency).concurrency,
      submit,
      giveBack,
      offer: queues.offerSubmission,
      log,
    })
    traffic.drive(workers.order)
    started(workers, (w) => {
      stopping.abort()
      return w.close(config.stopSeconds * 1000)
    })
    const sweeper = startSweeper({
      everyMs: config.sweepSeconds * 1000,
      dueSubmissions: (limit, after) => ledger.dueSubmissions(new Date(), limit, after),
      interrupted: (limit) => ledger.interruptedSubmissions(new Date(Date.now() - 5_000), limit, agencyCodes),
      unclear: ledger.unclearSubmissions,
      mayAsk: (agency) => agencies.connector(agency).query !== undefined,
      async watch(limit) {
        for (const late of await ledger.markOverdue(new Date(), limit)) observe.overdue(late)
        const reopened = await ledger.reopenOrphans(limit)
        if (reopened > 0) log.info({ reopened }, 'orphans found again')
        const free = await ledger.reopenHeld(limit)
        if (free > 0) log.info({ free }, 'answers held no longer')
      },
      dueReturns: (limit) => ledger.dueReturns(pushed, new Date(), limit),
      unsettled: (limit, after) => ledger.unsettledReplies(limit, after?.replyId),
      settle: settling.settle,
      refillSubmissions: queues.refillSubmissions,
      refillReturns: queues.refillReturns,
      onReady: queues.onReady,
      log,
    })
    started(sweeper, (s) => s.stop())
    sweepSoon = () => void sweeper.sweep()
    metrics.watch({
      gates: works ? traffic.views : () => [],
      connectors: () =>
        agencies.connectors().flatMap(({ connector, agencies: sharing }) => {
          const health = connector.health?.()
          return health ? [{ agency: sharing[0] ?? 'none', ...health }] : []
        }),
      agencies: async () => (await ledger.counts()).agencies,
      queueJobs: queues.counts,
      receiptsOwed: async () => (await ledger.counts()).receiptsOwed,
      orphans: async () => (await ledger.counts()).orphans,
      heldAnswers: async () => (await ledger.counts()).heldAnswers,
      async oldestHeldAnswerSeconds() {
        const since = (await ledger.counts()).oldestHeldAnswerAt
        return since === undefined ? 0 : Math.max(0, (Date.now() - Date.parse(since)) / 1000)
      },
      damaged: ledger.damaged,
      sharedKeys: async () => (await ledger.counts()).sharedKeys,
      async redisLatencySeconds() {
        const { pingMs } = await checkRedis(queues.redis)
        return pingMs === undefined ? undefined : pingMs / 1000
      },
      async ledgerLatencySeconds() {
        const begun = performance.now()
        await ledger.ping()
        return (performance.now() - begun) / 1000
      },
      checksWaiting: () => checker.stats().waiting,
      checkThreads: () => checker.threads,
      overdue: async () => (await ledger.counts()).overdue,
      undelivered: async () => (await ledger.partnerFacts()).reduce((sum, p) => sum + p.undelivered, 0),
      full: () => pressure.refusal() !== undefined,
      logLinesLost: log.lost,
      doorUsage: fileDoors.usage,
      memory: () => ({ partners: memory.partners.view(), agencies: memory.agencies.view() }),
      ledgerSize: ledger.size,
      retention: retention.view,
    })
    // Listening is the last act: whoever is let in finds everything there.
    await httpDoor.listen({ host: config.host, port: config.httpPort })
    const httpUrl = `http://${config.host === '0.0.0.0' ? '127.0.0.1' : config.host}:${(httpDoor.server.address() as { port: number }).port}`
    ;(await simulator)?.answerTo(`${httpUrl}/agency/{agency}/receipts`)
    if (config.demo)
      await writeDemoEnv(config.dataDir, {
        httpUrl,
        sftpHost: config.host,
        sftpPort: fileDoors.port,
        simulatorUrl,
        keys: keys!,
        keyFile: demoKeyFile!,
      })
    begun = true
    log.info({ httpUrl, sftpPort: fileDoors.port, agencies: agencyCodes.length, roles: config.roles }, 'hub started')
    return {
      addresses: {
        httpUrl,
        sftpHost: config.host === '0.0.0.0' ? '127.0.0.1' : config.host,
        sftpPort: fileDoors.port,
        simulatorUrl,
      },
      reload,
    }
  }
}
