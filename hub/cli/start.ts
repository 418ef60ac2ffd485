// start — runs a hub in this process until it is told to stop; then drains and stops everything it started.
import type { Command } from 'commander'
import type { Config } from '../config/config.js'
import type { ConfigOver } from '../config/load-config.js'
import type { Hub } from '../hub.js'
import { loggedUrl } from '../../messages/logged-url.js'
import { prepareDataFolder } from '../base/private-folder.js'
import { CliError } from './client.js'

export function addStart(program: Command): void {
  program
    .command('start')
    .description('start a hub 启动 (Ctrl-C stops it; it finishes the work under way first and loses nothing)')
    .option('--demo', 'also start an agency simulator and add a demo partner; its keys are written to <data>/demo.env')
    .option('-d, --data <dir>', 'where the ledger, the mailboxes and the private Redis live (HUB_DATA, ./data)')
    .option('--http-port <port>', 'HTTP door (HUB_HTTP_PORT, 8080; 0 takes a free one)')
    .option('--sftp-port <port>', 'SFTP door (HUB_SFTP_PORT, 2222; 0 takes a free one)')
    .option('--json', 'print the addresses as one JSON line instead of the block')
    .addHelpText('after', '\nSettings: HUB_CONFIG names a YAML file (else <data>/hub.yaml); see docs/configuration.md.')
    .action((options: { demo?: boolean; data?: string; httpPort?: string; sftpPort?: string; json?: boolean }) =>
      start(options),
    )
}

async function start({
  demo,
  data,
  httpPort,
  sftpPort,
  json,
}: {
  demo?: boolean
  data?: string
  httpPort?: string
  sftpPort?: string
  json?: boolean
}): Promise<void> {
  const [{ checkedConfig, configFile }, { ConfigError }, { banner }, { startHub }, { createLog }] = await Promise.all([
    import('../config/load-config.js'),
    import('../config/config-error.js'),
    import('../boot/demo.js'),
    import('../hub.js'),
    import('../base/log.js'),
  ])
  const over: ConfigOver = {
    ...(demo ? { demo } : {}),
    ...(data === undefined ? {} : { dataDir: data }),
    ...(httpPort === undefined ? {} : { httpPort: typed(httpPort) }),
    ...(sftpPort === undefined ? {} : { sftpPort: typed(sftpPort) }),
  }
  const config = checkedConfig(process.env, over)
  // Other commands end when nobody reads what they print; a hub goes on.
  for (const stream of [process.stdout, process.stderr]) stream.removeAllListeners('error').on('error', () => {})
  prepareDataFolder(config.dataDir)
  // In the demo the log would bury the block a newcomer is to read, so it goes to a file.
  const logFile = config.logFile ?? (config.demo ? `${config.dataDir}/hub.log` : undefined)
  const log = openLog(createLog, {
    level: config.logLevel,
    file: logFile,
    maskPersons: config.operators.maskPersons,
  })
  let hub: Hub
  try {
    hub = await startHub(config, log, process.env, {
      reread: () => checkedConfig(process.env, over),
      file: configFile(process.env, over),
    })
  } catch (error) {
    const told = explain(error, config)
    // What has a sentence of its own is said once, on standard error. Anything else is a fault of ours, and its stack
    // is wanted.
    if (told instanceof CliError || told instanceof ConfigError) log.fatal({ reason: told.message }, 'not started')
    else log.fatal({ err: error }, 'not started')
    // A timer that a part has left behind keeps nobody waiting: nothing was taken yet.
    setTimeout(() => process.exit(), drainLogMs).unref()
    throw told
  }

  let stopping: Promise<void> | undefined
  let firstAt = 0
  const stop = (signal: string) => {
    if (stopping) {
      // One Ctrl-C arrives twice under npm: from the terminal, and handed on by npm. Only a later one is a second wish.
      if (Date.now() - firstAt < 1500) return
      process.stderr.write('\nhub: stopping at once; what was accepted is in the ledger\n')
      process.exit(1)
    }
    process.stderr.write(`\nhub: ${signal}, finishing work under way (again to stop at once)\n`)
    firstAt = Date.now()
    const end = async (code: number): Promise<never> => {
      await log.drained(drainLogMs)
      process.exit(code)
    }
    // Whatever hangs, it ends: what was accepted is in the ledger.
    setTimeout(() => void end(1), (config.stopSeconds + stopMarginSeconds) * 1000)
    stopping = hub.stop().then(
      () => end(0),
      (error: unknown) => {
        log.error({ err: error }, 'stopped with an error')
        return end(1)
      },
    )
  }
  process.on('SIGHUP', () => hub.reload())
  process.on('SIGINT', () => stop('SIGINT')).on('SIGTERM', () => stop('SIGTERM'))
  process.stdout.write(
    json
      ? `${JSON.stringify({ ready: true, ...hub.addresses })}\n`
      : `${banner(config, { addresses: hub.addresses, trouble: await troubleOf(hub, config) })}\n`,
  )
}

/** A number where it is one; the check says what is wrong with anything else. */
const typed = (text: string) => (/^\d+$/.test(text) ? Number(text) : text)

/** What its own readiness says is not well. Redis may need a moment to be reached. */
async function troubleOf({ readiness, simulatorTrouble }: Hub, { redisUrl }: Config): Promise<string[]> {
  const until = Date.now() + 3_000
  for (;;) {
    const { checks } = await readiness()
    const wrong = checks.filter(({ ok }) => !ok)
    if (wrong.length > 0 && Date.now() < until) {
      await new Promise((wake) => setTimeout(wake, 200))
      continue
    }
    const simulator = await simulatorTrouble()
    const told = wrong.map(({ name, detail }) =>
      name === 'redis'
        ? `Redis at ${redisUrl ? loggedUrl(redisUrl) : 'the data folder'}: ${detail ?? 'does not answer'}. ` +
          `Messages are taken and wait; they go out when Redis answers. Redis 无法连接，报文照常接收并等待发送。`
        : `${name}: ${detail ?? 'not well'}`,
    )
    return simulator === undefined ? told : [...told, simulator]
  }
}

/** How long the last lines of the log may take, and the parts that have no time of their own to stop in. */
const drainLogMs = 500
const stopMarginSeconds = 15

function openLog(createLog: CreateLog, how: Parameters<CreateLog>[0]): ReturnType<CreateLog> {
  const { file } = how
  try {
    return createLog(how)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new CliError(
      `the log file ${file} cannot be written (${code ?? message}). Give this user the right to, ` +
        `or name another: HUB_LOG_FILE. 日志文件 ${file} 无法写入。`,
    )
  }
}
type CreateLog = (typeof import('../base/log.js'))['createLog']

/** The errors a newcomer meets, with their remedy. */
function explain(error: unknown, config: Config): unknown {
  const { code, port, syscall } = (error ?? {}) as { code?: string; port?: number; syscall?: string }
  if (code === 'EADDRINUSE' || (code === 'EACCES' && syscall === 'listen')) {
    const door = port === config.sftpPort ? 'HUB_SFTP_PORT' : 'HUB_HTTP_PORT'
    return new CliError(
      code === 'EACCES'
        ? `port ${port} may not be opened by this user: ports below 1024 need root. ` +
            `Choose a higher one: ${door}=${port === config.sftpPort ? 2222 : 8080} npm start 端口 ${port} 需要 root 权限。`
        : `port ${port} is taken (by another hub?). Stop what uses it, ` +
            `or choose another: ${door}=${(port ?? 8080) + 1} npm start 端口 ${port} 已被占用。`,
    )
  }
  if (code?.startsWith('SQLITE_') || ['EACCES', 'EPERM', 'EROFS', 'ENOSPC'].includes(code ?? ''))
    return new CliError(
      `the data folder ${config.dataDir} cannot be written: ${(error as Error).message}. Check its owner, ` +
        `its rights and the free space (hub doctor). 数据目录无法写入，请检查属主、权限和剩余空间。`,
    )
  // What forms, packs, catalogue, rules or agencies lack; each fault names its file.
  if (error instanceof Error && error.name === 'DataError')
    return new CliError(`${error.message}\n  → \`hub doctor\` looks at the data without a start 不启动也可检查数据`)
  return error instanceof Error && error.name.startsWith('Ledger') ? new CliError(error.message) : error
}
