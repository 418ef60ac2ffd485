// document — what the hub knows of a form's messages and of the answers to them: root, facts, reference, order, keys,
// schemas, samples.
import { byDay, type DocumentFamily, type DocumentType, type ReceiptType } from '../../messages/document-type.js'
import type { ReceiptStatus } from '../../messages/states.js'
import { formHead } from './head.js'
import { nodeAt, type Form, type Node, type LifeCycleStep, walk } from './node.js'

/** `Applicant/UnifiedSocialCreditCode` → applicantUnifiedSocialCreditCode */
export const factName = (path: string) => {
  const name = path.split('/').join('')
  return name[0]!.toLowerCase() + name.slice(1)
}

/** The whole document: head, then the form's own fields. */
export function rootOf(form: Form): Node {
  return {
    name: form.document,
    zh: form.title.zh,
    en: form.title.en,
    min: 1,
    max: 1,
    fields: [formHead(form), ...form.fields],
  }
}

/** The name under which the schema of a form is asked for. No such file exists; it is made from the form. */
export const schemaFile = (document: string) => `forms/${document}.xsd`
/** The root element of the authority's answer to a form. */
export const answerName = (document: string) => `${document}Answer`
/** Ours and the partner's number of the message, together one's own: what an answer cites first. */
export const messageKey = 'message'

/** A form as routing knows it: like an entry of a pack's family.yaml. */
export function documentType(form: Form): DocumentType {
  const facts = new Map([
    ['messageId', 'Head/MessageID'],
    ['functionCode', 'Head/FunctionCode'],
    ['messageType', 'Head/MessageType'],
  ])
  for (const path of [...form.identity, ...form.serves.flatMap(({ when }) => Object.keys(when))])
    facts.set(factName(path), path)
  const files = [...walk(form.fields)].flatMap(({ path, node }) => (node.leaf?.type === 'attachment' ? [{ path }] : []))
  const originals = form.functions.filter(({ name }) => name !== 'original').map(({ code }) => code)
  return {
    id: form.document,
    title: form.title,
    source: form.source,
    root: form.document,
    namespace: form.namespace,
    facts: Object.fromEntries(facts),
    reference: 'messageId',
    // Of one document kind: two kinds may be numbered alike.
    // A query is asked beside all others.
    ...(form.kind === 'query' ? {} : { order: ['messageType', ...orderOf(form)] }),
    ...(originals.length > 0 && form.functions.some(({ name }) => name === 'original')
      ? { changes: { functionCode: originals } }
      : {}),
    keys: {
      [messageKey]: 'Head/SenderID+Head/MessageID',
      ...Object.fromEntries(
        form.keys.filter((path) => nodeAt(form.fields, path)).map((path) => [factName(path), path]),
      ),
    },
    ...(files.length > 0 ? { files } : {}),
    ...portsOf(form),
    schemas: [{ file: schemaFile(form.document), version: '1.0' }],
    samples: [
      `forms/${form.document}/full.xml`,
      `forms/${form.document}/minimal.xml`,
      ...form.serves.flatMap(({ operation, functions }) =>
        functions.map((name) => `forms/${form.document}/${operation}-${name}.xml`),
      ),
    ],
  }
}

/** A date with time counts by its day: a later message may correct the hour. */
const orderOf = (form: Form): string[] =>
  form.identity.map((path) => {
    const fact = factName(path)
    return nodeAt(form.fields, path)?.leaf?.base === 'dateTime' ? byDay(fact) : fact
  })

/** Where the form names ports and customs offices. */
function portsOf(form: Form): Pick<DocumentType, 'ports'> {
  const ports = [...walk(form.fields)]
    .filter(({ node }) => node.leaf && ['port', 'customsOffice'].includes(node.leaf.type))
    .map(({ path }) => path)
  return ports.length === 0 ? {} : { ports }
}

/** Condition under which a message of the form is this operation. */
export function linkOf(form: Form, { functions, when }: Form['serves'][number]): Record<string, string | string[]> {
  const codes = functions.map((name) => form.functions.find((one) => one.name === name)!.code)
  return {
    functionCode: codes.length === 1 ? codes[0]! : codes,
    ...Object.fromEntries(Object.entries(when).map(([path, value]) => [factName(path), value])),
  }
}

/** Numbers the answers bring, as the form's `keys` or as the first of its approval. */
export function broughtKeys(form: Form): string[] {
  const named = form.keys.filter((path) => !nodeAt(form.fields, path))
  const approval = form.life
    .filter(({ status }) => status === 'approved' || status === 'released')
    .flatMap(({ brings }) =>
      [...walk(brings)].filter(({ path, node }) => !path.includes('/') && node.leaf && /(Number|No|Code)$/.test(path)),
    )
    .map(({ path }) => path)
  return [...new Set([...named, ...form.keys.filter((path) => approval.includes(path)), ...approval.slice(0, 1)])]
}

/** Where in its answer a step names the files that come with it. */
export const filesBrought = ({ brings }: LifeCycleStep): string[] =>
  [...walk(brings)].filter(({ node }) => node.leaf?.type === 'attachment').map(({ path }) => `Result/${path}`)

/** The answers to a form, as receipts of a pack are described. */
export function receiptType(form: Form): ReceiptType {
  const numbers = broughtKeys(form)
  const files = [...new Set(form.life.flatMap(filesBrought))]
  return {
    id: answerName(form.document),
    title: { zh: `${form.title.zh}回执`, en: `Answer: ${form.title.en}` },
    source: form.source,
    root: answerName(form.document),
    schema: schemaFile(answerName(form.document)),
    keys: [
      { key: messageKey, path: 'Head/ReceiverID+OriginalMessageID' },
      ...numbers.map((path) => ({ key: factName(path), path: `Result/${path}` })),
    ],
    answers: [form.document],
    learn: Object.fromEntries(numbers.map((path) => [factName(path), `Result/${path}`])),
    code: 'State',
    text: 'Text',
    time: 'StateTime',
    ...(numbers[0] === undefined ? {} : numbered(form, numbers[0])),
    ...(files.length === 0 ? {} : { attachments: files }),
    status: Object.fromEntries(form.life.map(({ code, status }) => [code, status as ReceiptStatus])),
    otherwise: 'processing',
    meanings: Object.fromEntries(form.life.map(({ code, zh, en }) => [code, { zh, en: sentence(en) }])),
  }
}

/** The number that receipts show, and what the form calls it. */
function numbered(form: Form, path: string): Pick<ReceiptType, 'agencyReference' | 'agencyReferenceName'> {
  const node = form.life.map(({ brings }) => nodeAt(brings, path)).find((one) => one !== undefined)
  return {
    agencyReference: `Result/${path}`,
    ...(node ? { agencyReferenceName: { zh: node.zh, en: node.en } } : {}),
  }
}

const sentence = (words: string) => words.replace(/^./, (c) => c.toUpperCase())

/** A family a category: `forms-04`. */
export function familyOf(category: string, forms: readonly Form[]): DocumentFamily {
  return {
    family: `forms-${category.slice(0, 2)}`,
    title: { zh: `表单（${category.slice(0, 2)}）`, en: `Forms of category ${Number(category.slice(0, 2))}` },
    documents: forms.map(documentType),
    receipts: forms.filter(({ kind }) => kind === 'filing').map(receiptType),
  }
}
