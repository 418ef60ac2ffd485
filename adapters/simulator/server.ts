// server — the HTTP face of the simulated agencies: takes messages, tells whether it has one, and lets itself be told
// to misbehave.
import { createHash, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import { Value } from 'typebox/value'
import { leavesOfSegments } from '../../messages/queries/segment-leaves.js'
import type { XmlDocument } from '../../messages/xml-reading.js'
import { readMessage, render, type AnswerBook } from './answers.js'
import type { Stage } from './book-data.js'
import { Behaviour, type Control } from './control.js'
import type { Courier } from './courier.js'
import type { PrintOrder } from './print/order.js'
import { createPrinted, numbersIn } from './print/printed.js'
import { createQueryAnswers } from './query-answers.js'
import type { FilingsFile, KeptFiling } from './filings-file.js'
import type { Journal, Owed } from './journal.js'
import { readMultipart } from './multipart-reading.js'

/** What a simulator is put together from. */
export interface ServerParts {
  book: AnswerBook
  journal: Journal
  filings: FilingsFile
  courier: Courier
  control: Control
  /** Takes a repeated submission id only once. */
  idempotent: boolean
  /** Speaks TLS and lets in only who shows a certificate of this authority. */
  tls?: { cert: Buffer; key: Buffer; ca: Buffer } | undefined
  log: (event: string, ids: object) => void
}

const MAX_BODY = 64 * 1024 * 1024

interface Answered {
  status: number
  headers?: Record<string, string>
  body?: Buffer | string | object
}

/** Answers nothing: the connection is broken off. */
const hangUp = Symbol('hang up')

/** Makes the agencies' server, which does not listen yet. With certificate and key it speaks TLS. */
export function createSimulatorServer(parts: ServerParts): Server | TlsServer {
  const { journal, filings, control, courier, log } = parts
  const printed = createPrinted(parts.book.print)
  const queries = createQueryAnswers()

  // Documents are read with the first message: whoever starts this need not wait for it.
  let forgotten: KeptFiling[] = filings.kept
  function recall(): void {
    const all = forgotten
    forgotten = []
    for (const one of all) {
      const document = readOrNot(Buffer.from(one.message, 'base64'))
      const opened = document && parts.book.open(document)
      if (opened) know(one, opened)
    }
  }

  /** From now on queries and prints know it. */
  function know(filing: Omit<KeptFiling, 'message'>, document: XmlDocument): void {
    const { submissionId, agency, partner, documentType, operation, reference, at, delayMs, refused, refusal } = filing
    const course = parts.book.find(documentType, document)
    const stages = (refused ? course?.refusal : course?.stages) ?? []
    const answers = stages.map((stage) => {
      const dueAt = at + (stage.sync ? 0 : (stage.afterMs ?? 0)) + delayMs
      return { stage, dueAt, said: () => render(stage, document, { submissionId, at: new Date(dueAt), refusal }) }
    })
    queries.sent({
      ...{ agency, partner, documentType, at: new Date(at), operation, reference },
      content: leavesOfSegments(document.tree),
      answers: answers.map(({ stage, dueAt, said }) => ({
        dueAt,
        status: () => parts.book.statusOf(documentType, stage.name, said),
        said: () => {
          const document = readOrNot(said())
          return document && leavesOfSegments(document.tree)
        },
      })),
    })
    if (parts.book.print.request(documentType)) return
    let said: Buffer[] | undefined
    printed.filed({
      ...{ agency, partner, documentType, message: document },
      answers: () => (said ??= answers.map((one) => one.said())),
    })
  }

  async function route(request: IncomingMessage, body: Buffer): Promise<Answered | typeof hangUp> {
    const url = new URL(request.url ?? '/', 'http://simulator')
    const [first = '', second, third] = url.pathname.split('/').filter(Boolean).map(decodeURIComponent)
    const call = `${request.method} ${second === undefined ? `/${first}` : `/:agency/${second}`}`
    switch (call) {
      case 'POST /:agency/messages':
        return take(first, request, body)
      case 'GET /:agency/submissions': {
        const known = journal.taken.get(third ?? '')
        // What it says it has, it still has after a kill.
        await journal.settled()
        return known?.agency === first
          ? { status: 200, body: known }
          : { status: 404, body: { submissionId: third, taken: false, error: 'not taken' } }
      }
      case 'GET /:agency/receipts': {
        const known = journal.taken.get(third ?? '')
        await journal.settled()
        const answer = known?.agency === first ? journal.answerTo(known.submissionId) : undefined
        return answer
          ? { status: 200, headers: { 'content-type': answer.mediaType }, body: answer.bytes }
          : { status: 204 }
      }
      case 'GET /taken': {
        const agency = url.searchParams.get('agency')
        return {
          status: 200,
          body: {
            taken: [...journal.taken.values()].filter((one) => agency === null || one.agency === agency),
            owed: journal.owed.size,
          },
        }
      }
      case 'GET /control':
        return { status: 200, body: { behaviours: control.list() } }
      case 'POST /:agency/notices':
        return speakFirst(first, request, body)
      case 'POST /control':
        return setBehaviour(body)
      case 'DELETE /control':
        control.clear()
        courier.release()
        return { status: 200, body: { behaviours: [] } }
      default:
        return { status: 404, body: { error: `nothing at ${call}` } }
    }
  }

  /** The agency says this by itself, answering nobody: a notice (通知). */
  async function speakFirst(agency: string, request: IncomingMessage, body: Buffer): Promise<Answered> {
    if (body.length === 0) return { status: 400, body: 'nothing in it' }
    const owed = await journal.owe({
      submissionId: `notice-${randomUUID()}`,
      agency,
      mediaType: request.headers['content-type'] ?? 'application/xml',
      body: body.toString('base64'),
      dueAt: Date.now(),
      held: false,
    })
    log('notice', { agency, bytes: body.length })
    courier.add([owed])
    return { status: 202 }
  }

  function setBehaviour(body: Buffer): Answered {
    let behaviour: unknown
    try {
      behaviour = JSON.parse(body.toString('utf8') || '{}')
    } catch {
      return { status: 400, body: { error: 'not JSON' } }
    }
    if (!Value.Check(Behaviour, behaviour)) {
      return {
        status: 400,
        body: {
          error: [...Value.Errors(Behaviour, behaviour)].map((e) => `${e.instancePath} ${e.message}`).join('; '),
        },
      }
    }
    control.set(behaviour)
    if (behaviour.hold !== true) courier.release()
    return { status: 200, body: { behaviours: control.list() } }
  }

  async function take(agency: string, request: IncomingMessage, body: Buffer): Promise<Answered | typeof hangUp> {
    const header = (name: string) => decode(request.headers[name])
    const submissionId = header('x-submission-id')
    if (submissionId === '') return { status: 400, body: 'X-Submission-Id is missing' }
    const form = messageIn(request.headers['content-type'] ?? '', body)
    const outer = form && readOrNot(form.message)
    const document = outer && parts.book.open(outer)
    // A passenger list may be sent on as the form's XML: that is what is answered then, not what its sender called it.
    const ofForm = document && parts.book.formOf(document)
    const documentType = ofForm ?? (header('x-document-type') || (document && parts.book.identify(document)) || '')
    const behaviour = control.next(agency, documentType)
    log('message', { submissionId, agency, documentType, ...behaviour })

    if (behaviour.hangUp === 'before') return hangUp
    if (behaviour.fail !== undefined) {
      const { fail, retryAfterSeconds } = behaviour
      return {
        status: fail,
        headers: retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) },
        body: `simulated ${fail}`,
      }
    }
    if (parts.idempotent && journal.taken.has(submissionId)) {
      await journal.settled()
      const again = journal.answerTo(submissionId)
      return {
        status: 409,
        headers: { 'x-already-taken': 'true', ...(again ? { 'content-type': again.mediaType } : {}) },
        ...(again ? { body: again.bytes } : {}),
      }
    }
    if (!form || !document) return { status: 400, body: 'no XML message in it' }
    recall()
    const shape = parts.book.query(documentType)
    const course = shape ? undefined : parts.book.find(documentType, document)
    if (!course && !shape) log('no answers for this document', { submissionId, documentType })
    if (behaviour.refuse !== undefined && !course?.refusal.length)
      return { status: 422, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: behaviour.refuse }

    const at = new Date()
    const by = { agency, partner: header('x-partner'), numbers: numbersIn(document) }
    const asked = parts.book.print.request(documentType)
    const order = asked && printed.order(asked, by)
    const refuses = behaviour.refuse !== undefined || (asked !== undefined && order === undefined)
    const stages = (refuses ? course?.refusal : course?.stages) ?? []
    const now = stages.find((stage) => stage.sync)
    const { partner } = by
    const result = shape && queries.answer(shape, document, { agency, partner, submissionId })
    const waits = (behaviour.hold ?? false) || behaviour.receiptsDelayMs !== undefined
    const answer =
      result && !waits
        ? { mediaType: 'application/xml', bytes: result }
        : now && {
            mediaType: now.mediaType ?? 'application/xml',
            bytes: render(now, document, { submissionId, at, refusal: behaviour.refuse }),
          }
    const later =
      result && waits
        ? [
            {
              ...{ submissionId, agency, mediaType: 'application/xml', body: result.toString('base64') },
              dueAt: at.getTime() + (behaviour.receiptsDelayMs ?? 0),
              held: behaviour.hold === true,
            },
          ]
        : stages
            .filter((stage) => stage !== now)
            .flatMap((stage) =>
              owe(stage, { document, documentType, submissionId, agency, at, behaviour, book: parts.book, order }),
            )
    if (behaviour.reverseReceipts) later.reverse()
    if (!shape && !journal.taken.has(submissionId)) {
      const filing = {
        ...{ submissionId, agency, partner, documentType, at: at.getTime() },
        operation: header('x-operation'),
        reference: header('x-reference'),
        delayMs: behaviour.receiptsDelayMs ?? 0,
        refused: refuses,
        ...(behaviour.refuse === undefined ? {} : { refusal: behaviour.refuse }),
      }
      know(filing, document)
      filings.add({ ...filing, message: form.message.toString('base64') })
    }
    const about = {
      operation: header('x-operation'),
      documentType,
      reference: header('x-reference'),
      attachments: form.attachments,
    }
    courier.add(
      await journal.take(
        {
          submissionId,
          agency,
          ...about,
          sha256: createHash('sha256').update(form.message).digest('hex'),
          at: at.toISOString(),
        },
        later,
        answer,
      ),
    )

    if (behaviour.slowMs !== undefined) await sleep(behaviour.slowMs)
    if (behaviour.hangUp === 'after') return hangUp
    return answer ? { status: 200, headers: { 'content-type': answer.mediaType }, body: answer.bytes } : { status: 202 }
  }

  const handle = (request: IncomingMessage, response: ServerResponse) => {
    readBody(request)
      .then((body) => (body === undefined ? { status: 413, body: 'too large' } : route(request, body)))
      .catch((error: unknown) => {
        log('failed', { error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
        return { status: 500, body: 'the simulator is broken' }
      })
      .then((answered) => (answered === hangUp ? request.socket.destroy() : write(response, answered)))
      .catch(() => request.socket.destroy())
  }
  return parts.tls
    ? createTlsServer({ ...parts.tls, requestCert: true, rejectUnauthorized: true, keepAliveTimeout }, handle)
    : createServer({ keepAliveTimeout }, handle)
}

/**
 * In ms, as gateways have it. Node's five seconds end a connection in the hand of a client that a busy machine holds
 * up.
 */
const keepAliveTimeout = 75_000

function owe(
  stage: Stage,
  about: {
    document: XmlDocument
    documentType: string
    submissionId: string
    agency: string
    at: Date
    behaviour: Behaviour
    book: AnswerBook
    /** Of a request to print: what was found. */
    order: Omit<PrintOrder, 'name' | 'at'> | undefined
  },
): Omit<Owed, 'seq'>[] {
  const { document, documentType, submissionId, agency, at, behaviour, book, order } = about
  const dueAt =
    at.getTime() +
    (stage.afterMs ?? 0) +
    (behaviour.earlyReceipts ? 0 : (behaviour.slowMs ?? 0)) +
    (behaviour.receiptsDelayMs ?? 0)
  const answer = render(stage, document, { submissionId, at: new Date(dueAt), refusal: behaviour.refuse })
  const named = book.orders(documentType, { stage, message: document, answer })
  const prints = order ? named.map(({ name, at }) => ({ ...order, name, at })) : named
  const owed = {
    submissionId,
    agency,
    mediaType: stage.mediaType ?? 'application/xml',
    body: answer.toString('base64'),
    ...(prints.length === 0 ? {} : { prints }),
    dueAt,
    held: behaviour.hold === true,
  }
  return behaviour.duplicateReceipts ? [owed, { ...owed }] : [owed]
}

function messageIn(contentType: string, body: Buffer): { message: Buffer; attachments: number } | undefined {
  if (!contentType.startsWith('multipart/')) return { message: body, attachments: 0 }
  const found = readMultipart(body, contentType)
  const message = found?.find((part) => part.name === 'message')
  return (
    found &&
    message && { message: message.bytes, attachments: found.filter((part) => part.name === 'attachment').length }
  )
}

function readOrNot(bytes: Buffer): XmlDocument | undefined {
  try {
    return readMessage(bytes)
  } catch {
    return undefined
  }
}

/** Percent-encoded as UTF-8; as it is when it is not. */
function decode(value: string | string[] | undefined): string {
  const text = Array.isArray(value) ? (value[0] ?? '') : (value ?? '')
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Undefined when it is too large. Rejects when the sender hangs up before its end: then nothing was taken. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_BODY) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function write(response: ServerResponse, { status, headers = {}, body }: Answered): void {
  const json = body !== undefined && typeof body !== 'string' && !Buffer.isBuffer(body)
  const bytes =
    body === undefined
      ? Buffer.alloc(0)
      : Buffer.isBuffer(body)
        ? body
        : Buffer.from(json ? JSON.stringify(body) : (body as string))
  const type = json
    ? { 'content-type': 'application/json' }
    : typeof body === 'string'
      ? { 'content-type': 'text/plain; charset=utf-8' }
      : {}
  response.writeHead(status, { ...type, ...headers, 'content-length': bytes.length })
  response.end(bytes)
}
