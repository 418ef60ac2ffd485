// connect — an agency's settings become a connector.
import { readFileSync } from 'node:fs'
import type { Connector, Found, FoundRefusal } from '../../adapters/connectors/connector.js'
import { createFolderConnector } from '../../adapters/connectors/folder/folder-connector.js'
import { createHttpConnector, type HttpConnectorParts } from '../../adapters/connectors/http/http-connector.js'
import { createSftpConnector } from '../../adapters/connectors/sftp/sftp-connector.js'
import type { MemoryBudget } from '../../messages/memory-budget.js'
import type { AgencySettings, FolderSettings, HttpSettings, SftpSettings } from './settings.js'

export interface ConnectParts {
  /** Can the hub read this answer as an agency's receipt? */
  isReceipt: (bytes: Buffer) => boolean | Promise<boolean>
  env: NodeJS.ProcessEnv
  /** Where room in memory comes from for what agencies answer. */
  memory: MemoryBudget
  /** The Single Window client's import folder of a document type, and all there are. */
  folderOf: (documentType: string) => string | undefined
  folders: string[]
  /** Endings of file names that the other side is still writing. */
  temporaryEndings: readonly string[]
  /** Keeps what a connector that fetches has found, for whichever of these agencies it concerns. */
  found: (agencies: string[], answer: Found) => Promise<void>
  /** Names of the files that an answer says come with it. */
  filesNamed: (bytes: Buffer) => Promise<string[]>
  refused: (refusal: FoundRefusal) => Promise<void>
  log: { info(ids: object, event: string): void; warn(ids: object, event: string): void }
}

/** Who shares the connector, asked when something is found. */
export type Connect = (settings: AgencySettings, deadlineMs: number, agencies: () => string[]) => Connector

export function createConnect({
  isReceipt,
  env,
  memory,
  folderOf,
  folders,
  temporaryEndings,
  found,
  filesNamed,
  refused,
  log,
}: ConnectParts): Connect {
  return function connect(settings, deadlineMs, agencies) {
    const secret = (name: string | undefined) => (name === undefined ? undefined : env[name])
    const files = ({
      prefix = '',
      stuckMinutes = 10,
      pollSeconds = 2,
      settleSeconds = 1,
    }: FolderSettings | SftpSettings) => ({
      prefix,
      temporaryEndings,
      deadlineMs,
      log,
      memory,
      filesNamed,
      refused,
      stuckMs: stuckMinutes * 60_000,
      everyMs: pollSeconds * 1000,
      limits: { settleMs: settleSeconds * 1000 },
      found: (answer: Found) => found(agencies(), answer),
    })
    switch (settings.connector) {
      case 'http':
        return createHttpConnector({ ...httpParts(settings, deadlineMs, secret), isReceipt, memory })
      case 'folder':
        return createFolderConnector({
          ...files(settings),
          root: settings.root,
          folderOf: (documentType) => settings.folders?.[documentType] ?? folderOf(documentType),
          folders: [...new Set([...folders, ...Object.values(settings.folders ?? {})])],
        })
      case 'sftp': {
        const { host, port = 22, username, keyFile, hostKey, drop, pickUp, stage, sent, failed } = settings
        const server = {
          host,
          port,
          username,
          keyFile,
          passphrase: secret(settings.passphraseEnv),
          password: secret(settings.passwordEnv),
          hostKeys: [hostKey].flat(),
        }
        return createSftpConnector({
          ...files(settings),
          server,
          drop,
          pickUp,
          ...(stage === undefined ? {} : { stage }),
          ...(sent === undefined ? {} : { sent }),
          ...(failed === undefined ? {} : { failed }),
        })
      }
      default:
        return settings satisfies never
    }
  }
}

function httpParts(
  {
    url,
    messagesPath,
    statusPath,
    headers = {},
    headersEnv = {},
    tokenEnv,
    user,
    passwordEnv,
    tls,
    statusQuery = false,
    receiptsPath,
    answerRules,
    statusRules,
    answers,
  }: HttpSettings,
  deadlineMs: number,
  secret: (name: string | undefined) => string | undefined,
): Omit<HttpConnectorParts, 'isReceipt'> {
  const hidden = Object.entries(headersEnv).map(([name, variable]): [string, string] => [name, secret(variable) ?? ''])
  const read = (file: string | undefined) => (file === undefined ? undefined : readFileSync(file))
  return {
    url,
    deadlineMs,
    statusQuery,
    headers: { ...headers, ...Object.fromEntries(hidden) },
    token: secret(tokenEnv),
    basic: user === undefined ? undefined : { user, password: secret(passwordEnv) ?? '' },
    tls:
      tls &&
      (() => ({
        ca: read(tls.caFile),
        cert: read(tls.certFile),
        key: read(tls.keyFile),
        passphrase: secret(tls.passphraseEnv),
        servername: tls.serverName,
      })),
    answersLater: answers === 'async',
    ...(messagesPath === undefined ? {} : { messagesPath }),
    ...(statusPath === undefined ? {} : { statusPath }),
    ...(receiptsPath === undefined ? {} : { receiptsPath }),
    ...(answerRules === undefined ? {} : { answerRules }),
    ...(statusRules === undefined ? {} : { statusRules }),
  }
}
