// pack-samples — are the samples of a pack what their names say: good ones without a fault, broken ones with exactly
// the faults written beside them? For `hub schema check <family>` and whoever writes a pack.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DocumentFamily } from '../messages/document-type.js'
import type { Inspection } from '../messages/inspection.js'

/** What a pack is to have at least: fewer leave most of its limits untried. */
const fewestBroken = 5

/** How many were looked at, and a sentence for each that is wrong. */
export interface SampleCheck {
  samples: number
  broken: number
  remarks: string[]
}

/**
 * Looks at the XML samples of one pack; EDIFACT and flat files, which are read by a partner's settings, are left to the
 * tests.
 * @param folder of the pack: xsd/families/<family>
 * @param inspect the engine's own look, so that what is said here is what a sender hears
 */
export function checkSamples(
  folder: string,
  { documents, receipts }: DocumentFamily,
  inspect: (bytes: Uint8Array) => Inspection,
): SampleCheck {
  const good = join(folder, 'samples')
  const bad = join(good, 'invalid')
  const remarks = documents
    .flatMap((document) => document.samples.map((name) => name.slice(name.indexOf('/') + 1)))
    .filter((name) => !existsSync(join(good, name)))
    .map((name) => `samples/${name}: family.yaml names it, and there is no such file`)
  const samples = xmlIn(good)
  for (const file of samples) {
    const { document, root, faults } = inspect(readFileSync(join(good, file)))
    if (!document && root && receipts.some((one) => one.root === root.name)) continue
    if (faults.length > 0) remarks.push(`samples/${file}: ${faults.slice(0, 3).map(sentence).join('; ')}`)
    else if (document && !file.startsWith(document.type))
      remarks.push(`samples/${file}: it holds ${document.type}; its name is to begin with that`)
  }
  const broken = xmlIn(bad)
  for (const file of broken) {
    const beside = file.replace(/\.xml$/, '.expected.json')
    if (!existsSync(join(bad, beside))) {
      remarks.push(`samples/invalid/${file}: ${beside} is missing; it lists the faults, each with code and path`)
      continue
    }
    const wanted = JSON.parse(readFileSync(join(bad, beside), 'utf8')) as { code: string; path: string }[]
    const { faults } = inspect(readFileSync(join(bad, file)))
    const [told, expected] = [faults, wanted].map((all) =>
      all.map(({ code, path }) => `${code} ${path ?? ''}`.trim()).join(', '),
    )
    if (told !== expected) remarks.push(`samples/invalid/${file}: ${told || 'no fault'} instead of ${expected}`)
  }
  const files = existsSync(bad) ? readdirSync(bad).filter((file) => file.endsWith('.expected.json')).length : 0
  if (documents.length > 0 && files < fewestBroken)
    remarks.push(`samples/invalid: ${files} broken samples; a pack has at least ${fewestBroken}`)
  return { samples: samples.length, broken: broken.length, remarks }
}

const xmlIn = (folder: string) =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((file) => file.endsWith('.xml'))
        .sort()
    : []

const sentence = ({ code, path, line, text }: Inspection['faults'][number]) =>
  `${code} ${path ?? ''}${line === undefined ? '' : ` line ${line}`}: ${text.en}`
