// print — draws what is ordered, and knows the last drawings: a receipt that is posted again brings the same file.
import { csvOf } from './csv.js'
import type { PrintOrder } from './order.js'

/** A print as a file. */
export interface Printed {
  name: string
  mediaType: 'application/pdf' | 'text/csv'
  bytes: Buffer
}

const mostKept = 20
const drawn = new Map<string, Buffer>()
let last: Promise<unknown> = Promise.resolve()

/** Draws prints one after another: each takes the processor for some tenths of a second. */
export async function printAll(orders: readonly PrintOrder[]): Promise<Printed[]> {
  const printed: Printed[] = []
  for (const order of orders)
    printed.push(
      order.format === 'csv'
        ? { name: order.name, mediaType: 'text/csv', bytes: csvOf(order) }
        : { name: order.name, mediaType: 'application/pdf', bytes: await once(order) },
    )
  return printed
}

function once(order: PrintOrder): Promise<Buffer> {
  const key = JSON.stringify(order)
  const made = last
    .catch(() => {})
    .then(async () => {
      const known = drawn.get(key)
      if (known) return known
      // Neither pdfkit nor the font is loaded before there is something to print.
      const { drawPrint } = await import('./draw.js')
      const bytes = await drawPrint(order)
      if (drawn.size >= mostKept) drawn.delete(drawn.keys().next().value!)
      drawn.set(key, bytes)
      return bytes
    })
  last = made
  return made
}
