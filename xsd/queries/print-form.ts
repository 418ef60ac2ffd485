// print-form — a print as a form: which documents, by their numbers; and the authority's answer, which brings them as
// one file.
import type { DocumentFamily } from '../../messages/document-type.js'
import type { Bilingual } from '../../messages/text.js'
import { documentType, receiptType } from '../form/document.js'
import { nodeAt, type Form } from '../form/node.js'
import { readForm } from '../form/read.js'
import type { ReadForm } from '../form/read/form.js'
import type { Library } from '../form/read/library.js'
import type { Tell } from '../form/read/written.js'
import type { Print, Published } from './written.js'

/** Documents of one request. */
const mostDocuments = 20

interface Sources {
  forms: ReadonlyMap<string, Form>
  published: Published
  library: Library
}

/** Undefined where it cannot be made; what is wrong has been told. */
export function printForm(entry: Print, { forms, published, library }: Sources, tell: Tell): ReadForm | undefined {
  const raw = {
    document: entry.print,
    title: entry.title,
    kind: 'filing',
    source: `${entry.title.zh}：按单证编号打印已办理的单证`,
    marks: 'own',
    serves: Object.fromEntries(entry.serves.map((operation) => [operation, { functions: ['query'] }])),
    agencies: agenciesOf(entry, forms),
    identity: [],
    keys: [],
    fields: {
      Documents: {
        zh: '待打印单证',
        en: 'Documents to print',
        occurs: `1..${mostDocuments}`,
        fields: {
          Number: {
            ...{ zh: '单证编号', en: 'Number of the document', type: 'text(60)' },
            ...{ eg: exampleOf(entry, forms, published), own: true },
            note: '主管部门编号或申请编号',
          },
        },
      },
    },
    rules: [{ unique: 'Documents/Number', zh: '同一单证只列一次。', en: 'Each document is listed once.' }],
    life: [
      {
        zh: '已打印',
        en: 'printed',
        status: 'approved',
        brings: {
          PrintedAt: { zh: '打印时间', en: 'Printed at', type: 'dateTime', eg: '2026-06-01T10:00:00' },
          Print: { ...name(entry.format), type: 'attachment', eg: `打印件.${entry.format}` },
        },
      },
      {
        zh: '未找到单证',
        en: 'not found',
        status: 'rejected',
        brings: {
          Reasons: { zh: '原因', en: 'Reasons', type: 'text(500)', eg: '所列编号无已办结单证，或不属于申请企业' },
        },
      },
    ],
  }
  // JSON is YAML: the one reader of forms checks this one too.
  const read = readForm(`${entry.category}/${entry.print}.yaml`, JSON.stringify(raw), library)
  if (!('faults' in read)) return read
  for (const fault of read.faults) tell([], fault.replace(/^\S+ /, ''))
  return undefined
}

const name = (format: Print['format']): Bilingual =>
  format === 'csv' ? { zh: '电子表格', en: 'Spreadsheet' } : { zh: '打印件', en: 'Print' }

function agenciesOf({ of }: Print, forms: Sources['forms']): string[] {
  // Who issues a paper prints it, and not who was told of it too.
  const all = [...new Set(of.flatMap((document) => forms.get(document)?.agencies.slice(0, 1) ?? []))]
  return all.length > 0 ? all : ['gacc']
}

/** The number such a document has in its own example. */
function exampleOf({ of }: Print, forms: Sources['forms'], published: Published): string {
  for (const document of of) {
    const form = forms.get(document)
    const brought = form?.life.flatMap(({ brings }) => brings) ?? []
    for (const path of form?.keys ?? []) {
      const node = nodeAt(brought, path) ?? nodeAt(form!.fields, path)
      if (node?.eg !== undefined) return node.eg
    }
  }
  const numbers = ['DecHead/EntryId', 'EntryHead/EntryId', 'CertificateHead/CertNo']
  const key = of.includes('Certificate') ? numbers[2] : of.includes('DecMessage') ? numbers[0] : numbers[1]
  return published.fields[key!]?.node.eg ?? 'TEST2026000001'
}

/** A family a category: `prints-04`. Requests to print wait for none before them. */
export function printFamilyOf(category: string, forms: readonly Form[]): DocumentFamily {
  const number = category.slice(0, 2)
  return {
    family: `prints-${number}`,
    title: { zh: `打印（${number}）`, en: `Prints of category ${Number(number)}` },
    documents: forms.map((form) => {
      const { order: _, ...document } = documentType(form)
      return document
    }),
    receipts: forms.map(receiptType),
  }
}
