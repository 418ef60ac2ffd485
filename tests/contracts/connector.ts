// The contract every connector keeps, whatever it speaks: what the outcome of a send says is known, and never more.
// An implementation passes this suite with a harness that lets a real peer process behave and tells what that peer
// really has.
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Connector, OutboundMessage } from '../../adapters/connectors/connector.js'
import { foreignAnswers, onTheWire } from './not-the-agency.js'
import { shortestOf } from '../support/in-time.js'

export interface AgencyUnderTest {
  /** A connector to it; closed by the suite. */
  connect(options?: { deadlineMs?: number }): Connector
  /** A connector to a place where nobody is. */
  connectNowhere(): Connector
  /** From now on it takes nothing, and lets that be seen. Resolves once it can be seen, with the way to end it. */
  busy(connector: Connector): Promise<() => Promise<void>>
  /** Breaks the next send of any connector opened here: before the agency has the message, or after. */
  cut(when: 'before' | 'after'): Promise<void>
  /** The next send takes longer than this. */
  slow(ms: number): Promise<void>
  /**
   * How often it has really taken a submission, and what the first one was; waits as long as a peer may need to take
   * it.
   */
  taken(submissionId: string): Promise<
    | {
        times: number
        sha256: string
        attachments: number
        operation?: string
        documentType?: string
        reference?: string
      }
    | undefined
  >
  message(): OutboundMessage
  sha256(bytes: Buffer): string
  /** Whether the ids travel with the bytes. */
  carriesIds: boolean
  /** A submission sent twice is taken once, without any help of the agency's. */
  findsItsOwn: boolean
  /** False where it offers no way to ask what became of a submission: then its connector has no `query`. */
  canBeAsked?: false
  /** A message it answers in the same breath, where it can. */
  answeredAtOnce?(): OutboundMessage
  /**
   * A connector to somebody who reads the request whole and answers with these bytes, where answers come over a wire.
   */
  answering?(wire: Buffer): Promise<Connector>
  /** It turns the next message down at its door, where it can; with what it says. */
  refuse?(): Promise<string>
}

export function connectorContract(name: string, start: () => Promise<AgencyUnderTest>): void {
  const open = (connector: Connector) => {
    onTestFinished(() => connector.close())
    return connector
  }
  const never = () => new AbortController().signal
  /** What the connector answers when it is asked; `says` where its agency offers no way to ask. */
  const asked = async ({ canBeAsked }: AgencyUnderTest, connector: Connector, submissionId: string, says: string) => {
    if (canBeAsked !== false) return connector.query!(submissionId, never())
    expect(connector.query, 'who cannot be asked has no query').toBeUndefined()
    return says
  }

  describe(`the ${name} connector`, () => {
    test('hands over the bytes as they came', async () => {
      const agency = await start()
      const message = { ...agency.message(), reference: '报关单 50% 〇１' }
      expect(await open(agency.connect()).send(message, never())).toEqual({ outcome: 'taken' })
      const { operation, documentType, reference } = message
      expect(await agency.taken(message.submissionId)).toMatchObject({
        times: 1,
        sha256: agency.sha256(message.bytes),
        attachments: 0,
        ...(agency.carriesIds ? { operation, documentType, reference } : {}),
      })
    })

    test('hands over attachments beside the message, whatever their names and bytes', async () => {
      const agency = await start()
      const message = {
        ...agency.message(),
        attachments: [
          { name: '合同 "1".pdf', bytes: Buffer.from('%PDF-1.4\r\n--hub\r\n\r\n'), mediaType: 'application/pdf' },
          { name: 'empty.bin', bytes: Buffer.alloc(0) },
        ],
      }
      expect(await open(agency.connect()).send(message, never())).toEqual({ outcome: 'taken' })
      expect(await agency.taken(message.submissionId)).toMatchObject({
        times: 1,
        sha256: agency.sha256(message.bytes),
        attachments: 2,
      })
    })

    test('brings back the receipt of an agency that answers at once', async () => {
      const agency = await start()
      if (!agency.answeredAtOnce)
        return expect(await open(agency.connect()).send(agency.message(), never()), 'no answer is invented').toEqual({
          outcome: 'taken',
        })
      const result = await open(agency.connect()).send(agency.answeredAtOnce(), never())
      expect(result).toMatchObject({ outcome: 'taken', answer: { mediaType: 'application/xml' } })
      expect(result.outcome === 'taken' && result.answer?.bytes.toString('utf8')).toContain('<?xml')
    })

    test('says transient where nobody is, and while the agency is busy; nothing was sent then', async () => {
      const agency = await start()
      const message = agency.message()
      expect(await open(agency.connectNowhere()).send(message, never())).toMatchObject({
        outcome: 'transient',
        code: 'HUB_AGENCY_UNAVAILABLE',
      })
      const connector = open(agency.connect())
      const end = await agency.busy(connector)
      expect(await connector.send(message, never())).toMatchObject({ outcome: 'transient', code: 'HUB_AGENCY_BUSY' })
      await end()
      expect(await connector.send(message, never())).toEqual({ outcome: 'taken' })
      expect(await agency.taken(message.submissionId)).toMatchObject({ times: 1 })
    })

    test.each(['before', 'after'] as const)(
      'a send that is cut %s the agency has it is never told as surely not sent when it was; asking tells the truth',
      async (when) => {
        const agency = await start()
        const message = agency.message()
        await agency.cut(when)
        const { outcome } = await open(agency.connect()).send(message, never())
        expect(when === 'after' ? ['ambiguous'] : ['transient', 'ambiguous']).toContain(outcome)
        // Another hub process asks: nothing is known but what can be seen.
        const other = open(agency.connect())
        const became = when === 'after' ? 'taken' : 'not-taken'
        expect(await asked(agency, other, message.submissionId, became)).toBe(became)
        if (when === 'before' || agency.findsItsOwn)
          expect(await other.send(message, never())).toEqual({ outcome: 'taken' })
        expect(await agency.taken(message.submissionId)).toMatchObject({ times: 1 })
        expect(await asked(agency, other, message.submissionId, 'taken')).toBe('taken')
      },
    )

    test('a send that does not end in time is over, and never claims wrongly that nothing was sent', async () => {
      const agency = await start()
      await agency.slow(5000)
      const connector = open(agency.connect({ deadlineMs: 400 }))
      const waited = await shortestOf(4_900, async () => {
        const message = agency.message()
        const begun = Date.now()
        const { outcome } = await connector.send(message, never())
        const waited = Date.now() - begun
        expect(['transient', 'ambiguous']).toContain(outcome)
        if (outcome === 'transient') expect(await agency.taken(message.submissionId)).toBeUndefined()
        return waited
      })
      expect(waited, 'the agency answers after five').toBeLessThan(4_900)
    })

    test('asked about what was never sent it says so; while nobody is there it says that nobody knows', async () => {
      const agency = await start()
      const { submissionId } = agency.message()
      expect(await asked(agency, open(agency.connect()), submissionId, 'not-taken')).toBe('not-taken')
      expect(await asked(agency, open(agency.connectNowhere()), submissionId, 'unknown')).toBe('unknown')
    })

    test('says permanent when the agency refuses at its door, with what it said', async () => {
      const agency = await start()
      const connector = open(agency.connect())
      // Who takes files refuses by an answer, days later perhaps: that is not the connector's to say.
      if (!agency.refuse) return expect((await connector.send(agency.message(), never())).outcome).not.toBe('permanent')
      const said = await agency.refuse()
      const result = await connector.send(agency.message(), never())
      expect(result).toMatchObject({ outcome: 'permanent', code: 'HUB_AGENCY_REFUSED' })
      expect(result.outcome === 'permanent' && result.answer?.bytes.toString('utf8')).toBe(said)
    })

    test('an answer that is not the agency’s own leaves the message in doubt, and no query believes it', async () => {
      const agency = await start()
      if (!agency.answering) return
      const read: Record<string, string> = {}
      for (const foreign of foreignAnswers) {
        const connector = open(await agency.answering(onTheWire(foreign)))
        const message = agency.message()
        const { outcome } = await connector.send(message, never())
        read[foreign.what] = `${outcome}, asked: ${await asked(agency, connector, message.submissionId, 'unknown')}`
      }
      expect(read).toEqual(Object.fromEntries(foreignAnswers.map(({ what }) => [what, 'ambiguous, asked: unknown'])))
    })

    test('begins nothing once the hub is stopping', async () => {
      const agency = await start()
      const connector = open(agency.connect())
      const late = agency.message()
      expect(await connector.send(late, AbortSignal.abort())).toMatchObject({
        outcome: 'transient',
        code: 'HUB_AGENCY_UNAVAILABLE',
      })
      expect(await asked(agency, connector, late.submissionId, 'not-taken')).toBe('not-taken')
    })
  })
}
