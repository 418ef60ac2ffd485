// printed — requests to print: the documents they name, looked for among what the same partner has filed, and drawn as
// one file.
import type { XmlDocument } from '../../../messages/xml-reading.js'
import { declarationPaper } from './declaration.js'
import type { Meanings } from './labels.js'
import { decidedAndFiled, publishedSections, type PrintedForm, type PrintOrder, type Section } from './order.js'

/** A message an agency has, with its answers. */
interface FiledForPrint {
  agency: string
  partner: string
  documentType: string
  message: XmlDocument
  answers: () => Buffer[]
}

/** What is asked for, as the print's entry in queries.yaml says. */
export interface PrintRequest {
  /** Document types it may be of. */
  of: string[]
  format: 'pdf' | 'csv'
  title: string
}

/**
 * What a print is made from: the documents as packs and forms describe them.
 * @see [loadAnswers](../answers.ts)
 */
export interface PrintParts {
  form: (documentType: string) => PrintedForm | undefined
  /** Of a published document: its title, and what its elements are called. */
  published: (documentType: string) => { title: string; labels: Readonly<Record<string, string>> } | undefined
  /** Code lists of customs. */
  meanings: () => Meanings
  read: (bytes: Buffer) => XmlDocument | undefined
}

/** Older ones are forgotten. */
const mostFiled = 1_000

/** Remembers what was filed, in memory, for as long as the process lives. */
export function createPrinted({ form, published, meanings, read }: PrintParts) {
  const filed: FiledForPrint[] = []

  const names = ({ message, answers }: FiledForPrint, number: string): boolean =>
    holds(message.tree, number) || answers().some((answer) => answer.includes(`>${number}<`))

  function paperOf(one: FiledForPrint): { title: string; filed?: string; state?: string; sections: Section[] } {
    const answers = one.answers().flatMap((bytes) => read(bytes) ?? [])
    const known = form(one.documentType)
    if (known) return decidedAndFiled(known, one.message, answers)
    if (one.documentType === 'DecMessage')
      return declarationPaper(
        one.message.tree,
        answers.map(({ tree }) => tree),
        meanings(),
      )
    const { title, labels } = published(one.documentType) ?? { title: one.documentType, labels: {} }
    return { title, sections: publishedSections(title, labels, one.message) }
  }

  return {
    filed(one: FiledForPrint): void {
      filed.push(one)
      if (filed.length > mostFiled) filed.shift()
    },
    /** What is printed for these numbers; undefined when one of them is of no document of the partner's. */
    order(
      request: PrintRequest,
      by: { agency: string; partner: string; numbers: readonly string[] },
    ): Omit<PrintOrder, 'name' | 'at'> | undefined {
      const found = by.numbers.map((number) =>
        filed.findLast(
          (one) =>
            one.agency === by.agency &&
            one.partner === by.partner &&
            request.of.includes(one.documentType) &&
            names(one, number),
        ),
      )
      if (found.length === 0 || found.some((one) => one === undefined)) return undefined
      const printed = found.map((one) => paperOf(one!))
      return {
        title: printed[0]!.title,
        // What was applied for stands below the paper that was issued; the name of the menu is on no paper.
        subtitle: printed[0]!.filed ?? printed[0]!.title,
        number: by.numbers.join('、').slice(0, 200),
        state: (printed.length === 1 ? printed[0]!.state : undefined) ?? '已打印',
        format: request.format,
        sections: printed.flatMap(({ sections }, i) =>
          printed.length === 1 ? sections : sections.map((one) => ({ ...one, title: `${by.numbers[i]} ${one.title}` })),
        ),
      }
    },
  }
}

/** Does this value stand anywhere in it? */
function holds(value: unknown, number: string): boolean {
  if (typeof value === 'string') return value === number
  if (typeof value !== 'object' || value === null) return false
  return Object.values(value).some((one) => holds(one, number))
}

/** The numbers a request names. */
export function numbersIn({ tree }: XmlDocument): string[] {
  const { Documents } = tree as Record<string, unknown>
  return (Array.isArray(Documents) ? Documents : [Documents]).flatMap((one: unknown) => {
    const number = (one as { Number?: unknown } | undefined)?.Number
    return typeof number === 'string' ? [number] : []
  })
}
