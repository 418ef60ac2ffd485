// files — what is made of forms under the names of files: `forms/X.xsd`, `forms/XAnswer.xsd`, `forms/X/full.xml`. No such files exist.
import { answerRoot } from './answers.js'
import { answerName, rootOf } from './document.js'
import { samplesOf } from './samples.js'
import { storedForm, type FormSource } from './store.js'
import { toXsd } from './to-xsd.js'

/** The schema of that name; undefined when no form has it. */
export function formSchema(file: string, forms: FormSource = storedForm): Buffer | undefined {
  const [, name] = /^forms\/(\w+)\.xsd$/.exec(file) ?? []
  if (name === undefined) return undefined
  const stored = forms(name)
  if (stored) return Buffer.from(toXsd(rootOf(stored.form), stored.form.namespace, stored.form.source))
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

/** A valid message of that name; undefined when no form has it. */
export function formSample(file: string): Buffer | undefined {
  const [, document, name] = /^forms\/(\w+)\/([\w.-]+)\.xml$/.exec(file) ?? []
  const stored = document === undefined ? undefined : storedForm(document)
  const found = stored && samplesOf(stored.form, stored.rules).find((one) => one.name === name)
  return found && Buffer.from(found.xml)
}
