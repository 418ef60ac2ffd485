// log-lines — where log lines go: a file, or standard output. A line that cannot be written is counted and gone;
// whoever logs never waits and never fails, whether the disk is full, the pipe closed, or its reader asleep.
import { constants, fchmodSync, fstatSync, openSync, write, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { makeFolder } from './private-folder.js'

/** A place that lines of the log go to: standard output, or a file. */
export interface LogLines {
  /** One line with its end. Never throws. */
  write(line: string): void
  /** Lines that could not be written so far. */
  lost(): number
  /** Resolves when all that can be written is, or after `ms`. */
  drained(ms: number): Promise<void>
}

/** Most bytes that wait to be written. */
const mostWaiting = 8 * 1024 * 1024
/** After a failure: the next try, and how much is kept for it. */
const againMs = 1_000
const keptMeanwhile = 256 * 1024

/**
 * Appends to the file, made with mode 0600. @throws Error (EACCES, EISDIR …) when it cannot be opened; a full disk is
 * waited for.
 */
export function linesToFile(file: string): LogLines {
  const open = (): number => {
    makeFolder(dirname(file))
    // Non-blocking: a named pipe without a reader is a fault at once, not a hub that never starts.
    const fd = openSync(file, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK, 0o600)
    const { uid } = fstatSync(fd)
    if (fstatSync(fd).isFile() && uid === process.getuid?.()) fchmodSync(fd, 0o600)
    return fd
  }
  let fd: number | undefined
  try {
    fd = open()
  } catch (error) {
    if (!['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
  return linesTo(() => (fd ??= open()))
}

/** Standard output. A pipe is Node's own affair: it does not block, whoever reads it. */
export function linesToStdout(): LogLines {
  const kind = fstatSync(1)
  if (!kind.isFIFO() && !kind.isSocket()) return linesTo(() => 1)
  const out = process.stdout
  let lost = 0
  out.on('error', () => {})
  return {
    write(line) {
      if (out.writableLength > mostWaiting) lost += 1
      else out.write(line, (error) => void (lost += error ? 1 : 0))
    },
    lost: () => lost,
    drained: (ms) =>
      new Promise((resolve) => {
        setTimeout(resolve, ms).unref()
        out.write('', () => resolve())
      }),
  }
}

/** To the descriptor `open` gives; it is asked again as long as it throws. */
function linesTo(open: () => number): LogLines {
  let waiting: string[] = []
  let bytes = 0
  let lost = 0
  /** At most one write at a time, and none while the last one's failure is a moment old. */
  let state: 'idle' | 'writing' | 'resting' = 'idle'
  /** A line was cut off, or lines were lost, since the last write that went well. */
  let cut = false
  let missed = false
  const idle: (() => void)[] = []
  const nobodyWaits = (): void => idle.splice(0).forEach((wake) => wake())

  const failedAt = (data: Buffer, at: number, lines: number): void => {
    const whole = data.subarray(0, at).filter((byte) => byte === 10).length
    lost += Math.max(0, lines - whole)
    cut ||= at > 0 && data[at - 1] !== 10
    missed = true
    state = 'resting'
    setTimeout(() => {
      state = 'idle'
      pump()
    }, againMs).unref()
    nobodyWaits()
  }
  const pump = (): void => {
    if (state !== 'idle') return
    if (waiting.length === 0) return nobodyWaits()
    state = 'writing'
    const head = (cut ? '\n' : '') + (missed ? lostLine(lost) : '')
    const data = Buffer.from(head + waiting.join(''))
    const lines = waiting.length + (cut ? 1 : 0) + (missed ? 1 : 0)
    waiting = []
    bytes = 0
    const go = (fd: number, from: number): void =>
      write(fd, data, from, data.length - from, null, (error, written) => {
        if (error) return failedAt(data, from, lines)
        if (from + written < data.length) return go(fd, from + written)
        cut = missed = false
        state = 'idle'
        pump()
      })
    try {
      go(open(), 0)
    } catch {
      failedAt(data, 0, lines)
    }
  }
  process.on('exit', () => {
    // What waits has one chance more; what is being written is not written twice.
    try {
      if (waiting.length > 0 && state !== 'resting') writeSync(open(), waiting.join(''))
    } catch {
      // Nobody is left to count them.
    }
  })
  return {
    write(line) {
      if (bytes + line.length > (state === 'resting' ? keptMeanwhile : mostWaiting)) {
        lost += 1
        return
      }
      waiting.push(line)
      bytes += line.length
      if (waiting.length === 1) setImmediate(pump)
    },
    lost: () => lost,
    drained: (ms) =>
      new Promise((resolve) => {
        if (state === 'resting' || (state === 'idle' && waiting.length === 0)) return resolve()
        idle.push(resolve)
        setTimeout(resolve, ms).unref()
      }),
  }
}

const lostLine = (lost: number): string =>
  `${JSON.stringify({ level: 40, time: new Date().toISOString(), lost, msg: 'log lines were lost' })}\n`
