// journal — what a simulated agency has taken and what it still owes, one JSON line an event, on disk before anyone
// hears of it: killed and started again, it knows as much as before.
import { closeSync, fdatasync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs'
import { promisify } from 'node:util'

import type { PrintOrder } from './print/order.js'

/** A message as it was taken. */
export interface Taken {
  submissionId: string
  agency: string
  operation: string
  documentType: string
  reference: string
  /** How often it was really taken. */
  times: number
  /** Of the message's bytes as they came in the first time. */
  sha256: string
  attachments: number
  at: string
}

/** A receipt still to be posted. */
export interface Owed {
  /** The order it was owed in, from 1. */
  seq: number
  submissionId: string
  agency: string
  mediaType: string
  /** The bytes, base64. */
  body: string
  /** Files that come with it, drawn when it is posted. */
  prints?: PrintOrder[]
  /** Epoch milliseconds. */
  dueAt: number
  held: boolean
}

type Entry =
  | ({ event: 'taken' } & Taken & { answer?: string; answerType?: string })
  | ({ event: 'owed' } & Owed)
  | { event: 'sent'; seq: number }

/** Whoever is answered before `taken` resolves hears of what a crash forgets. */
export interface Journal {
  taken: Map<string, Taken>
  owed: Map<number, Owed>
  /** The first answer to a submission, for an idempotent agency to repeat. */
  answerTo(submissionId: string): { mediaType: string; bytes: Buffer } | undefined
  /** Resolves once it is on disk. */
  take(
    taken: Omit<Taken, 'times'>,
    owed: Omit<Owed, 'seq'>[],
    answer?: { mediaType: string; bytes: Buffer },
  ): Promise<Owed[]>
  /** What it says without being asked. Resolves once it is on disk. */
  owe(owed: Omit<Owed, 'seq'>): Promise<Owed>
  /** Need not be waited for: a receipt posted twice is what a hub must bear anyway. */
  sent(seq: number): void
  /** Resolves once everything said so far is on disk. */
  settled(): Promise<void>
  close(): void
}

const datasync = promisify(fdatasync)

/** Opens the journal. Without a file everything is in memory only. */
export function openJournal(file?: string): Journal {
  const taken = new Map<string, Taken>()
  const owed = new Map<number, Owed>()
  const answers = new Map<string, { mediaType: string; bytes: Buffer }>()
  let seq = 0

  const replay = (entry: Entry) => {
    switch (entry.event) {
      case 'taken': {
        const { event: _, answer, answerType, ...one } = entry
        taken.set(one.submissionId, one)
        if (answer !== undefined)
          answers.set(one.submissionId, {
            mediaType: answerType ?? 'application/xml',
            bytes: Buffer.from(answer, 'base64'),
          })
        break
      }
      case 'owed': {
        const { event: _, ...one } = entry
        owed.set(one.seq, one)
        seq = Math.max(seq, one.seq)
        break
      }
      case 'sent':
        owed.delete(entry.seq)
        seq = Math.max(seq, entry.seq)
    }
  }
  if (file !== undefined) {
    for (const line of linesOf(file)) replay(line)
    rewrite(file, taken, owed, answers)
  }
  const fd = file === undefined ? undefined : openSync(file, 'a', 0o600)

  // Everyone who writes while one sync is under way shares the next.
  let lines: string[] = []
  let syncing: Promise<void> | undefined
  function flush(): Promise<void> {
    return (syncing ??= Promise.resolve().then(async () => {
      syncing = undefined
      if (fd === undefined || lines.length === 0) return
      const batch = lines.join('')
      lines = []
      writeSync(fd, batch)
      await datasync(fd)
    }))
  }
  let tail: Promise<void> = Promise.resolve()
  function append(entries: Entry[]): Promise<void> {
    lines.push(...entries.map((entry) => `${JSON.stringify(entry)}\n`))
    return (tail = tail.catch(() => {}).then(flush))
  }

  return {
    taken,
    owed,
    answerTo: (submissionId) => answers.get(submissionId),
    async take(one, debts, answer) {
      const known = taken.get(one.submissionId)
      const entry: Taken = known ? { ...known, times: known.times + 1 } : { ...one, times: 1 }
      const added = debts.map((debt) => ({ ...debt, seq: ++seq }))
      // The times are counted at once: two that come together are two.
      taken.set(entry.submissionId, entry)
      for (const debt of added) owed.set(debt.seq, debt)
      if (answer && !answers.has(entry.submissionId)) answers.set(entry.submissionId, answer)
      const kept = answer ? { answer: answer.bytes.toString('base64'), answerType: answer.mediaType } : {}
      await append([
        { event: 'taken', ...entry, ...kept },
        ...added.map((debt) => ({ event: 'owed' as const, ...debt })),
      ])
      return added
    },
    async owe(debt) {
      const one = { ...debt, seq: ++seq }
      owed.set(one.seq, one)
      await append([{ event: 'owed', ...one }])
      return one
    },
    sent(number) {
      owed.delete(number)
      void append([{ event: 'sent', seq: number }])
    },
    settled: () => tail,
    close() {
      if (fd === undefined) return
      if (lines.length > 0) writeSync(fd, lines.join(''))
      lines = []
      closeSync(fd)
    },
  }
}

/** Every whole line. The last one may be torn by a kill: nobody has heard of it. */
function* linesOf(file: string): Generator<Entry> {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    return
  }
  for (const line of text.split('\n').slice(0, -1)) {
    try {
      yield JSON.parse(line) as Entry
    } catch {
      // A torn line that was written on after an earlier restart.
    }
  }
}

/** Only what still matters, so that a journal does not grow for ever. The old file or the new one, never half of it. */
function rewrite(
  file: string,
  taken: Map<string, Taken>,
  owed: Map<number, Owed>,
  answers: Map<string, { mediaType: string; bytes: Buffer }>,
): void {
  const kept = (id: string) => {
    const answer = answers.get(id)
    return answer ? { answer: answer.bytes.toString('base64'), answerType: answer.mediaType } : {}
  }
  const entries: Entry[] = [
    ...[...taken.values()].map((one) => ({ event: 'taken' as const, ...one, ...kept(one.submissionId) })),
    ...[...owed.values()].map((one) => ({ event: 'owed' as const, ...one })),
  ]
  writeFileSync(`${file}.new`, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''), { mode: 0o600 })
  const fd = openSync(`${file}.new`, 'r')
  fsyncSync(fd)
  closeSync(fd)
  renameSync(`${file}.new`, file)
}
