// observe — what is recorded of every step: one log line with ids, and the counts and durations that Prometheus reads.
import type { GateView } from '../../queues/gate.js'
import type { Metrics } from '../../monitoring/metrics.js'
import type { Tracing } from '../../monitoring/tracing.js'
import type { Series } from '../../monitoring/series.js'
import type { Tail } from '../../monitoring/tail.js'
import type { OverdueAnswer } from '../../store/ledger.js'
import type { Log } from '../base/log.js'
import type { AnsweredEvent } from '../queries/answer-here.js'
import type { AcceptEvent, SharedEvent } from './accept.js'
import type { GiveBackEvent } from './give-back.js'
import type { KeptEvent, RivalsEvent, SettleEvent } from './settle.js'
import type { ClaimedEvent, SubmitEvent } from './submit.js'

/** None of its verbs throws or waits: a step never fails for what is told of it. */
export function createObserve({
  log,
  metrics,
  series,
  tail,
  tracing,
}: {
  log: Log
  metrics: Metrics
  series: Series
  tail: Tail
  tracing?: Tracing | undefined
}) {
  return {
    accepted({ partnerId, channel, interchangeId, answer, seconds, traceparent }: AcceptEvent): void {
      const { receipt, outcome, messageId } = answer
      metrics.step('accept', seconds, { channel })
      metrics.message({ channel, outcome, document: receipt.documentType ?? 'unknown', code: receipt.code })
      if (outcome !== 'duplicate') for (const { code } of receipt.faults) metrics.fault(code)
      const taken = outcome === 'accepted' || outcome === 'duplicate'
      series.add(taken ? 'in' : 'refused')
      series.add(`${taken ? 'accepted' : 'refused'} by ${partnerId}`)
      tail.tell({
        event: outcome,
        messageId,
        partnerId,
        reference: receipt.reference,
        code: receipt.code,
        ...(receipt.operation === undefined ? {} : { operation: receipt.operation }),
        ...(receipt.faults[0] ? { detail: receipt.faults[0].text.zh } : {}),
      })
      tracing?.accepted({
        messageId,
        seconds,
        again: outcome === 'duplicate',
        traceparent,
        failed: taken ? undefined : receipt.code,
        attributes: traits({
          'hub.partner': partnerId,
          'hub.channel': channel,
          'hub.interchange.id': interchangeId,
          'hub.document': receipt.documentType,
          'hub.operation': receipt.operation,
          'hub.outcome': outcome,
          'hub.code': receipt.code,
          'hub.faults': receipt.faults.length,
        }),
      })
      log.info(
        {
          messageId,
          interchangeId,
          partnerId,
          channel,
          reference: receipt.reference,
          operation: receipt.operation,
          code: receipt.code,
          faults: receipt.faults.length || undefined,
        },
        outcome,
      )
    },
    /** A question that was answered in its call. */
    asked({ messageId, partnerId, operation, documentType, total, seconds }: AnsweredEvent): void {
      metrics.step('accept', seconds, { channel: 'http' })
      metrics.message({ channel: 'http', outcome: 'accepted', document: documentType, code: 'HUB_ACCEPTED' })
      series.add('in')
      series.add(`accepted by ${partnerId}`)
      log.info({ messageId, partnerId, operation, total }, 'question answered')
    },
    offered: (agency: string) => series.add(`in ${agency}`),
    /** The log line is the gate's own. */
    gate(agency: string, { breaker }: GateView, what: string): void {
      if (what.startsWith('breaker')) metrics.breaker({ agency, state: breaker.state })
    },
    /** A number two partners have under way at one agency: their receipts may not be told apart. */
    shared({ key, ...ids }: SharedEvent): void {
      // The number may be a person's; the monitor has it.
      log.warn({ ...ids, key: key.name }, 'a number is under way for two partners at one agency')
    },
    rivals({ reply, submissionId, rivals }: RivalsEvent): void {
      log.warn(
        {
          replyId: reply.replyId,
          agency: reply.agency,
          submissionId,
          candidates: rivals.map((one) => one.submissionId),
        },
        'an answer fits two partners; it went to the one who had the number first',
      )
    },
    claimed: (ids: ClaimedEvent) => log.debug(ids, 'claimed'),
    submitted({ work, outcome, code, detail, seconds, traceparent }: SubmitEvent): void {
      const { submissionId, messageId, agency, attempt } = work
      metrics.step('submit', seconds, { agency })
      metrics.submission({ agency, outcome, code })
      series.add(outcome === 'submitted' ? 'out' : 'failed')
      series.add(`${outcome === 'submitted' ? 'out' : 'failed'} ${agency}`)
      if (outcome === 'submitted') series.delivered(agency)
      else if (outcome === 'retry' || outcome === 'unclear') series.failed(agency, { code, detail })
      tail.tell({
        event: outcome,
        messageId,
        partnerId: work.partnerId,
        agency,
        reference: work.reference,
        operation: work.operation,
        code,
        ...(detail === undefined ? {} : { detail }),
      })
      tracing?.submitted({
        messageId,
        seconds,
        traceparent,
        failed: outcome === 'submitted' ? undefined : code,
        attributes: traits({
          'hub.submission.id': submissionId,
          'hub.agency': agency,
          'hub.attempt': attempt,
          'hub.outcome': outcome,
          'hub.code': code,
        }),
      })
      log[outcome === 'submitted' ? 'info' : 'warn'](
        { submissionId, messageId, agency, attempt, code, detail },
        outcome,
      )
    },
    replyKept: (ids: KeptEvent) => log.debug(ids, 'reply kept'),
    settled({ reply, settlement, seconds }: SettleEvent): void {
      metrics.step('settle', seconds, { agency: reply.agency })
      for (const { submissionId, receipt } of settlement.entries) {
        metrics.receipt({ agency: reply.agency, status: receipt.status, code: receipt.code })
        series.add('receipts')
        tail.tell({
          event: 'settled',
          messageId: receipt.messageId,
          agency: reply.agency,
          reference: receipt.reference,
          code: receipt.code,
          detail: receipt.text.zh,
        })
        tracing?.settled({
          messageId: receipt.messageId,
          seconds,
          attributes: traits({
            'hub.submission.id': submissionId,
            'hub.agency': reply.agency,
            'hub.reply.id': reply.replyId,
            'hub.receipt.id': receipt.receiptId,
            'hub.status': receipt.status,
            'hub.code': receipt.code,
          }),
        })
        log.info(
          {
            submissionId,
            messageId: receipt.messageId,
            receiptId: receipt.receiptId,
            replyId: reply.replyId,
            agency: reply.agency,
            code: receipt.code,
            status: receipt.status,
          },
          'settled',
        )
      }
      if (settlement.notice)
        tail.tell({
          event: 'notice',
          messageId: settlement.notice.noticeId,
          agency: reply.agency,
          reference: settlement.notice.references[0] ?? '',
        })
      if (settlement.held)
        log.info(
          { replyId: reply.replyId, agency: reply.agency, mayAnswer: settlement.held.types },
          'answer held: one of ours may be its owner',
        )
      if (settlement.orphan) tail.tell({ event: 'orphan', agency: reply.agency, messageId: reply.replyId })
      if (settlement.notice)
        log.info(
          {
            noticeId: settlement.notice.noticeId,
            replyId: reply.replyId,
            agency: reply.agency,
            operations: settlement.notice.operations,
            told: settlement.notice.deliveries.length,
            faults: settlement.notice.faults.length || undefined,
          },
          'notice',
        )
      if (settlement.orphan)
        log.warn(
          { replyId: reply.replyId, agency: reply.agency },
          'orphan reply: it speaks of a submission the hub does not know',
        )
    },
    overdue(late: OverdueAnswer): void {
      metrics.overdue({ agency: late.agency, document: late.documentType })
      tail.tell({
        event: 'overdue',
        messageId: late.messageId,
        partnerId: late.partnerId,
        agency: late.agency,
        reference: late.reference,
        detail: late.by,
      })
      log.warn(late, 'the agency’s answer is late')
    },
    /** A receipt taken out of the mailbox. */
    acknowledged({
      receiptId,
      messageId,
      partnerId,
    }: {
      receiptId: string
      messageId: string
      partnerId: string
    }): void {
      tracing?.returned({
        messageId,
        seconds: 0,
        attributes: {
          'hub.receipt.id': receiptId,
          'hub.partner': partnerId,
          'hub.channel': 'http',
          'hub.outcome': 'acknowledged',
        },
      })
    },
    returned({ receiptId, messageId, partnerId, channel, outcome, seconds, error }: GiveBackEvent): void {
      metrics.step('return', seconds, { channel })
      metrics.returned({ channel, outcome })
      tracing?.returned({
        messageId,
        seconds,
        failed: outcome === 'delivered' ? undefined : outcome,
        attributes: traits({
          'hub.receipt.id': receiptId,
          'hub.partner': partnerId,
          'hub.channel': channel,
          'hub.outcome': outcome,
        }),
      })
      log[outcome === 'delivered' ? 'info' : 'warn'](
        { receiptId, partnerId, channel, error },
        outcome === 'delivered' ? 'returned' : `return ${outcome}`,
      )
    },
  }
}

/** Without those that are not known. */
function traits(all: Record<string, string | number | undefined>): Record<string, string | number> {
  return Object.fromEntries(Object.entries(all).filter((one): one is [string, string | number] => one[1] !== undefined))
}
