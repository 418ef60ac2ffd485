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

/** Another message about the same order: it goes out after those before it. */
export function changeOf(order: Buffer, note: string | number): Buffer {
  return Buffer.from(
    order
      .toString()
      .replace(/guid="[^"]+"/, `guid="${uuid()}"`)
      .replace(/<((?:ceb:)?note)>[^<]*</, `<$1>${note}<`),
  )
}
