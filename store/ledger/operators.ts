// operators — who works at the hub: accounts, their sessions, and acts that wait for a second person.
import type { OperatorAccount, OperatorSession, WaitingAct, WaitingActState } from '../../messages/operator.js'

/** Passwords and keys are here only as digests. */
export interface Operators {
  /** All accounts, by name. */
  operatorAccounts(): Promise<OperatorAccount[]>
  /**
   * Writes an account whose last version was `before` (0: it is new) as the next version. False, and nothing is
   * written, when somebody else changed it meanwhile: what was decided from the old one does not count.
   */
  putOperatorAccount(account: Omit<OperatorAccount, 'version'>, before: number): Promise<boolean>
  putOperatorSession(session: OperatorSession): Promise<boolean>
  operatorSession(digest: string): Promise<OperatorSession | undefined>
  /** Of one account, in no order; those that ended by themselves may be among them. */
  operatorSessions(name: string, limit: number): Promise<OperatorSession[]>
  /** Notes that it was used. False when it has ended. */
  touchOperatorSession(digest: string, at: Date): Promise<boolean>
  /** Ends one session of an account, or without a digest all of them. */
  endOperatorSessions(name: string, digest?: string): Promise<boolean>
  /** Forgets sessions that ended by themselves before then. */
  forgetOperatorSessions(before: Date): Promise<boolean>
  putWaitingAct(act: WaitingAct): Promise<boolean>
  waitingAct(id: string): Promise<WaitingAct | undefined>
  /** The newest first; of one state or all. */
  waitingActs(state: WaitingActState | undefined, limit: number): Promise<WaitingAct[]>
  /** Decides one that is still in state `from`. False when it is not: it is decided once. */
  decideWaitingAct(act: WaitingAct, from: WaitingActState): Promise<boolean>
}
