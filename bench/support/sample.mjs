// sample — the CEB621 sample, with a fresh reference each time so that no message is a duplicate of another.
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'

const text = readFileSync(new URL('../../xsd/families/ceb/samples/CEB621Message.xml', import.meta.url), 'utf8')
const guids = [...new Set(text.match(/[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}/g))]

/** The sample as it is. */
export const sampleText = text

/**
 * The sample with new guids (36 characters, upper case) throughout, and new copNo and orderNo, so that every one is its
 * own business document and waits behind no other.
 */
export function freshSample() {
  let fresh = text
  for (const guid of guids) fresh = fresh.replaceAll(guid, randomUUID().toUpperCase())
  const own = randomUUID().slice(0, 18).toUpperCase()
  return Buffer.from(fresh.replace(/<((?:\w+:)?(?:copNo|orderNo))>[^<]*</g, (_, name) => `<${name}>${own}<`))
}

/**
 * A sample of about `bytes` bytes: the inventory lines repeated, up to what the schema allows, then more inventories.
 */
export function sampleOfSize(bytes) {
  const inventory = /<((?:\w+:)?)Inventory>[\s\S]*?<\/\1Inventory>/.exec(text)
  const [node] = inventory
  const many = Math.max(1, Math.min(100, Math.round(bytes / 60_000)))
  const perNode = Math.ceil(bytes / many)
  const list = /<((?:\w+:)?)InventoryList>[\s\S]*?<\/\1InventoryList>/.exec(node)[0]
  const lines = Math.max(1, Math.min(99, Math.floor((perNode - node.length) / list.length)))
  const lists = /<((?:\w+:)?)InventoryList>[\s\S]*<\/\1InventoryList>/
  const filled = node.replace(lists, () =>
    Array.from({ length: lines }, (_, i) => list.replace(/(gnum>)\d+(<)/, `$1${i + 1}$2`)).join('\n'),
  )
  const whole = text.replace(/<((?:\w+:)?)Inventory>[\s\S]*<\/\1Inventory>/, () =>
    Array.from({ length: many }, () => filled).join('\n'),
  )
  return Buffer.from(whole)
}
