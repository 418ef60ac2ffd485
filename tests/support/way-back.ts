// way-back — published XML made into EDIFACT and read again, as the hub does both: for tests of the mappings.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { edifactTarget, type EdifactTaking } from '../../messages/edifact/target.js'
import type { Inspection } from '../../messages/inspection.js'
import { createEngine } from '../../xsd/engine.js'
import { readSchemaFiles } from '../../xsd/schema-files.js'
import { documents, mappings, rules } from './data.js'
import { root, samplePath } from './hub.js'

export const engine = createEngine({
  documents,
  mappings,
  rules,
  schemas: readSchemaFiles(join(root, 'xsd/families')),
  faultLimit: 50,
})

export const taking: EdifactTaking = { sender: 'TESTHUB:ZZZ', recipient: 'TESTPORT:ZZZ' }

/** The EDIFACT of a document, or why there is none. The document must be right. */
export function wayBack(xml: Uint8Array | string, settings: Partial<EdifactTaking> = {}): Inspection {
  const bytes = Buffer.from(xml)
  const { document, faults } = engine.inspect(bytes)
  if (!document || faults.length > 0) throw new Error(`not valid: ${JSON.stringify(faults)}`)
  return engine.inspect(bytes, {
    into: edifactTarget(
      { ...taking, ...settings },
      {
        document: document.type,
        facts: document.facts,
        reference: 'REF1',
        preparedAt: new Date('2026-11-23T02:15:00Z'),
      },
    ),
  })
}

/** What is the interchange's own, in the XML made of it: its number stands in MessageID, its time in SendTime. */
export const ownOut = (xml: Uint8Array | string) =>
  Buffer.from(xml)
    .toString()
    .replace(/<MessageID>[^<]*/, '<MessageID>')
    .replace(/<SendTime>[^<]*/, '<SendTime>')

export const sampleFile = (path: string) => readFileSync(samplePath(path))
