// worker — the thread: one engine, given some messages at a time, in their order.
import { createHash } from 'node:crypto'
import { parentPort, workerData } from 'node:worker_threads'
import type { DocumentFamily } from '../messages/document-type.js'
import type { Mapping } from '../messages/mapping/mapping.js'
import type { Inspection, ReadingOptions } from '../messages/inspection.js'
import { arrived, sharedFrom } from '../messages/shared-bytes.js'
import { stepBack } from '../messages/step-back.js'
import { createEngine } from './engine.js'
import type { RuleFamily } from './rules/rule.js'
import { readSchemaFiles } from './schema-files.js'

/** What the thread says besides its answers. */
export interface Disputed {
  disputed: string
}

const { documents, mappings, schemasDir, rules, faultLimit, flatTables, stepsBack } = workerData as {
  documents: DocumentFamily[]
  mappings: Mapping[]
  schemasDir: string
  rules: RuleFamily[]
  faultLimit: number
  flatTables?: string
  /** A thread for large messages: small ones go first. */
  stepsBack?: boolean
}
if (stepsBack) stepBack()
const engine = createEngine({
  documents,
  mappings,
  rules,
  schemas: readSchemaFiles(schemasDir),
  faultLimit,
  disputed: (schema) => parentPort!.postMessage({ disputed: schema } satisfies Disputed),
  ...(flatTables === undefined ? {} : { flatTables }),
})

const sum = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** The task of a thread of the pool: messages in, what is found in each out, in the same order. */
export default function inspect(messages: { bytes: Uint8Array; reading?: ReadingOptions }[]): Inspection[] {
  messages.forEach(({ bytes }) => arrived(bytes))
  return messages.map(({ bytes, reading }) => ({
    ...engine.inspect(bytes, reading),
    ...(bytes.length >= sharedFrom ? { sha256: sum(bytes) } : {}),
  }))
}
