// refused-names — files in a partner's OutBox whose names the hub cannot use: too long, with a backslash or a control
// character, or in another encoding than UTF-8. The partner is told once, and the file goes to FailBox; nothing is
// silently left where it is.
import { failReceiptName, isPlainName, maxNameBytes, technicalReceiptName } from '../boxes.js'
import type { Log } from '../log.js'
import { receiptsFile, refusalOfFile, type RenderReceipt } from '../offer.js'
import type { Remote } from './remote.js'

/** A name that no file may have here, and that can be written in a path all the same. */
export const isRefusedName = (name: string): boolean =>
  name !== '' && !name.includes('/') && !name.includes('\0') && (!isPlainName(name) || name.includes('\ufffd'))

/** As it can stand in a receipt and in a receipt's own name. */
function readableName(name: string): string {
  let short = ''
  for (const character of name.replace(/[\\\u0000-\u001f\u007f\ufffd]/g, '_')) {
    if (Buffer.byteLength(short + character) > 100) return `${short}…`
    short += character
  }
  return short
}

/** Remembers in memory which names it has told of. */
export function createRefusedNames({
  partnerId,
  renderReceipt,
  log,
}: {
  partnerId: string
  /** @see [receiptToXml](../../../messages/receipt-xml.ts) */
  renderReceipt: RenderReceipt
  log: Log
}) {
  /** Those that stayed in OutBox though they were told of: their server does not know them by the name it gives. */
  let told = new Set<string>()

  return {
    /** Of those in OutBox now, the ones nobody has been told of. */
    untold(names: ReadonlySet<string>): (name: string) => boolean {
      told = new Set([...told].filter((name) => names.has(name)))
      return (name) => !told.has(name)
    },
    /** The receipts come first: a crash in between tells it once more. */
    async refuse(
      remote: Remote,
      name: string,
      write: (box: 'InBox' | 'FailBox', name: string, bytes: Buffer) => Promise<void>,
    ) {
      if (!told.has(name)) {
        const readable = readableName(name)
        const receipt = refusalOfFile('HUB_FILE_NAME', { limit: maxNameBytes }, readable)
        const bytes = await receiptsFile([receipt], renderReceipt)
        await write('FailBox', failReceiptName(readable), bytes)
        await write('InBox', technicalReceiptName(false, readable), bytes)
        told.add(name)
        log.warn({ partnerId, name: readable, code: receipt.code, taken: false }, 'file refused for its name')
      }
      await remote.move({ box: 'OutBox', name }, { box: 'FailBox', name })
    },
  }
}
