// callback — may the caller at /agency/{code}/receipts speak for this agency? Each agency shows credentials of its own.
import { timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { hashSecret } from '../base/secrets.js'
import type { CallbackSettings } from './settings.js'

/**
 * What the call shows: a bearer token, the password of a Basic user, or the value of a header of the agency's choice.
 */
function shown({ callbackUser, callbackHeader }: CallbackSettings, headers: IncomingHttpHeaders): string | undefined {
  if (callbackHeader !== undefined) {
    const value = headers[callbackHeader.toLowerCase()]
    return Array.isArray(value) ? value[0] : value
  }
  const authorization = headers.authorization ?? ''
  if (callbackUser === undefined) return /^Bearer\s+(\S+)$/i.exec(authorization)?.[1]
  const basic = /^Basic\s+(\S+)$/i.exec(authorization)?.[1]
  const [, user, password] =
    /^([^:]*):(.*)$/s.exec(basic === undefined ? '' : Buffer.from(basic, 'base64').toString()) ?? []
  return user === callbackUser ? password : undefined
}

/**
 * True when one of the agency's tokens is shown (two while one is being replaced). An agency without a token speaks for
 * nobody.
 */
export function maySpeak(settings: CallbackSettings, env: NodeJS.ProcessEnv, headers: IncomingHttpHeaders): boolean {
  const token = shown(settings, headers)
  if (token === undefined) return false
  return variablesOf(settings).some((name) => sameSecret(env[name], token))
}

/** The environment variables that hold the tokens an agency may show: one, several or none. */
export const variablesOf = ({ callbackTokenEnv: names = [] }: CallbackSettings): string[] =>
  Array.isArray(names) ? names : [names]

/** Takes as long whatever differs. */
export function sameSecret(wanted: string | undefined, given: string): boolean {
  return (
    wanted !== undefined &&
    wanted !== '' &&
    timingSafeEqual(Buffer.from(hashSecret(wanted)), Buffer.from(hashSecret(given)))
  )
}
