// form-answers — what simulated agencies answer to forms: made by the build with the form (dist/forms), read when a
// message of it first comes.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { meets } from '../../messages/condition.js'
import type { QueryShape } from '../../messages/queries/shape.js'
import { valueAt, type XmlDocument } from '../../messages/xml-reading.js'
import type { AnswersFile, Stage } from './book-data.js'
import type { PrintRequest } from './print/printed.js'
import { ordersOf, type PrintedForm, type PrintOrder } from './print/order.js'

/** Answers to forms; undefined for a document that is none. */
export interface FormAnswers {
  /** The form a message says it is; undefined when it is none. */
  identify: (message: XmlDocument) => string | undefined
  find: (document: string, message: XmlDocument) => { stages: Stage[]; refusal: Stage[] } | undefined
  /** The form as far as printing looks at it. */
  form: (document: string) => PrintedForm | undefined
  /** What is asked for, where the document is a request to print. */
  request: (document: string) => PrintRequest | undefined
  /** What is printed for this answer. */
  orders: (document: string, message: XmlDocument, answer: XmlDocument) => PrintOrder[]
  /** The shape of a query; undefined when the document is none. */
  query: (document: string) => QueryShape | undefined
  /** What a step of a form's course means for the filing. */
  statusOf: (document: string, stage: string) => string | undefined
}

interface Stored {
  form: PrintedForm & { life: (PrintedForm['life'][number] & { status: string })[] }
  answers: AnswersFile['answers']
  print?: Omit<PrintRequest, 'title'>
  query?: { shape: QueryShape }
}
interface Kept {
  answers: AnswersFile['answers']
  shape: QueryShape | undefined
  life: readonly { code: string; status: string }[]
}

/** @param dir where the build keeps the forms; nothing is found where there are none */
export function openFormAnswers(dir: string | undefined): FormAnswers {
  let files: Record<string, string> | undefined
  const known = new Map<string, Kept>()
  const read = (file: string) => JSON.parse(readFileSync(join(dir!, file), 'utf8')) as Stored
  const fileOf = (document: string) => {
    const index = dir === undefined ? undefined : join(dir, 'index.json')
    files ??=
      index !== undefined && existsSync(index)
        ? (JSON.parse(readFileSync(index, 'utf8')) as { files: Record<string, string> }).files
        : {}
    return Object.hasOwn(files, document) ? files[document] : undefined
  }
  const kept = (document: string): Kept | undefined => {
    const file = fileOf(document)
    if (file === undefined) return undefined
    const before = known.get(document)
    if (before) return before
    const { form, answers, query } = read(file)
    const made = { answers, shape: query?.shape, life: form.life }
    known.set(document, made)
    return made
  }
  return {
    identify: ({ root, namespace }) =>
      namespace.startsWith('urn:singlewindow:') && fileOf(root) !== undefined ? root : undefined,
    find(document, { tree }) {
      const facts = { functionCode: valueAt(tree, 'Head/FunctionCode') ?? '' }
      const answer = kept(document)?.answers.find((one) => meets(one.when, facts))
      return answer && { stages: answer.stages, refusal: answer.refusal ?? [] }
    },
    form: (document) => {
      const file = fileOf(document)
      return file === undefined ? undefined : read(file).form
    },
    request(document) {
      const file = /(Print|Download|Export)$/.test(document) ? fileOf(document) : undefined
      const { print, form } = file === undefined ? {} : read(file)
      return print && form && { ...print, title: form.title.zh }
    },
    orders(document, message, answer) {
      const file = fileOf(document)
      return file === undefined ? [] : ordersOf(read(file).form, message, answer)
    },
    query: (document) => kept(document)?.shape,
    statusOf: (document, stage) => kept(document)?.life.find(({ code }) => code === stage)?.status,
  }
}
