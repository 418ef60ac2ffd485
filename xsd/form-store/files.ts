// files — what is made of forms under the names of files: `forms/X.xsd`, `forms/XAnswer.xsd`, `forms/X/full.xml`; of a
// query, `forms/XResult.xsd`. No such files exist.
import { answerRoot } from '../form/answers.js'
import { answerName, rootOf } from '../form/document.js'
import { resultRoot } from '../queries/query-form.js'
import { toJsonSchema } from '../form/json-schema.js'
import { samplesOf, type Sample } from '../form/samples.js'
import { storedForm, type FormSource } from './stored.js'
import { toJson } from '../form/to-json.js'
import { toXsd } from '../form/to-xsd.js'

/** The schema of that name; undefined when no form has it. */
export function formSchema(file: string, forms: FormSource = storedForm): Buffer | undefined {
  const [, name] = /^forms\/(\w+)\.xsd$/.exec(file) ?? []
  if (name === undefined) return undefined
  const stored = forms(name)
  if (stored) return Buffer.from(toXsd(rootOf(stored.form), stored.form.namespace, stored.form.source))
  const asked = name.endsWith('Result') ? forms(name.slice(0, -'Result'.length)) : undefined
  if (asked?.query) {
    const { shape, columns } = asked.query
    return Buffer.from(toXsd(resultRoot(asked.form, columns), shape.resultNamespace, asked.form.source))
  }
  const answered = name.endsWith('Answer') ? forms(name.slice(0, -'Answer'.length)) : undefined
  if (!answered) return undefined
  const { form } = answered
  return Buffer.from(
    toXsd(
      answerRoot(form),
      form.namespace.replace(`:${form.document}:`, `:${answerName(form.document)}:`),
      form.source,
    ),
  )
}

/** Samples are looked at by people, some at a time. */
const samplesKept = 20
const madeSamples = new Map<string, { of: object; samples: Sample[] }>()

/** A valid message of that name; undefined when no form has it. */
export function formSample(file: string): Buffer | undefined {
  const found = sampleNamed(file)
  return found && Buffer.from(found.xml)
}

/** A sample of a form as JSON: the same message as its XML sample. */
export function formSampleJson(file: string): Buffer | undefined {
  const found = sampleNamed(file)
  return found && Buffer.from(toJson(found.tree))
}

function sampleNamed(file: string): Sample | undefined {
  const [, document, name] = /^forms\/(\w+)\/([\w.-]+)\.xml$/.exec(file) ?? []
  const stored = document === undefined ? undefined : storedForm(document)
  if (!stored) return undefined
  let made = madeSamples.get(document!)
  if (made?.of !== stored.form) {
    if (madeSamples.size >= samplesKept) madeSamples.delete(madeSamples.keys().next().value!)
    made = { of: stored.form, samples: samplesOf(stored.form, stored.rules) }
    madeSamples.set(document!, made)
  }
  return made.samples.find((one) => one.name === name)
}

/** The JSON Schema of a form's messages, as text; undefined when there is no such form. */
export function formJsonSchema(document: string): string | undefined {
  const stored = storedForm(document)
  return stored && `${JSON.stringify(toJsonSchema(rootOf(stored.form), stored.form.namespace), null, 2)}\n`
}

/** The page of docs/forms a form stands on, with its place there. */
export function formPage(document: string): string | undefined {
  const stored = storedForm(document)
  return stored && `docs/forms/${stored.form.category}.md#${document.toLowerCase()}`
}
