// operators — accounts of those who run the hub, and acts that wait for a second person.
import type { Operator, OperatorRole, SignedIn, WaitingAct } from '../../../../messages/operator.js'
import type { ScopeParts } from '../../../../messages/ops-rights.js'
import type * as view from '../../../../messages/views/index.js'

/**
 * What is not there rejects with HUB_OPS_NOT_FOUND.
 * @see [buildHttpDoor](../../../../hub/boot/http.ts)
 */
export interface OperatorsParts {
  operators: () => Promise<view.OperatorView[]>
  addOperator: (
    named: { name: string; role: OperatorRole; agencies?: string[] | undefined },
    by: Operator,
  ) => Promise<view.InvitedOperator>
  setRole: (
    name: string,
    right: { role: OperatorRole; agencies?: string[] | undefined },
    by: Operator,
  ) => Promise<view.OperatorView>
  setDisabled: (name: string, disabled: boolean, by: Operator) => Promise<view.OperatorView>
  resetOperator: (name: string, by: Operator) => Promise<view.InvitedOperator>
  newOperatorKey: (name: string, by: Operator) => Promise<{ name: string; secret: string }>
  signOutOperator: (name: string, by: Operator) => Promise<view.OperatorView>
  /** An account as it is now; undefined: there is none, or it is disabled. */
  accountNamed: (name: string) => Promise<SignedIn | undefined>
  needsTwo: (act: string | undefined, who: string) => Promise<boolean>
  askSecond: (act: Pick<WaitingAct, 'act' | 'call' | 'from'>, by: Operator) => Promise<view.WaitingActView>
  approvals: (which: { who: SignedIn; open: boolean }) => Promise<view.WaitingActView[]>
  waitingCount: () => Promise<number>
  approve: (
    id: string,
    how: { who: SignedIn; by: Operator; run: (act: WaitingAct) => Promise<number> },
  ) => Promise<view.WaitingActView>
  decline: (id: string, how: { who: SignedIn; by: Operator }) => Promise<view.WaitingActView>
  /**
   * Everything `run` leads to until `over` is done by this person.
   * @see [createActing](../../../../hub/operate/acting.ts)
   */
  actingAs: <T>(
    who: { by: SignedIn['by']; address: string; approvedBy?: string },
    run: () => T,
    over: Promise<unknown>,
  ) => T
  /**
   * Agencies a thing is about; none where there is no such thing.
   * @see [createAgenciesOf](../../../../hub/operate/agencies-of.ts)
   */
  agenciesOf: ScopeParts['agenciesOf']
}
