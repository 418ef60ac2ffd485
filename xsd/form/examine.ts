// examine — what is wrong with a form beyond its shape: fields its rules contradict, later messages it forgets, samples
// its own rules refuse, broken samples that are told otherwise, answers not of their form. For `hub form check` and
// whoever corrects a form.
import type { Fault } from '../../messages/fault.js'
import { brokenOf } from './broken.js'
import { forgottenLater } from './later-messages.js'
import { walk, type Form } from './node.js'
import { contradictions } from './obligatory.js'
import type { ReadForm } from './read/form.js'
import { samplesOf } from './samples.js'
import { unwritten } from './words.js'

/** What was found of one form; no sentences: nothing is wrong. */
interface Examined {
  document: string
  leaves: number
  rules: number
  samples: number
  broken: number
  /** Sentences; empty: all is well. */
  remarks: string[]
}

/** @param inspect the engine's own look, so that what people hear is what senders will hear */
export function examine({ form, rules }: ReadForm, inspect: (bytes: Uint8Array) => { faults: Fault[] }): Examined {
  const remarks: string[] = [...contradictions(form, rules), ...forgottenLater(form, rules), ...labelsOf(form)]
  const samples = samplesOf(form, rules)
  const said = (faults: readonly Fault[]) =>
    faults
      .slice(0, 3)
      .map(({ path, rule, text }) => `${path ?? ''} ${rule ?? ''} ${text.en}`)
      .join('; ')
  for (const { name, xml, left } of samples) {
    const { faults } = inspect(Buffer.from(xml))
    if (faults.length > 0 || left.length > 0) remarks.push(`sample ${name}: ${said(faults.length > 0 ? faults : left)}`)
  }
  const broken = brokenOf(form, rules, samples)
  for (const { name, xml, expected } of broken) {
    const { faults } = inspect(Buffer.from(xml))
    const [told, wanted] = [faults, expected].map((all) => all.map(({ code, path }) => `${code} ${path}`).join(', '))
    if (told !== wanted) remarks.push(`broken sample ${name}: ${told || 'no fault'} instead of ${wanted}`)
  }
  const leaves = [...walk(form.fields)].filter(({ node }) => node.leaf).length
  return {
    document: form.document,
    leaves,
    rules: rules.length,
    samples: samples.length,
    broken: broken.length,
    remarks,
  }
}

function labelsOf({ fields, life }: Form): string[] {
  return [...walk([...fields, ...life.flatMap(({ brings }) => brings)])]
    .filter(({ node }) => unwritten(node.en).length > 0)
    .map(({ path, node }) => `${path} is called ${node.en} in English: write it out (en, or words.ts)`)
}
