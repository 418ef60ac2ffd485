// strict-accept — stands in for `accept` in the tests of the file doors: takes whole files only and remembers
// everything.
import { createHash } from 'node:crypto'
import { fault, HubError } from '../../../messages/errors.js'
import { newId } from '../../../messages/ids.js'
import type { Accept, Answer, ChannelKind, Inbound } from '../../../messages/inbound.js'
import type { Receipt } from '../../../messages/receipt.js'

/** A message the strict accept takes; `pad` makes it as large as wanted. */
export const declaration = (reference: string, pad = 0): Buffer =>
  Buffer.from(`<Declaration><No>${reference}</No><Pad>${'测'.repeat(Math.ceil(pad / 3))}</Pad></Declaration>`)
/** A message it refuses, as a schema would. */
export const wrong = (reference: string): Buffer =>
  Buffer.from(`<Declaration><Wrong/><No>${reference}</No></Declaration>`)
/** Two messages in one file. */
export const batch = (...references: string[]): Buffer =>
  Buffer.from(references.map((r) => declaration(r).toString()).join('\n'))

export interface StrictAccept {
  accept: Accept
  /** Everything that was offered, in order. */
  offered: Inbound[]
  /** Distinct messages taken: partner and reference. */
  taken: Map<string, string>
  /** What must never happen; a test asserts that it is empty. */
  violations: string[]
  /** While set, nothing can be recorded. */
  away: { value: boolean }
  /** While set, offers wait here. */
  hold: { until?: Promise<void> }
}

export function strictAccept(channel: ChannelKind): StrictAccept {
  const self: StrictAccept = {
    offered: [],
    taken: new Map(),
    violations: [],
    away: { value: false },
    hold: {},
    accept: undefined as never,
  }
  self.accept = async (inbound) => {
    const text = inbound.bytes.toString()
    self.offered.push(inbound)
    if (inbound.channel !== channel) self.violations.push(`channel ${inbound.channel}`)
    if (
      !inbound.filename ||
      /^\.|\.(tmp|part|filepart|writing|partial|new|temp|uploading|crdownload|swp)$|~$/i.test(inbound.filename)
    )
      self.violations.push(`offered under ${inbound.filename}`)
    if (text !== '' && !(text.startsWith('<Declaration>') && text.trimEnd().endsWith('</Declaration>')))
      self.violations.push(`half a file: ${inbound.filename} ${text.length}`)
    await self.hold.until
    if (self.away.value) throw new HubError('HUB_LEDGER_UNAVAILABLE')
    if (text.includes('<Forbidden/>')) throw new HubError('HUB_FORBIDDEN')
    if (text === '') return { interchangeId: newId('int'), answers: [answer('refused', 'none', 'HUB_EMPTY')] }
    const answers = text
      .split('\n')
      .filter(Boolean)
      .map((one): Answer => {
        const reference = /<No>(.*?)<\/No>/.exec(one)?.[1] ?? ''
        if (one.includes('<Wrong/>')) return answer('refused', reference, 'HUB_SCHEMA_VIOLATION')
        const key = `${inbound.partnerId}/${reference}`
        const sha = createHash('sha256').update(one).digest('hex')
        const before = self.taken.get(key)
        if (before !== undefined)
          return before === sha
            ? answer('duplicate', reference)
            : answer('conflict', reference, 'HUB_REFERENCE_CONFLICT')
        self.taken.set(key, sha)
        return answer('accepted', reference)
      })
    return { interchangeId: newId('int'), answers }
  }
  return self
}

function answer(
  outcome: Answer['outcome'],
  reference: string,
  code?: 'HUB_EMPTY' | 'HUB_SCHEMA_VIOLATION' | 'HUB_REFERENCE_CONFLICT',
): Answer {
  const messageId = newId('msg')
  const good = code === undefined
  const receipt: Receipt = {
    receiptId: newId('rcp'),
    messageId,
    reference,
    stage: 'technical',
    status: good ? 'accepted' : 'refused',
    code: code ?? 'HUB_ACCEPTED',
    text: { zh: '', en: '' },
    time: new Date().toISOString(),
    faults: good ? [] : [fault(code)],
  }
  return { outcome, messageId, receipt, httpStatus: good ? 202 : 422 }
}

export const renderReceipt = (receipt: Receipt): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<Receipt ` +
  `xmlns="urn:singlewindow:receipt:1"><reference>${receipt.reference}</reference><status>${receipt.status}</status>` +
  `<code>${receipt.code}</code></Receipt>\n`

export const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }
