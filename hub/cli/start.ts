// start — runs a hub in this process until it is told to stop; then drains and stops everything it started.
import type { Command } from 'commander'
import type { Config, ConfigOver } from '../config.js'
import type { Hub } from '../hub.js'
import { CliError } from './client.js'

export function addStart(program: Command): void {
  program
    .command('start')
    .description('start a hub 启动 (Ctrl-C stops it: work under way is finished, nothing is lost)')
    .option('--demo', 'with an agency simulator and a demo partner; keys go to <data>/demo.env')
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
  const [{ checkedConfig, configFile }, { banner }, { startHub }, { createLog }] = await Promise.all([
    import('../config.js'),
    import('../demo.js'),
    import('../hub.js'),
    import('../log.js'),
  ])
  const over: ConfigOver = {
    ...(demo ? { demo } : {}),
    ...(data === undefined ? {} : { dataDir: data }),
    ...(httpPort === undefined ? {} : { httpPort: typed(httpPort) }),
    ...(sftpPort === undefined ? {} : { sftpPort: typed(sftpPort) }),
  }
  const config = checkedConfig(process.env, over)
  // In the demo the log would bury the block a newcomer is to read, so it goes to a file.
  const log = createLog({
    level: config.logLevel,
    file: config.logFile ?? (config.demo ? `${config.dataDir}/hub.log` : undefined),
  })
  let hub: Hub
  try {
    hub = await startHub(config, log, process.env, {
      reread: () => checkedConfig(process.env, over),
      file: configFile(process.env, over),
    })
  } catch (error) {
    log.fatal({ err: error }, 'not started')
    throw explain(error, config)
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
    stopping = hub.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'stopped with an error')
        process.exit(1)
      },
    )
  }
  process.on('SIGHUP', () => hub.reload())
  process.on('SIGINT', () => stop('SIGINT')).on('SIGTERM', () => stop('SIGTERM'))
  process.stdout.write(json ? `${JSON.stringify({ ready: true, ...hub.addresses })}\n` : `${banner(config, hub)}\n`)
}

/** A number where it is one; the check says what is wrong with anything else. */
const typed = (text: string) => (/^\d+$/.test(text) ? Number(text) : text)

/** The errors a newcomer meets, with their remedy. */
function explain(error: unknown, config: Config): unknown {
  const { code, port, syscall } = (error ?? {}) as { code?: string; port?: number; syscall?: string }
  if (code === 'EADDRINUSE' || (code === 'EACCES' && syscall === 'listen')) {
    const door = port === config.sftpPort ? 'HUB_SFTP_PORT' : 'HUB_HTTP_PORT'
    const reason = code === 'EACCES' ? 'may not be opened by this user' : 'is taken (by another hub?)'
    return new CliError(
      `port ${port} ${reason}. Stop what uses it, or choose another: ${door}=${(port ?? 8080) + 1} npm start`,
    )
  }
  return error instanceof Error && error.name.startsWith('Ledger') ? new CliError(error.message) : error
}
