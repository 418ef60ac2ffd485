// documents — what partners file and agencies answer in a history: small texts in place of XML, so that a history takes
// a millisecond. What they say is what the descriptions of real families say of theirs: reference, identity, order,
// keys.
import type { Inspection } from '../../messages/inspection.js'
import { learnable as learnableOf } from '../../messages/learnable.js'
import type { ReceiptStatus } from '../../messages/states.js'
import type { Partner } from '../../messages/partner.js'
import type { Reply, ReplyEntry } from '../../messages/reply.js'
import type { DocumentFamily } from '../../messages/document-type.js'
import type { CatalogueEntry, Routing } from '../../routing/operation.js'

/** A message as it stands on the wire. */
export interface Filing {
  kind: 'filing'
  /** The code of the company that files. */
  company: string
  /** The business document: an original and its changes have the same one. */
  document: string
  reference: string
  /** It changes an original. */
  changes?: true
  /** Which agencies it goes to: one, or all. */
  owedTo: 'one' | 'all'
  /** What differs between two messages of the same reference. */
  version: number
  /** The agency finds fault with it. */
  bad?: true
}

/** An agency's answer as it stands on the wire. */
export interface Said {
  kind: 'said'
  agency: string
  /** Two answers of the same words are two answers. */
  number: number
  company: string
  reference?: string
  /** The number that an original and its changes share. */
  document?: string
  /** The number the agency has given. */
  given?: string
  /** It tells the number for the first time. */
  teaches?: true
  status: ReceiptStatus
}

export const bytesOf = (one: Filing | Said): Buffer => Buffer.from(JSON.stringify(one))

export function read(bytes: Uint8Array): Filing | Said | undefined {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8')) as Filing | Said
  } catch {
    return undefined
  }
}

const both = (text: string) => ({ zh: text, en: text })
const family: DocumentFamily = {
  family: 'test',
  title: both('test'),
  documents: [{ id: 'test.one' }, { id: 'test.all' }].map(
    ({ id }) =>
      ({ id, keys: { reference: 'Reference', document: 'Document' } }) as unknown as DocumentFamily['documents'][0],
  ),
  receipts: [
    {
      id: 'test.said',
      root: 'Said',
      keys: [
        { key: 'given', path: 'Given' },
        { key: 'reference', path: 'Reference' },
        { key: 'document', path: 'Document' },
      ],
      learn: { given: 'Given' },
      status: {},
      otherwise: 'processing',
    } as unknown as DocumentFamily['receipts'][0],
  ],
}
export const learnable = learnableOf([family])

export const agencyCodes = ['customs', 'port', 'inspection']

export const operationsOf = (agencies: readonly string[]): Routing => {
  const entry = (code: string, owed: readonly string[]) =>
    ({
      code,
      title: both(code),
      kind: 'filing',
      agencies: [...owed],
      documents: [{ type: code === '1.1.1.1.1' ? 'test.one' : 'test.all' }],
    }) as unknown as CatalogueEntry
  const operations = new Map([
    ['1.1.1.1.1', entry('1.1.1.1.1', agencies.slice(0, 1))],
    ['1.1.1.1.2', entry('1.1.1.1.2', agencies)],
  ])
  return {
    agencies: new Map(agencies.map((code) => [code, { code, title: both(code) }])),
    operations,
    candidates: (type) =>
      [...operations.values()]
        .filter(({ documents }) => documents.some((one) => one.type === type))
        .map((one) => ({ entry: one, specificity: 1 })),
  }
}

export function inspect(bytes: Uint8Array): Promise<Inspection> {
  const found = read(bytes)
  if (found?.kind !== 'filing')
    return Promise.resolve({ faults: [{ code: 'HUB_SYNTAX_UNKNOWN', text: both('no message') }] })
  const { document, reference, changes, owedTo } = found
  return Promise.resolve({
    document: {
      type: owedTo === 'one' ? 'test.one' : 'test.all',
      family: 'test',
      facts: { company: found.company },
      reference,
      identity: reference,
      order: document,
      keys: [
        { name: 'reference', value: reference },
        { name: 'document', value: document },
      ],
      ...(changes ? { changes } : {}),
      schema: { file: 'test.xsd', version: '1' },
    },
    faults: [],
  })
}

export function readReply(bytes: Uint8Array): Promise<Reply | undefined> {
  const found = read(bytes)
  if (found?.kind !== 'said') return Promise.resolve(undefined)
  const { given, reference, document, teaches, status, company } = found
  const entry: ReplyEntry = {
    keys: [
      ...(given === undefined ? [] : [{ name: 'given', value: given }]),
      ...(reference === undefined ? [] : [{ name: 'reference', value: reference }]),
      ...(document === undefined ? [] : [{ name: 'document', value: document }]),
    ],
    senders: [company],
    learn: teaches && given !== undefined ? [{ name: 'given', value: given }] : [],
    code: status,
    text: both(status),
    status,
    ...(given === undefined ? {} : { agencyReference: given }),
  }
  return Promise.resolve({ receiptType: family.receipts[0]!, entries: [entry] })
}

/** Partners of every history, each on another way. */
export const partners: Partner[] = [
  { partnerId: 'mailbox', settings: {} },
  { partnerId: 'files', settings: {} },
  {
    partnerId: 'webhook',
    settings: { returns: { business: 'webhook' }, webhook: { url: 'https://p.test/', generation: 1 } },
  },
].map(({ partnerId, settings }) => ({
  partnerId,
  name: partnerId,
  sshKeys: [],
  disabled: false,
  settings: { rights: ['*'], receipts: 'hub', defaults: {}, ...settings } as Partner['settings'],
}))
export const channelOf = (partnerId: string) => (partnerId === 'files' ? 'sftp' : 'http')
export const companyOf = (partnerId: string) => `company-${partnerId}`
