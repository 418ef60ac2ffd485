// names — a submission's file names, and what a receipt's file name tells: `Successed_<base>_<ts>.xml`, `Failed_…`,
// `Receipt_<id>_<ts>.xml` (file names of the Single Window client's import interface). Our own base name is the
// submission's id, so a file is known again.
import { extname } from 'node:path'

const stamped = /_\d{14,23}$/
const submission = /^sub_[0-9A-Za-z]+$/

/**
 * The names a submission's file may have: the message alone (XML, EDIFACT, a port's flat file), or a zip with its
 * attachments.
 */
export const namesOf = (base: string): string[] => [`${base}.xml`, `${base}.zip`, `${base}.edi`, `${base}.txt`]

/** What the name of a file says; the file itself may say otherwise. */
export interface NamedAnswer {
  /** What the sender of the file says it is. */
  kind: 'imported' | 'failed' | 'receipt'
  /** The submission it answers, when the name says so. */
  submissionId?: string
}

/** Never throws: a name that says nothing is a receipt like any other. */
export function readName(name: string, prefix: string): NamedAnswer {
  const base = name.slice(0, name.length - extname(name).length)
  const [, kind, rest] = /^(Successed|Failed)_(.+)$/i.exec(base) ?? []
  const submissionId = submissionOf(rest ?? base, prefix)
  return {
    kind: kind === undefined ? 'receipt' : kind.toLowerCase() === 'failed' ? 'failed' : 'imported',
    ...(submissionId === undefined ? {} : { submissionId }),
  }
}

/** The submission whose own file (or a receipt for it) has this base name, with or without the time at its end. */
export function submissionOf(base: string, prefix: string): string | undefined {
  if (!base.startsWith(prefix)) return undefined
  const own = base.slice(prefix.length)
  const id = submission.test(own) ? own : own.replace(stamped, '')
  return submission.test(id) ? id : undefined
}
