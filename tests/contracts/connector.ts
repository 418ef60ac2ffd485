// The contract every connector keeps, whatever it speaks: what the outcome of a send says is known, and never more.
// An implementation passes this suite with a harness that lets a simulated agency behave and tells what it really has.
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Connector, OutboundMessage } from '../../adapters/connectors/connector.js'

export interface AgencyUnderTest {
  /** A connector to it; closed by the suite. */
  connect(options?: { deadlineMs?: number }): Connector
  /** A connector to a place where nobody listens. */
  connectNowhere(): Connector
  behave(behaviour: { slowMs?: number; fail?: number; retryAfterSeconds?: number; hangUp?: 'before' | 'after'; refuse?: string; times?: number; documentType?: string }): Promise<void>
  /** How often it has really taken a submission, and what the first one was. */
  taken(submissionId: string): Promise<{ times: number; operation: string; documentType: string; reference: string; sha256: string; attachments: number } | undefined>
  /** A message it answers at once with a receipt, and one it answers only later. */
  answeredAtOnce(): OutboundMessage
  answeredLater(): OutboundMessage
  sha256(bytes: Buffer): string
}

export function connectorContract(name: string, start: () => Promise<AgencyUnderTest>): void {
  const open = (connector: Connector) => {
    onTestFinished(() => connector.close())
    return connector
  }
  const never = () => new AbortController().signal

  describe(`the ${name} connector`, () => {
    test('hands over the bytes as they came, with every id', async () => {
      const agency = await start()
      const message = { ...agency.answeredLater(), reference: '报关单 50% 〇１' }
      expect(await open(agency.connect()).send(message, never())).toEqual({ outcome: 'taken' })
      const { operation, documentType, reference } = message
      expect(await agency.taken(message.submissionId)).toMatchObject({ times: 1, operation, documentType, reference, sha256: agency.sha256(message.bytes), attachments: 0 })
    })

    test('hands over attachments beside the message, whatever their names and bytes', async () => {
      const agency = await start()
      const message = { ...agency.answeredLater(), attachments: [{ name: '合同 "1".pdf', bytes: Buffer.from('%PDF-1.4\r\n--hub\r\n\r\n'), mediaType: 'application/pdf' }, { name: 'empty.bin', bytes: Buffer.alloc(0) }] }
      expect(await open(agency.connect()).send(message, never())).toEqual({ outcome: 'taken' })
      expect(await agency.taken(message.submissionId)).toMatchObject({ times: 1, sha256: agency.sha256(message.bytes), attachments: 2 })
    })

    test('brings back the receipt an agency gives at once', async () => {
      const agency = await start()
      const result = await open(agency.connect()).send(agency.answeredAtOnce(), never())
      expect(result).toMatchObject({ outcome: 'taken', answer: { mediaType: 'application/xml' } })
      expect(result.outcome === 'taken' && result.answer?.bytes.toString('utf8')).toContain('<?xml')
    })

    test('says transient where nobody listens, and where the agency says that it is busy', async () => {
      const agency = await start()
      const message = agency.answeredLater()
      expect(await open(agency.connectNowhere()).send(message, never())).toMatchObject({ outcome: 'transient', code: 'HUB_AGENCY_UNAVAILABLE' })
      const connector = open(agency.connect())
      await agency.behave({ fail: 503, times: 1 })
      expect(await connector.send(message, never())).toMatchObject({ outcome: 'transient', code: 'HUB_AGENCY_BUSY' })
      await agency.behave({ fail: 429, retryAfterSeconds: 7, times: 1 })
      expect(await connector.send(message, never())).toMatchObject({ outcome: 'transient', code: 'HUB_AGENCY_BUSY', retryAfterSeconds: 7 })
      expect(await agency.taken(message.submissionId)).toBeUndefined()
      expect(await connector.send(message, never())).toEqual({ outcome: 'taken' })
    })

    test('says ambiguous when the connection breaks or the deadline passes, whether the agency has it or not', async () => {
      const agency = await start()
      const connector = open(agency.connect({ deadlineMs: 400 }))
      const [before, after, slow, broken] = [1, 2, 3, 4].map(() => agency.answeredLater()) as [OutboundMessage, OutboundMessage, OutboundMessage, OutboundMessage]
      await agency.behave({ hangUp: 'before', times: 1 })
      expect(await connector.send(before, never())).toMatchObject({ outcome: 'ambiguous', code: 'HUB_AGENCY_CUT' })
      await agency.behave({ hangUp: 'after', times: 1 })
      expect(await connector.send(after, never())).toMatchObject({ outcome: 'ambiguous', code: 'HUB_AGENCY_CUT' })
      await agency.behave({ slowMs: 2000, times: 1 })
      expect(await connector.send(slow, never())).toMatchObject({ outcome: 'ambiguous', code: 'HUB_AGENCY_TIMEOUT' })
      await agency.behave({ fail: 500, times: 1 })
      expect(await connector.send(broken, never())).toMatchObject({ outcome: 'ambiguous' })
      const has = await Promise.all([before, after, slow, broken].map(async (m) => (await agency.taken(m.submissionId))?.times ?? 0))
      expect(has).toEqual([0, 1, 1, 0])
      if (connector.query) {
        expect(await Promise.all([before, after, slow, broken].map((m) => connector.query!(m.submissionId, never())))).toEqual(['not-taken', 'taken', 'taken', 'not-taken'])
      }
    })

    test('says permanent when the agency refuses, with what it said', async () => {
      const agency = await start()
      await agency.behave({ fail: 422, times: 1 })
      const result = await open(agency.connect()).send(agency.answeredLater(), never())
      expect(result).toMatchObject({ outcome: 'permanent', code: 'HUB_AGENCY_REFUSED' })
      expect(result.outcome === 'permanent' && result.answer?.bytes.toString('utf8')).toBe('simulated 422')
    })

    test('begins nothing once the hub is stopping, and finishes what is under way', async () => {
      const agency = await start()
      const connector = open(agency.connect())
      const [late, underWay] = [agency.answeredLater(), agency.answeredLater()]
      expect(await connector.send(late, AbortSignal.abort())).toMatchObject({ outcome: 'transient', code: 'HUB_AGENCY_UNAVAILABLE' })
      expect(await agency.taken(late.submissionId)).toBeUndefined()
      const stop = new AbortController()
      await agency.behave({ slowMs: 300, times: 1 })
      const sending = connector.send(underWay, stop.signal)
      setTimeout(() => stop.abort(), 100)
      expect(await sending).toEqual({ outcome: 'taken' })
    })
  })
}
