// tracing — OpenTelemetry spans of a message's way, from the door to the receipt. Loaded only where a collector is
// named.
//
// A message's trace may take days and pass several processes and restarts, so nothing about it is kept: the number of
// the trace and of its first span are made from the message's id, and every process comes to the same. Ids and outcomes
// are told, never what a message says.
import { createHash, randomBytes } from 'node:crypto'
import {
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Attributes,
  type HrTime,
  type Link,
  type SpanContext,
} from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BatchSpanProcessor, type ReadableSpan, type SpanExporter } from '@opentelemetry/sdk-trace-base'

/** @see [startTracing](../hub/boot/start-tracing.ts) */
export interface TracingParts {
  /** The collector's, for traces: `http://…:4318/v1/traces`. */
  url: string
  /** For the collector, such as its key. */
  headers?: Record<string, string>
  /** The share of messages that is traced, whole, from 0 to 1. Default 1. */
  share?: number
  /** What tells this process from others. */
  process: { version: string; instance: string; roles: readonly string[] }
  /** Told of every batch: how many spans, and why not. */
  sent: (count: number, error?: Error) => void
}

/** What is told of one step. `seconds` is how long it took, up to now. */
interface SpanFacts {
  messageId: string
  seconds: number
  attributes: Attributes
  /** What went wrong, if something did. */
  failed?: string | undefined
}

/** Spans of a message's way; each verb is told of a step once it is over, and never throws. */
export interface Tracing {
  /**
   * The span all others of the message hang on; of the same bytes once more, one beside it. `traceparent` is the
   * sender's own (W3C Trace Context).
   */
  accepted(facts: SpanFacts & { again: boolean; traceparent?: string | undefined }): void
  /**
   * For a try about to be made: what the agency is told of it, and `submitted` afterwards. Undefined where the message
   * is not traced.
   */
  traceparent(messageId: string): string | undefined
  submitted(facts: SpanFacts & { traceparent?: string | undefined }): void
  settled(facts: SpanFacts): void
  returned(facts: SpanFacts): void
  /** What is left goes out, for at most two seconds. */
  close(): Promise<void>
}

const flushMs = 2000

/** Starts the export to a collector (OTLP over HTTP). What cannot be sent is lost and counted, and holds nothing up. */
export function createTracing({
  url,
  headers = {},
  share = 1,
  process: { version, instance, roles },
  sent,
}: TracingParts): Tracing {
  const resource = resourceFromAttributes({
    'service.name': 'hub',
    'service.version': version,
    'service.instance.id': instance,
    'hub.roles': [...roles],
  })
  // A collector that is away costs spans, never memory without end nor a message's time.
  const processor = new BatchSpanProcessor(
    counted(new OTLPTraceExporter({ url, headers, timeoutMillis: 5000 }), sent),
    { maxQueueSize: 10_000, maxExportBatchSize: 500, scheduledDelayMillis: 1000, exportTimeoutMillis: 10_000 },
  )

  function add(
    name: string,
    kind: SpanKind,
    { messageId, seconds, attributes, failed }: SpanFacts,
    { spanId = newSpanId(), root = false, links = [] }: { spanId?: string; root?: boolean; links?: Link[] } = {},
  ): void {
    if (!isTraced(messageId, share)) return
    const end = Date.now()
    const context = contextOf(messageId, spanId)
    const span: ReadableSpan = {
      name,
      kind,
      resource,
      links,
      spanContext: () => context,
      ...(root ? {} : { parentSpanContext: contextOf(messageId, firstSpanId(messageId)) }),
      startTime: hrTime(end - seconds * 1000),
      endTime: hrTime(end),
      duration: hrTime(seconds * 1000),
      ended: true,
      status: failed === undefined ? { code: SpanStatusCode.UNSET } : { code: SpanStatusCode.ERROR, message: failed },
      attributes: { 'hub.message.id': messageId, ...attributes },
      events: [],
      instrumentationScope: { name: 'hub', version },
      droppedAttributesCount: 0,
      droppedEventsCount: 0,
      droppedLinksCount: 0,
    }
    processor.onEnd(span)
  }

  return {
    accepted({ again, traceparent, ...facts }) {
      const sender = traceparent === undefined ? undefined : readTraceparent(traceparent)
      const links = sender ? [{ context: sender }] : []
      if (again) add('accept again', SpanKind.SERVER, facts, { links })
      else add('accept', SpanKind.SERVER, facts, { spanId: firstSpanId(facts.messageId), root: true, links })
    },
    traceparent: (messageId) =>
      isTraced(messageId, share) ? `00-${traceIdOf(messageId)}-${newSpanId()}-01` : undefined,
    submitted({ traceparent, ...facts }) {
      const told = traceparent === undefined ? undefined : readTraceparent(traceparent)
      add('submit', SpanKind.CLIENT, facts, told ? { spanId: told.spanId } : {})
    },
    settled: (facts) => add('settle', SpanKind.CONSUMER, facts),
    returned: (facts) => add('return', SpanKind.PRODUCER, facts),
    async close() {
      const timer = new Promise((resolve) => setTimeout(resolve, flushMs).unref())
      await Promise.race([processor.shutdown().catch(() => {}), timer])
    },
  }
}

/** The trace of a message: 16 bytes made from its id, the same in every process. */
export const traceIdOf = (messageId: string) => derived('trace', messageId).slice(0, 32)
/** The span of its acceptance, which all others hang on. */
export const firstSpanId = (messageId: string) => derived('accept', messageId).slice(0, 16)

const derived = (what: string, id: string) => createHash('sha256').update(`${what} ${id}`).digest('hex')
const newSpanId = () => randomBytes(8).toString('hex')
const contextOf = (messageId: string, spanId: string): SpanContext => ({
  traceId: traceIdOf(messageId),
  spanId,
  traceFlags: TraceFlags.SAMPLED,
})
const hrTime = (ms: number): HrTime => [Math.floor(ms / 1000), Math.round((ms % 1000) * 1e6)]

/** By the trace's number, so that every process decides alike and a message is traced whole or not at all. */
function isTraced(messageId: string, share: number): boolean {
  return share >= 1 || parseInt(traceIdOf(messageId).slice(0, 8), 16) < share * 2 ** 32
}

/** W3C Trace Context level 1, section 3.2: version 00; ids of zeros are invalid. */
export function readTraceparent(header: string): SpanContext | undefined {
  const [, traceId, spanId, flags] = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(header.trim()) ?? []
  if (!traceId || !spanId || !flags || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined
  return { traceId, spanId, traceFlags: parseInt(flags, 16) & TraceFlags.SAMPLED, isRemote: true }
}

/** `ExportResultCode.SUCCESS` */
const EXPORTED = 0

function counted(exporter: SpanExporter, sent: TracingParts['sent']): SpanExporter {
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        sent(spans.length, Number(result.code) === EXPORTED ? undefined : (result.error ?? new Error('refused')))
        done(result)
      }),
    shutdown: () => exporter.shutdown(),
  }
}
