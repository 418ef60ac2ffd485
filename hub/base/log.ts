// log — events with ids, one JSON line each. Payloads stay in the ledger; secrets are cut out wherever they might
// stand.
import { pino, type Logger } from 'pino'
import { withoutPatterns } from '../../messages/persons/patterns.js'
import { linesToFile, linesToStdout, type LogLines } from './log-lines.js'

/** The logger, with what became of lines that could not be written. */
export type Log = Logger & Pick<LogLines, 'lost' | 'drained'>

/** @throws Error of the system when the file cannot be opened for another reason than a full disk */
export function createLog({
  level,
  file,
  maskPersons = true,
}: {
  level: string
  file?: string | undefined
  /** Values that show that they name a person (messages/persons/patterns.ts) are taken out of every line. */
  maskPersons?: boolean
}): Log {
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
  const lines = file === undefined ? linesToStdout() : linesToFile(file)
  const shown = maskPersons ? { write: (line: string) => lines.write(withoutPatterns(line)) } : lines
  return Object.assign(pino(options, shown), { lost: lines.lost, drained: lines.drained })
}
