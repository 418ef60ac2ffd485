// The limits that the page on security tells are those of the code.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../support/hub.js'

const text = (file: string) => readFileSync(join(root, file), 'utf8')

/** File, constant, and what begins or is part of the row or sentence that says its number. */
const saidLimits: [string, string, string][] = [
  ['adapters/multipart.ts', 'mostParts', '| parts of a form'],
  ['adapters/multipart.ts', 'longestHeaders', '| parts of a form'],
  ['adapters/channels/http/json-bodies.ts', 'usualBytes', '| JSON of a call'],
  ['adapters/channels/http/json-bodies.ts', 'mostDepth', '| JSON of a call'],
  ['adapters/channels/http/json-bodies.ts', 'usualValues', '| JSON of a call'],
  ['adapters/channels/http/door/first-use.ts', 'mostFaults', '| JSON of a call'],
  ['adapters/channels/http/door.ts', 'strangersBytes', '| body of a call that needs no key'],
  ['adapters/channels/http/routes/oauth-routes.ts', 'mostBytes', '| body of a call that needs no key'],
  ['hub/steps/accept/fault-limit.ts', 'mostFaultsOfDelivery', '| faults listed for all'],
  ['messages/companies.ts', 'mostOfOnePath', '| different companies'],
  ['xsd/checker.ts', 'deadlineMs', '| check of one message'],
  ['hub/trust/signatures.ts', 'deadlineMs', '| check of one message'],
  ['xsd/checker.ts', 'mostBytes', '| messages that are being checked'],
  ['adapters/connectors/http/http-connector.ts', 'MAX_ANSWER', "| an agency's answer to a call"],
  ['adapters/connectors/http/http-connector.ts', 'MAX_ANSWER_WITH_FILES', "| an agency's answer to a call"],
  ['adapters/connectors/http/http-connector.ts', 'QUERY_DEADLINE_MS', "| an agency's answer to a call"],
  ['adapters/connectors/files/pick-up.ts', 'maxBytes', '| an answer in a file'],
  ['adapters/connectors/files/pick-up.ts', 'page', '| an answer in a file'],
  ['hub/agencies/reply-reader.ts', 'deadlineMs', '| reading of an answer'],
  ['messages/reply.ts', 'mostSeparate', '| reading of an answer'],
  ['messages/attached.ts', 'mostFilesOfAnswer', "| files that come with an agency's answer"],
  ['messages/attached.ts', 'mostBytesOfFile', "| files that come with an agency's answer"],
  ['messages/receipt.ts', 'mostInlineBytes', "| an agency's receipt inside"],
  ['store/rows/receipt.ts', 'pageBytes', '| a page of the mailbox'],
  ['hub/doors/listings.ts', 'deadlineMs', '| a listing'],
  ['hub/doors/sender-syntax.ts', 'longestListed', '| a listing'],
  ['adapters/channels/http/routes/queries-routes.ts', 'longestLine', '| queries under way'],
  ['hub/queries/from-ledger.ts', 'mostLookedAt', '| filings looked at'],
  ['hub/queries/from-ledger.ts', 'mostCounted', '| filings looked at'],
  ['hub/queries/from-ledger.ts', 'mostOfNumber', '| filings looked at'],
  ['messages/queries/shape.ts', 'largestPageSize', '| a page of a query'],
  ['adapters/channels/http/door/server.ts', 'headersMs', '| head of an HTTP request'],
  ['adapters/channels/http/door/server.ts', 'keepAliveMs', '| HTTP connections without a request'],
  ['adapters/channels/http/connections.ts', 'mostOwed', '| requests of an HTTP connection'],
  ['adapters/channels/http/connections.ts', 'mostOwedToStranger', '| requests of an HTTP connection'],
  ['adapters/channels/http/connections.ts', 'usualUnreadMs', '| an HTTP answer of which nothing'],
  ['adapters/channels/http/routes/events-routes.ts', 'mostStreams', '| event streams'],
  ['adapters/channels/http/open-answers.ts', 'mostOfPartner', '| calls that wait'],
  ['adapters/channels/sftp/login.ts', 'maxOffers', '| SSH keys offered'],
  ['adapters/channels/sftp/limits.ts', 'maxLoginFailures', '| failed SFTP logins'],
  ['adapters/channels/sftp/door.ts', 'sessionsPerConnection', '| SFTP sessions'],
  ['adapters/channels/sftp/limits.ts', 'idleMs', '| SFTP connections without a request'],
  ['adapters/channels/sftp/limits.ts', 'maxHandles', '| files and folders open'],
  ['adapters/channels/sftp/flow.ts', 'requests', '| requests under way of an SFTP'],
  ['adapters/channels/sftp/flow.ts', 'bytes', '| requests under way of an SFTP'],
  ['adapters/channels/sftp/limits.ts', 'uploadMs', '| an upload over SFTP'],
  ['adapters/channels/sftp/written-ranges.ts', 'maxPieces', '| an upload over SFTP'],
  ['adapters/channels/sftp/limits.ts', 'maxFiles', '| files in OutBox'],
  ['adapters/channels/sftp/limits.ts', 'maxUnread', '| receipts of refused'],
  ['adapters/channels/webhook/webhook.ts', 'deadlineMs', 'a webhook has ten seconds'],
  ['hub/operate/filing-grants.ts', 'mostGrants', 'An owner has at most'],
  ['messages/signing-certificates.ts', 'mostSigningCertificates', 'signing certificates and'],
]

test('the page on security says the numbers of the code', () => {
  const page = text('docs/security.md')
  const numberOf = (file: string, name: string): number => {
    const [, written] = new RegExp(`\\b${name}\\??\\s*[=:]\\s*(\\d[\\d_ *<]*)`).exec(text(file)) ?? []
    const factors = (written ?? 'NaN').replaceAll('_', '').split('*')
    return factors.reduce((product, factor) => {
      const [base, shift = '0'] = factor.split('<<')
      return product * Number(base) * 2 ** Number(shift)
    }, 1)
  }
  const words: Record<number, string> = { 10: 'ten' }
  const count = (n: number, unit: string) => [`${n.toLocaleString('en')} ${unit}`, `${words[n] ?? n} ${unit}`]
  const waysToSay = (name: string, n: number): string[] => {
    if (/(Ms|_MS)$/.test(name))
      return [...count(n / 1000, 's'), ...count(n / 1000, 'seconds'), ...count(n / 60_000, 'minutes')]
    if (n >= 1024 && n % 1024 === 0 && /bytes|answer|headers|listed/i.test(name))
      return [...count(n / 1024, 'kB'), ...count(n / 1024 / 1024, 'MB')]
    return [n.toLocaleString('en')]
  }
  const missing = saidLimits.filter(([file, name, where]) => {
    const line = page.split('\n').find((one) => (where.startsWith('|') ? one.startsWith(where) : one.includes(where)))
    return !waysToSay(name, numberOf(file, name)).some((said) =>
      new RegExp(`(?<![\\d,])${said}(?!,?\\d)`).test(line ?? ''),
    )
  })
  expect(missing).toEqual([])
})
