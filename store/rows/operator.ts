// operator — an operator's session and a waiting act, as rows of either engine.
import type { OperatorSession, SignedInBy, WaitingAct, WaitingActState } from '../../messages/operator.js'

/** Times in milliseconds since 1970; `digest` is the SHA-256 of what the browser shows. */
export interface SessionRow {
  digest: string
  name: string
  signed_in_by: SignedInBy
  address: string
  browser: string
  since: number
  seen: number
  until: number
}

/** The session with its times as dates. */
export const toSession = ({
  digest,
  name,
  signed_in_by,
  address,
  browser,
  since,
  seen,
  until,
}: SessionRow): OperatorSession => ({
  digest,
  name,
  by: signed_in_by,
  address,
  browser,
  since: new Date(since),
  seen: new Date(seen),
  until: new Date(until),
})

/** The row of a session, to be inserted. */
export const fromSession = ({ by, since, seen, until, ...rest }: OperatorSession): SessionRow => ({
  ...rest,
  signed_in_by: by,
  since: since.getTime(),
  seen: seen.getTime(),
  until: until.getTime(),
})

/** The act without its state, as JSON. */
export const actText = ({ state: _state, ...act }: WaitingAct): string => JSON.stringify(act)

/** `act` is JSON, with times as ISO 8601. */
export interface ActRow {
  state: WaitingActState
  act: string
}

/** The act that waits, or waited, with its times as dates. */
export function toAct({ state, act }: ActRow): WaitingAct {
  const kept = JSON.parse(act) as Omit<WaitingAct, 'state' | 'at' | 'until' | 'decidedAt'> & {
    at: string
    until: string
    decidedAt?: string
  }
  const { decidedAt, at, until, ...rest } = kept
  return {
    ...rest,
    state,
    at: new Date(at),
    until: new Date(until),
    ...(decidedAt === undefined ? {} : { decidedAt: new Date(decidedAt) }),
  }
}
