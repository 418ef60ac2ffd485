// live — what the page knows of the hub: calls, and the stream that tells it when something is new.
import { one, t } from './text.js'

/**
 * @typedef {import('../../messages/views/index.js').Overview} Overview
 * @typedef {import('../../messages/views/index.js').Problem} Problem
 * @typedef {import('../../messages/views/index.js').TailEvent} TailEvent
 * @typedef {import('../../messages/views/index.js').SkippedEvents} SkippedEvents
 */

export class Refused extends Error {}

/** When a hand was last on the page. A call without one lately does not keep the session from being idle. */
let touchedAt = Date.now()
for (const event of ['pointerdown', 'keydown', 'wheel'])
  addEventListener(event, () => (touchedAt = Date.now()), { capture: true, passive: true })
const lately = 60_000
const idle = { 'x-hub-by-itself': '1' }
/** @returns {Record<string, string>} */
const byItself = () => (Date.now() - touchedAt > lately ? idle : {})

/**
 * A problem and its remedy in the language of the page.
 * @param {Partial<Problem>} problem
 */
const told = ({ text, remedy }) => text && [one(text), one(remedy)].filter(Boolean).join(' → ')

/**
 * GET, or POST when there is a body. Paths below /monitor, where the browser has been asked for the password. Who calls
 * says what comes: a view of messages/views.
 * @param {string} path
 * @param {object} [body]
 * @returns {Promise<any>} the JSON, or the text
 */
export async function call(path, body) {
  const response = await fetch(
    `/monitor${path}`,
    body === undefined
      ? { headers: byItself() }
      : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
  )
  leaveWhenOut(response)
  if (response.status === 404) throw new Refused(t('gone'))
  if (!response.ok) {
    const problem = await response.json().catch(() => ({}))
    throw new Refused(told(problem) ?? `HTTP ${response.status}`)
  }
  const json = (response.headers.get('content-type') ?? '').includes('json')
  const said = await (json ? response.json() : response.text())
  if (response.status === 202 && said.waiting) throw new Refused(t('waitsForSecond'))
  return said
}

/**
 * A session that has ended leads to the page to sign in; a browser that was asked for a key is asked again by itself.
 * @param {Response} response
 */
function leaveWhenOut(response) {
  if (response.status === 401 && signedIn?.session) location.assign('/monitor/sign-in')
}

/** @typedef {import('../../messages/views/index.js').CallerView} Me */
/** @type {Me | undefined} */
let signedIn
/** Who is signed in, once it is known. */
export const me = () => signedIn
/** @type {RegExp[]} */
let acts = []
export const readMe = async () => {
  signedIn = await call('/ops/me')
  acts = (signedIn?.may ?? []).map((route) => new RegExp(`^${route.replace(/:\w+/g, '[^/]+')}$`))
  return signedIn
}

/**
 * May this person make the call? What may not be done has no button.
 * @param {string} path below /monitor
 * @param {string} [method]
 */
export const may = (path, method = 'POST') => acts.some((act) => act.test(`${method} ${path}`))
/** May values that name persons be shown to this person, with a reason? */
export const mayReveal = () => signedIn?.role === 'operator' || signedIn?.role === 'admin'

/** Who is limited to several agencies asks for the messages of one: here the first. */
export const ownAgency = () => (signedIn?.agencies ? `&agency=${encodeURIComponent(signedIn.agencies[0] ?? '')}` : '')

/** @param {boolean} everywhere */
export async function signOut(everywhere) {
  await call('/sign-in/out', { everywhere })
  location.assign('/monitor/sign-in')
}

/**
 * DELETE, as `call` does.
 * @param {string} path
 */
export async function remove(path) {
  const response = await fetch(`/monitor${path}`, { method: 'DELETE' })
  leaveWhenOut(response)
  if (response.ok) {
    const said = await response.json()
    if (response.status === 202 && said.waiting) throw new Refused(t('waitsForSecond'))
    return said
  }
  const problem = await response.json().catch(() => ({}))
  throw new Refused(told(problem) ?? `HTTP ${response.status}`)
}

/**
 * @typedef {object} Heard what is heard of each event
 * @property {Overview} overview
 * @property {TailEvent | SkippedEvents} tail
 * @property {undefined} lost
 */
/** @type {{ [E in keyof Heard]: Set<(what: Heard[E]) => void> }} */
const listeners = { overview: new Set(), tail: new Set(), lost: new Set() }
/** @type {Overview | undefined} */
export let latest

/**
 * Calls back at once with what is known, then at every change; gives the way to stop.
 * @template {keyof Heard} E
 * @param {E} event
 * @param {(what: Heard[E]) => void} listener
 */
export function on(event, listener) {
  listeners[event].add(listener)
  if (event === 'overview' && latest) listener(/** @type {Heard[E]} */ (latest))
  if (event === 'tail') recent.forEach((past) => listener(/** @type {Heard[E]} */ (past)))
  return () => listeners[event].delete(listener)
}

/** @param {Overview} overview */
function seen(overview) {
  latest = overview
  listeners.overview.forEach((listener) => listener(latest))
}

/**
 * What passed last, for a view that opens later.
 * @type {Heard['tail'][]}
 */
const recent = []
const mostRecent = 50

/** @param {Heard['tail']} event */
function heard(event) {
  recent.push(event)
  if (recent.length > mostRecent) recent.shift()
  listeners.tail.forEach((listener) => listener(event))
}

/** Looks now instead of at the next turn of the stream: after an act. */
export const look = async () => seen(await call('/overview'))

export function connect() {
  const source = new EventSource('/monitor/events')
  source.addEventListener('overview', ({ data }) => seen(JSON.parse(data)))
  source.addEventListener('tail', ({ data }) => heard(JSON.parse(data)))
  // After a break the hub begins again with what happened last.
  source.addEventListener('open', () => recent.splice(0))
  // The browser comes back by itself; meanwhile the page says that what it shows is old.
  source.addEventListener('error', () => {
    listeners.lost.forEach((listener) => listener(undefined))
    // The hub answers, and gives no stream: the session has ended. Nothing of it stays on the page.
    if (source.readyState === EventSource.CLOSED) void fetch('/monitor/ops/me', { headers: idle }).then(leaveWhenOut)
  })
}
