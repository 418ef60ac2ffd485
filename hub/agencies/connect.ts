// connect — an agency's settings become a connector.
import type { Connector, Found, FoundRefusal } from '../../adapters/connectors/connector.js'
import { createFolderConnector } from '../../adapters/connectors/folder/folder-connector.js'
import { createHttpConnector } from '../../adapters/connectors/http/http-connector.js'
import type { AgencySettings } from './settings.js'

export interface ConnectParts {
  env: NodeJS.ProcessEnv
  /** The Single Window client's import folder of a document type, and all there are. */
  folderOf: (documentType: string) => string | undefined
  folders: string[]
  /** Keeps what a connector that fetches has found, for whichever of these agencies it concerns. */
  found: (agencies: string[], answer: Found) => Promise<void>
  refused: (refusal: FoundRefusal) => Promise<void>
  log: { info(ids: object, event: string): void; warn(ids: object, event: string): void }
}

/** Who shares the connector, asked when something is found. */
export type Connect = (settings: AgencySettings, deadlineMs: number, agencies: () => string[]) => Connector

export function createConnect({ env, folderOf, folders, found, refused, log }: ConnectParts): Connect {
  return function connect(settings, deadlineMs, agencies) {
    const secret = (name: string | undefined) => (name === undefined ? undefined : env[name])
    switch (settings.connector) {
      case 'http':
        return createHttpConnector({ url: settings.url, deadlineMs, statusQuery: settings.statusQuery ?? false, token: secret(settings.tokenEnv), ...(settings.headers ? { headers: settings.headers } : {}) })
      case 'folder': {
        const { root, folders: own = {}, prefix = '', stuckMinutes = 10, pollSeconds = 2, settleSeconds = 1 } = settings
        return createFolderConnector({
          root, prefix, deadlineMs, log, refused,
          folderOf: (documentType) => own[documentType] ?? folderOf(documentType),
          folders: [...new Set([...folders, ...Object.values(own)])],
          stuckMs: stuckMinutes * 60_000, everyMs: pollSeconds * 1000, limits: { settleMs: settleSeconds * 1000 },
          found: (answer) => found(agencies(), answer),
        })
      }
      default:
        return settings satisfies never
    }
  }
}
