// demo — what `npm start` gives a newcomer beside the hub: a partner with keys, the file demo.env, and the block that
// shows how to send the first message and see its receipt.
import { existsSync, readFileSync } from 'node:fs'
import { chmod, readFile, rename, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { Ledger } from '../../store/ledger.js'
import type { Config } from '../config/config.js'
import { folders, samplePath } from '../config/folders.js'
import { loggedUrl } from '../../messages/logged-url.js'
import { hashSecret, newSecret } from '../base/secrets.js'

const demoPartnerId = 'demo'

interface DemoKeys {
  http: string
  ops: string
  /** `http` was made now: the ledger does not know it yet. */
  fresh: boolean
}

/** The keys of an earlier start, or new ones: they stay the same as long as demo.env is there. */
export function demoKeys(dataDir: string): DemoKeys {
  const file = join(dataDir, 'demo.env')
  const old = existsSync(file) ? readFileSync(file, 'utf8') : ''
  const kept = (name: string) => new RegExp(`^${name}='?([^'\\n]+)`, 'm').exec(old)?.[1]
  const http = kept('HUB_KEY')
  return { http: http ?? newSecret('http'), ops: kept('HUB_OPS_KEY') ?? newSecret('ops'), fresh: http === undefined }
}

/**
 * Makes the demo partner and its SFTP key pair; safe to run at every start. What an operator took from it stays taken.
 */
export async function putDemoPartner(
  ledger: Pick<Ledger, 'putPartner' | 'putSecret' | 'getPartner'>,
  config: Config,
  keys: DemoKeys,
  keyPair: () => { private: string; public: string },
): Promise<string> {
  const keyFile = join(config.dataDir, 'demo_sftp_key')
  const newPair = !existsSync(keyFile)
  if (newPair) {
    const pair = keyPair()
    await writeFile(`${keyFile}.pub`, `${pair.public.trim()}\n`, { mode: 0o600 })
    await writePrivate(keyFile, pair.private)
  }
  const known = await ledger.getPartner(demoPartnerId)
  if (!known || newPair)
    await ledger.putPartner({
      partnerId: demoPartnerId,
      name: '测试货运代理有限公司 Test Freight Forwarding Co., Ltd.',
      settings: { rights: ['*'], receipts: 'hub', defaults: {}, subscriptions: 'granted' },
      ...known,
      sshKeys: [(await readFile(`${keyFile}.pub`, 'utf8')).trim()],
    })
  if (!known || keys.fresh)
    await ledger.putSecret({ partnerId: demoPartnerId, kind: 'http', sha256: hashSecret(keys.http), label: 'demo' })
  return keyFile
}

interface DemoFacts {
  httpUrl: string
  sftpHost: string
  sftpPort: number
  simulatorUrl?: string | undefined
  keys: DemoKeys
  keyFile: string
}

/**
 * Everything a script needs to talk to this hub; `source data/demo.env` is enough. One `NAME='value'` a line, so that
 * other programs can read it too.
 */
export async function writeDemoEnv(dataDir: string, facts: DemoFacts): Promise<void> {
  const lines: [string, string | number | undefined][] = [
    ['HUB_URL', facts.httpUrl],
    ['HUB_KEY', facts.keys.http],
    ['HUB_OPS_KEY', facts.keys.ops],
    ['HUB_SFTP_HOST', facts.sftpHost],
    ['HUB_SFTP_PORT', facts.sftpPort],
    ['HUB_SFTP_USER', demoPartnerId],
    ['HUB_SFTP_KEYFILE', facts.keyFile],
    ['HUB_SIMULATOR_URL', facts.simulatorUrl],
  ]
  const known = lines.filter((line): line is [string, string | number] => line[1] !== undefined)
  await writePrivate(
    join(dataDir, 'demo.env'),
    [
      // First for programs that read the file line by line, then for those that the shell starts.
      ...known.map(([name, value]) => `${name}=${quoted(String(value))}\n`),
      ...known.map(([name, value]) => `export ${name}=${quoted(String(value))}\n`),
    ].join(''),
  )
}

/** How the simulator's agencies are reached, and the token they show the hub. */
export const simulatedAgencies = (url: string, token: string) => ({
  settings: { connector: 'http', url: `${url}/{agency}`, statusQuery: true, receiptsPath: 'receipts/{id}' },
  token,
})

interface BannerFacts {
  addresses: { httpUrl: string; sftpHost: string; sftpPort: number; simulatorUrl?: string | undefined }
  /** What is not well yet, in words: Redis that does not answer … */
  trouble: string[]
}

/** The block printed once everything runs. Every command in it can be copied as it is, also where a path has blanks. */
export function banner(config: Config, { addresses, trouble }: BannerFacts): string {
  const { httpUrl, sftpHost, sftpPort } = addresses
  const warned = trouble.map((one) => `! ${one}`)
  if (!config.demo)
    return [
      `hub: running. HTTP ${httpUrl}  SFTP ${sftpHost}:${sftpPort}  monitor ${httpUrl}/monitor  (Ctrl-C stops it)`,
      ...warned,
    ].join('\n')
  const env = word(shown(join(config.dataDir, 'demo.env')))
  const sample = (file: string) => shown(samplePath(file))
  const hub = `node ${word(shown(join(folders.root, 'dist/hub/cli/main.js')))}`
  const known = `-o UserKnownHostsFile=${word(shown(join(config.dataDir, 'known_hosts')))}`
  const sftp = `sftp -q -b - -i "$HUB_SFTP_KEYFILE" -P $HUB_SFTP_PORT`
  return (
    `
  The hub is running 报文交换中心已启动
${warned.map((one) => `\n    ${one}`).join('')}${warned.length > 0 ? '\n' : ''}
    monitor  ${httpUrl}/monitor      运维监控 (any user name, password $HUB_OPS_KEY)
    HTTP     ${httpUrl}      interface at ${httpUrl}/docs
    SFTP     sftp://${sftpHost}:${sftpPort}      OutBox SentBox InBox FailBox
    keys     ${env}      partner ` +
    `"${demoPartnerId}"${addresses.simulatorUrl ? `; simulated agencies answer at ${addresses.simulatorUrl}` : ''}
    log      ${shown(config.logFile ?? join(config.dataDir, 'hub.log'))}
    ledger   ${config.databaseUrl === undefined ? 'SQLite, in the data folder' : loggedUrl(config.databaseUrl)}
    redis    ${config.redisUrl === undefined ? 'a private one, in the data folder' : loggedUrl(config.redisUrl)}

  In another terminal, from this folder: send a declaration, see its receipts

    source ${env}

    # the command line
    ${hub} send ${word(sample('dec/DecMessage.xml'))} --wait

    # HTTP
    curl -sS -H "Authorization: Bearer $HUB_KEY" -H 'Content-Type: application/xml' \\
         --data-binary @${word(sample('ceb/CEB621Message.xml'))} $HUB_URL/v1/messages
    curl -sS -H "Authorization: Bearer $HUB_KEY" "$HUB_URL/v1/receipts?wait=10"

    # SFTP: drop a file into OutBox, find its receipts in InBox
    echo ${word(`put ${sftpWord(sample('manifest/MT1101-9.xml'))} OutBox/`, true)} | ${sftp} \\
         -o StrictHostKeyChecking=accept-new ${known} $HUB_SFTP_USER@$HUB_SFTP_HOST
    echo 'ls -l InBox' | ${sftp} \\
         ${known} $HUB_SFTP_USER@$HUB_SFTP_HOST

  Ctrl-C stops it; what was accepted is kept in ${shown(config.dataDir)} and goes on at the next start.
`
  )
}

/** A path as the reader would type it: relative when it is below the working directory. */
function shown(path: string): string {
  const short = relative(process.cwd(), path)
  return short === '' || short.startsWith('..') ? path : short
}

/** A word as a shell reads it: quoted where it must be. */
const word = (text: string, always = false) => (!always && /^[\w./:@%+=,-]+$/.test(text) ? text : quoted(text))
const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`
/** A word as sftp's own command line reads it. */
const sftpWord = (text: string) => (/^[\w./:@%+=,-]+$/.test(text) ? text : `"${text.replaceAll('"', '\\"')}"`)

/** Owner-only, and never half-written: a crash leaves the old file or the new one. */
async function writePrivate(file: string, content: string): Promise<void> {
  await writeFile(`${file}.tmp`, content, { mode: 0o600 })
  await chmod(`${file}.tmp`, 0o600)
  await rename(`${file}.tmp`, file)
}
