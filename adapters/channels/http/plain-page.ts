// plain-page — the few pages the door makes itself, for a person at a browser: what is wrong, in both languages, and
// the way on. They need nothing but the door, so they stand when the ledger is away.
import type { FastifyReply } from 'fastify'
import type { HubError } from '../../../messages/errors.js'
import { ownPage } from './security-headers.js'

/** Answers with a page; the status is the reply's. */
export function sendPage(reply: FastifyReply, body: string, head = ''): FastifyReply {
  return reply
    .type('text/html; charset=utf-8')
    .header('content-security-policy', ownPage)
    .serializer((page: unknown) => page as string)
    .send(
      `<!doctype html><html lang="zh"><meta charset="utf-8">${head}<title>hub</title>` +
        `<link rel="stylesheet" href="/monitor/style.css"><body>${body}</body></html>`,
    )
}

/**
 * The error as a page.
 * @param back where the reader goes from here
 * @param again after how many seconds the page opens itself anew; absent: not by itself
 */
export function sendErrorPage(
  reply: FastifyReply,
  { status, text, remedy }: HubError,
  { back, again }: { back: string; again?: number },
): FastifyReply {
  const lines = [text.zh, remedy.zh, text.en, remedy.en].map((line) => `<p>${escaped(line)}</p>`)
  const head = again === undefined ? '' : `<meta http-equiv="refresh" content="${again}">`
  return sendPage(reply.code(status), `<main>${lines.join('')}<p><a href="${back}">←</a></p></main>`, head)
}

const escaped = (text: string) => text.replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`)
