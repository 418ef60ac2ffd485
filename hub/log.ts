// log — events with ids, one JSON line each. Payloads stay in the ledger; secrets are cut out wherever they might stand.
import { pino, type Logger } from 'pino'

export type Log = Logger

export function createLog({ level, file }: { level: string; file?: string | undefined }): Log {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: {
      paths: [
        '*.authorization',
        '*.password',
        '*.secret',
        '*.token',
        'authorization',
        'password',
        'secret',
        'token',
        'req.headers.authorization',
      ],
      censor: '[removed]',
    },
  }
  return file === undefined ? pino(options) : pino(options, pino.destination({ dest: file, mkdir: true, sync: false }))
}

/** An address as it may stand in a log: without user, password and query, where keys are. */
export function loggedUrl(url: string): string {
  if (!URL.canParse(url)) return '[no address]'
  const { protocol, host, pathname } = new URL(url)
  return `${protocol}//${host}${pathname}`
}
