// kind — `connector: http`: the agency is called, and may call back.
import { readFileSync } from 'node:fs'
import { connectorKind, type ConnectorGiven } from '../kind.js'
import { createHttpConnector } from './http-connector.js'
import { faults, Settings, defaults } from './settings.js'

/** The kind that is meant where hub.yaml names none. */
export const http = connectorKind({
  kind: 'http',
  title: 'the agency is called over HTTP 部门 HTTP 接口',
  Settings,
  faults,
  fetches: false,
  place: ({ url, messagesPath }) => [url, messagesPath],
  answersQueries: true,
  defaults,
  create(settings, given) {
    const { url, messagesPath, statusPath, headersEnv, user, statusQuery, receiptsPath, answerRules, statusRules } =
      settings
    const { deadlineMs, secret, isReceipt, memory } = given
    const hidden = Object.entries(headersEnv).map(([name, variable]) => [name, secret(variable) ?? ''])
    return createHttpConnector({
      url,
      messagesPath,
      statusPath,
      deadlineMs,
      statusQuery,
      headers: { ...settings.headers, ...(Object.fromEntries(hidden) as Record<string, string>) },
      token: secret(settings.tokenEnv),
      basic: user === undefined ? undefined : { user, password: secret(settings.passwordEnv) ?? '' },
      tls: settings.tls && tlsOf(settings.tls, secret),
      answersLater: settings.answers === 'async',
      ...(receiptsPath === undefined ? {} : { receiptsPath }),
      answerRules,
      statusRules,
      isReceipt,
      memory,
    })
  },
})

/** Read anew for every connection. */
function tlsOf(tls: NonNullable<Settings['tls']>, secret: ConnectorGiven['secret']) {
  const read = (file: string | undefined) => (file === undefined ? undefined : readFileSync(file))
  return () => ({
    ca: read(tls.caFile),
    cert: read(tls.certFile),
    key: read(tls.keyFile),
    passphrase: secret(tls.passphraseEnv),
    servername: tls.serverName,
  })
}
