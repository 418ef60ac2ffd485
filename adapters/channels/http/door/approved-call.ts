// approved-call — an act that a second person has approved is made as the call it is, by who asked for it.
import type { SignedIn, WaitingAct } from '../../../../messages/operator.js'
import type { Door } from '../app.js'
import type { Callers } from '../callers.js'

/** Its request comes in by `inject`, with a pass that nobody else has. */
export function createApprovedCall(app: Pick<Door, 'inject'>, callers: Pick<Callers, 'passFor'>) {
  return async function runApproved(act: WaitingAct, approvedBy: SignedIn): Promise<{ status: number; body: string }> {
    const pass = callers.passFor({ ...act, decidedBy: approvedBy.name })
    try {
      const { statusCode, body } = await app.inject({
        method: act.call.method as 'POST',
        url: act.call.url,
        headers: {
          [pass.header]: pass.value,
          ...(act.call.body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(act.call.body === undefined ? {} : { payload: JSON.stringify(act.call.body) }),
      })
      return { status: statusCode, body }
    } finally {
      pass.end()
    }
  }
}
