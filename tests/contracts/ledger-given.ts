// ledger-given — what the ledger's sentences begin with: messages, interchanges, and a ledger that has come to a
// certain point.
import { expect } from 'vitest'
import { newId } from '../../messages/ids.js'
import type { Receipt } from '../../messages/receipt.js'
import type { AttemptEnd, Ledger, NewInterchange, NewMessage, Settlement } from '../../store/ledger.js'

export const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, seconds))

export function receiptOf(messageId: string, reference: string, status: Receipt['status'] = 'accepted'): Receipt {
  return {
    receiptId: newId('rcp'),
    messageId,
    reference,
    stage: 'technical',
    status,
    code: status === 'accepted' ? 'HUB_ACCEPTED' : 'HUB_SCHEMA_VIOLATION',
    text: { zh: '已接收', en: 'taken' },
    time: at(0).toISOString(),
    faults: [],
  }
}

export function message(over: Partial<NewMessage> & { refused?: boolean } = {}): NewMessage {
  const { refused = false, ...rest } = over
  const messageId = newId('msg')
  const reference = over.reference ?? `REF-${messageId}`
  const bytes = over.bytes ?? Buffer.from(`<a>${messageId}</a>`)
  return {
    messageId,
    reference,
    identity: `doc|${reference}`,
    documentType: 'CEB311Message',
    operation: '10.1.1.1.1',
    bytes,
    sha256: Buffer.from(bytes).toString('hex').slice(0, 64).padEnd(64, '0'),
    attachments: [],
    keys: [],
    submissions: refused ? [] : [{ submissionId: newId('sub'), agency: 'gacc' }],
    receipt: receiptOf(messageId, reference, refused ? 'refused' : 'accepted'),
    receiptReturn: 'replied',
    ...rest,
  }
}

export function interchange(messages: NewMessage[], over: Partial<NewInterchange> = {}): NewInterchange {
  return {
    interchangeId: newId('int'),
    partnerId: 'a',
    channel: 'http',
    receivedAt: at(0),
    size: 10,
    sha256: '0'.repeat(64),
    messages,
    ...over,
  }
}

export const submissionOf = (m: NewMessage) => m.submissions[0]!.submissionId

export interface LedgerEngine {
  /**
   * Does at once what the engine else does in its own time: space that became free is found. Absent: it is free at
   * once, and counted.
   */
  tidy?: () => Promise<void>
}

/** How an attempt may end, by name. */
export const ends = {
  submitted: { outcome: 'submitted' },
  retry: { outcome: 'retry', at: at(60), code: 'HUB_AGENCY_BUSY', detail: '503' },
  unclear: { outcome: 'unclear', code: 'HUB_AGENCY_CUT', detail: 'cut' },
  dead: { outcome: 'dead', code: 'HUB_AGENCY_REFUSED', detail: '400' },
} as const satisfies Record<string, AttemptEnd>

export function given(ledger: () => Ledger) {
  async function accepted(over: Partial<NewMessage> = {}, inter: Partial<NewInterchange> = {}): Promise<NewMessage> {
    const m = message(over)
    expect(await ledger().record(interchange([m], inter))).toEqual([{ outcome: 'recorded' }])
    return m
  }
  async function claimed(m: NewMessage, now = at(1)) {
    const claim = await ledger().claim(submissionOf(m), now)
    if (claim.outcome !== 'claimed') throw new Error(`not claimed: ${claim.outcome}`)
    return claim
  }
  /** Claims it from a worker that did not come back. */
  async function interrupted(m: NewMessage, now = at(30)) {
    const claim = await ledger().claim(submissionOf(m), now)
    if (claim.outcome !== 'interrupted') throw new Error(`not interrupted: ${claim.outcome}`)
    return claim
  }
  async function ended(m: NewMessage, end: AttemptEnd, now = at(1)) {
    const { fence } = await claimed(m, now)
    expect(await ledger().endAttempt({ submissionId: submissionOf(m), fence }, end, now)).toBe(true)
    return fence
  }
  /** The agency speaks of it, wherever it stands. */
  async function answered(m: NewMessage, status: Receipt['status'], over: Partial<Settlement['entries'][number]> = {}) {
    const { replyId } = await ledger().recordReply({
      replyId: newId('rep'),
      agency: 'gacc',
      mediaType: 'application/xml',
      bytes: Buffer.from(`${status}${Math.random()}`),
      receivedAt: at(2),
    })
    const receipt: Receipt = {
      ...receiptOf(m.messageId, m.reference),
      stage: 'business',
      agency: 'gacc',
      status,
      code: status,
    }
    await ledger().settle(
      {
        replyId,
        orphan: false,
        entries: [{ submissionId: submissionOf(m), status, learn: [], receipt, receiptReturn: 'owed', ...over }],
      },
      at(2),
    )
    return receipt
  }
  /** The same, of what it has: what still waits is handed over before. */
  async function settle(m: NewMessage, status: Receipt['status'], over: Partial<Settlement['entries'][number]> = {}) {
    const claim =
      (await submissionViewOf(m)).state === 'queued' ? await ledger().claim(submissionOf(m), at(5)) : undefined
    if (claim?.outcome === 'claimed')
      await ledger().endAttempt({ submissionId: submissionOf(m), fence: claim.fence }, { outcome: 'submitted' }, at(5))
    return answered(m, status, over)
  }
  const viewOf = async (m: NewMessage) => (await ledger().getMessage(m.messageId))!
  const submissionViewOf = async (m: NewMessage) => (await viewOf(m)).submissions[0]!
  /** Sends other or the same bytes under the reference of `m`; what becomes of it. */
  const outcomeOf = async (m: NewMessage, bytes: Buffer) =>
    (await ledger().record(interchange([message({ reference: m.reference, bytes })])))[0]!
  return { accepted, claimed, interrupted, ended, answered, settle, viewOf, submissionViewOf, outcomeOf }
}
