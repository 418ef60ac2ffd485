// refereed — calls a hub and holds each answer against the hub's own description: what it says and what OpenAPI says
// are the same, with no member more.
import { refereeOf, type OpenApi, type Referee } from './interface.js'

/** Reading the description costs a hub a moment: files that ask for it, or all of them with REFEREE=1. */
export const refereeAlways = process.env.REFEREE === '1'

const referees = new Map<string, Promise<Referee>>()

export function refereeAt(url: string): Promise<Referee> {
  let referee = referees.get(url)
  if (!referee) {
    referee = fetch(`${url}/openapi.json`).then(async (answer) => refereeOf((await answer.json()) as OpenApi))
    referees.set(url, referee)
  }
  return referee
}

/** `fetch`, of a hub. @throws Error that names each difference between the answer and its description */
export async function refereedFetch(url: string, path: string, init: RequestInit = {}): Promise<Response> {
  const response = await fetch(url + path, init)
  const [mediaType = ''] = (response.headers.get('content-type') ?? '').split(';')
  if (!/^\/(v1|ops|oauth2|signing|agency)\//.test(path) || mediaType === 'text/event-stream') return response
  const body = /json$/.test(mediaType) ? await response.clone().text() : ''
  const referee = await refereeAt(url)
  const faults = referee.look(init.method ?? 'GET', path.replace(/\?.*$/, ''), response.status, mediaType, body)
  if (faults.length > 0) throw new Error(`not as it is described:\n${faults.join('\n')}`)
  return response
}
