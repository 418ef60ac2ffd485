// operators — people who work at a hub, as tests make them: an account, its password and device, and a browser's
// cookie.
import { Secret, TOTP } from 'otpauth'
import type { RunningHub } from './hub.js'

export interface Person {
  name: string
  password: string
  /** Base32. */
  totp: string
  /** When the device was enrolled; the code of then is used up. Milliseconds since 1970. */
  enrolled: number
  recoveryCodes: string[]
  cookie: string
}

const codeAt = (totp: string, ms: number) => new TOTP({ secret: Secret.fromBase32(totp) }).generate({ timestamp: ms })

/** The code a device shows now. */
export const codeNow = (totp: string): string => codeAt(totp, Date.now())

/** The code of a device, `steps` half minutes after it was enrolled. Within one of now it is taken, each once. */
export const codeOf = ({ totp, enrolled }: Pick<Person, 'totp' | 'enrolled'>, steps = 0): string =>
  codeAt(totp, enrolled + steps * 30_000)

/** POST as a page of the hub makes it; `headers` over it. */
export async function asPage(
  hub: Pick<RunningHub, 'url'>,
  path: string,
  body: object,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: Record<string, unknown>; cookie: string; setCookie: string }> {
  const response = await fetch(`${hub.url}/monitor${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: hub.url, ...headers },
    body: JSON.stringify(body),
  })
  const setCookie = response.headers.get('set-cookie') ?? ''
  const text = await response.text()
  const said = (text.startsWith('{') ? JSON.parse(text) : {}) as Record<string, unknown>
  return { status: response.status, body: said, cookie: setCookie.split(';')[0]!, setCookie }
}

export const password = 'korrekt pferd batterie 7'

/** Adds an account, follows its link, chooses a password and enrols a device. */
export async function newPerson(
  hub: RunningHub,
  account: { name: string; role: string; agencies?: string[] },
): Promise<Person> {
  const { welcome } = await hub.ops<{ welcome: { path: string } }>('/ops/operators', account)
  return follow(hub, account.name, welcome.path)
}

/** Follows a link to choose a password. */
export async function follow(hub: RunningHub, name: string, path: string): Promise<Person> {
  const token = path.replace(/^.*#welcome=/, '')
  const begun = await asPage(hub, '/sign-in/welcome', { token })
  const totp = String(begun.body.secret)
  const enrolled = Date.now()
  const code = codeOf({ totp, enrolled })
  const chosen = await asPage(hub, '/sign-in/welcome/choose', { token, password, code })
  if (chosen.status !== 200) throw new Error(`${name}: ${chosen.status} ${JSON.stringify(chosen.body)}`)
  return { name, password, totp, enrolled, recoveryCodes: chosen.body.recoveryCodes as string[], cookie: chosen.cookie }
}

export const keyOf = async (hub: RunningHub, name: string): Promise<string> =>
  (await hub.ops<{ secret: string }>(`/ops/operators/${encodeURIComponent(name)}/key`, {})).secret
