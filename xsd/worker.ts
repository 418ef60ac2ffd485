// worker — the thread: one engine, given some messages at a time, in their order.
import { workerData } from 'node:worker_threads'
import type { DocumentFamily } from '../messages/document-type.js'
import type { Mapping } from '../messages/mapping/mapping.js'
import type { Inspection, Reading } from '../messages/inspection.js'
import { stepBack } from '../messages/step-back.js'
import { createEngine } from './engine.js'
import type { RuleFamily } from './ruling/rule.js'
import { readSchemaFiles } from './schema-files.js'

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
  ...(flatTables === undefined ? {} : { flatTables }),
})

export default function inspect(messages: { bytes: Uint8Array; reading?: Reading }[]): Inspection[] {
  return messages.map(({ bytes, reading }) => engine.inspect(bytes, reading))
}
