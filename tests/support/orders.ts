// orders — CEB311 orders as many as a test needs: each a business document of its own, or a change of one.
import { sample } from './hub.js'

const uuid = () => crypto.randomUUID().toUpperCase()

/** With references and business numbers of its own. */
export function freshOrder(): Buffer {
  return Buffer.from(
    sample('ceb/CEB311Message.xml')
      .toString()
      .replace(/[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}/g, uuid)
      .replace(/<((?:ceb:)?orderNo)>[^<]*</, (_, name: string) => `<${name}>${uuid().slice(0, 18)}<`),
  )
}

let made = 0
/**
 * A sample with business numbers of its own, each of the same length: an answer names a message by them, so two tests
 * that share a hub do not file the same ones.
 */
export function renumbered(bytes: Buffer): Buffer {
  // Counted, not drawn: of a number with six digits three are fresh.
  const stamp = String(++made).padStart(12, '0')
  const fresh = (digits: string) => `${stamp}${digits.slice(-3)}`.slice(-digits.length)
  return Buffer.from(
    bytes
      .toString()
      .replace(/[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}/g, uuid)
      .replace(/\b(TE?ST[A-Z-]*)(\d{6,})\b/g, (_, word: string, digits: string) => word + fresh(digits))
      .replace(/(<MessageID>[^<]*_)(\d{17})</g, (_, before: string, digits: string) => `${before}${fresh(digits)}<`),
  )
}

/** Another message about the same order: it goes out after those before it. */
export function changeOf(order: Buffer, note: string | number): Buffer {
  return Buffer.from(
    order
      .toString()
      .replace(/guid="[^"]+"/, `guid="${uuid()}"`)
      .replace(/<((?:ceb:)?note)>[^<]*</, `<$1>${note}<`),
  )
}
