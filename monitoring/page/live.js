// live — what the page knows of the hub: calls, and the stream that tells it when something is new.
import { t } from './text.js'

export class Refused extends Error {}

/** GET, or POST when there is a body. Paths below /monitor, where the browser has been asked for the password. */
export async function call(path, body) {
  const response = await fetch(
    `/monitor${path}`,
    body === undefined
      ? {}
      : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
  )
  if (response.status === 404) throw new Refused(t('gone'))
  if (!response.ok) {
    const problem = await response.json().catch(() => ({}))
    throw new Refused(problem.text ? `${problem.text.zh} ${problem.text.en}` : `HTTP ${response.status}`)
  }
  return (response.headers.get('content-type') ?? '').includes('json') ? response.json() : response.text()
}

const listeners = { overview: new Set(), tail: new Set(), lost: new Set() }
export let latest

/** Calls back at once with what is known, then at every change; gives the way to stop. */
export function on(event, listener) {
  listeners[event].add(listener)
  if (event === 'overview' && latest) listener(latest)
  return () => listeners[event].delete(listener)
}

function seen(overview) {
  latest = overview
  listeners.overview.forEach((listener) => listener(latest))
}

/** Looks now instead of at the next turn of the stream: after a deed. */
export const look = async () => seen(await call('/overview'))

export function connect() {
  const source = new EventSource('/monitor/events')
  source.addEventListener('overview', ({ data }) => seen(JSON.parse(data)))
  source.addEventListener('tail', ({ data }) => listeners.tail.forEach((listener) => listener(JSON.parse(data))))
  // The browser comes back by itself; meanwhile the page says that what it shows is old.
  source.addEventListener('error', () => listeners.lost.forEach((listener) => listener()))
}
