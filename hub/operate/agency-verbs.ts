// agency-verbs — what people may say about an agency while the hub runs: pause it, let it go on, announce when it is
// closed, read the file again. The act and the record of it are one write (`recorded.ts`).
import type { Connector, SendOutcome } from '../../adapters/connectors/connector.js'
import type { Operator } from '../../messages/operator.js'
import { HubError } from '../../messages/errors.js'
import type { HttpAnswer } from '../../messages/agency-answer.js'
import type { AgencyHold, ClosedWindow } from '../../messages/agency-hold.js'
import type { AgencyView, AnswerReadView } from '../../messages/views/index.js'
import type { Ledger } from '../../store/ledger.js'
import { isOver } from '../../queues/windows.js'
import { windowFaults } from '../agencies/policy.js'
import type { Traffic } from '../agencies/traffic.js'
import { createRecorded, type Act } from './recorded.js'

/** @see [buildHttpDoor](../boot/http.ts) */
interface AgencyVerbsParts {
  ledger: Pick<Ledger, 'holdAgency' | 'audit' | 'audited'>
  traffic: Pick<Traffic, 'learn' | 'overview'>
  /** @see [createAgencies](../agencies/agencies.ts) */
  connector: (agency: string) => Connector
  /** @see [createReload](../agencies/reload.ts) */
  reload: () => string[]
  log: { warn(ids: object, event: string): void }
  now?: () => Date
}

/** What operators do about agencies. Each call takes who does it and why, and is in the audit. */
export function createAgencyVerbs({
  ledger,
  traffic,
  connector,
  reload,
  log,
  now = () => new Date(),
}: AgencyVerbsParts) {
  const recorded = createRecorded({ ledger, log, event: 'operator', now })
  const known = (code: string) => traffic.overview().find(({ agency }) => agency === code)

  /** Undefined when there is no such agency that anything is owed to. */
  async function change(
    code: string,
    act: Omit<Act, 'target'>,
    how: (before: AgencyHold) => AgencyHold,
  ): Promise<AgencyView | undefined> {
    if (!known(code)) return undefined
    await recorded({ ...act, target: code }, () => ledger.holdAgency(code, how, now()))
    // This process knows at once, the others within two seconds.
    await traffic.learn()
    return known(code)
  }

  return {
    agencies: async () => traffic.overview(),
    agency: async (code: string) => known(code),
    pauseAgency: (code: string, by: Operator) =>
      change(code, { by, action: 'agency.pause' }, (before) => ({
        ...before,
        paused: { since: now().toISOString(), who: by.who, why: by.why ?? '' },
      })),
    resumeAgency: (code: string, by: Operator) =>
      change(code, { by, action: 'agency.resume' }, ({ windows }) => ({ windows })),
    /** Announces a closing. @throws HubError with what is wrong with it */
    async closeAgency(code: string, window: ClosedWindow & { start: string; end: string }, by: Operator) {
      const [fault] = windowFaults([{ timeZone: 'Asia/Shanghai', ...window }], now())
      if (fault !== undefined)
        throw new HubError('HUB_REQUEST_INVALID', { detail: `window: ${fault.en}`, detailZh: `window：${fault.zh}` })
      if (isOver(window, now()))
        throw new HubError('HUB_REQUEST_INVALID', {
          detail: `window: ${window.end} is over`,
          detailZh: `window：${window.end} 已过`,
        })
      // What is over is not said any more.
      const current = (before: AgencyHold) => before.windows.filter((one) => !isOver(one, now()))
      return change(code, { by, action: 'agency.window', detail: { ...window } }, (before) => ({
        ...before,
        windows: [...current(before), { ...window, ...(by.why === undefined ? {} : { why: by.why }) }],
      }))
    },
    /** Takes every announced closing back; those of hub.yaml stay. */
    openAgency: (code: string, by: Operator) =>
      change(code, { by, action: 'agency.window-clear' }, ({ paused }) => ({
        windows: [],
        ...(paused ? { paused } : {}),
      })),
    /** How an answer would be read. Nothing is sent or recorded. */
    async readAnswer(code: string, answer: HttpAnswer): Promise<AnswerReadView | undefined> {
      const headers = Object.fromEntries(
        Object.entries(answer.headers).map(([name, value]) => [name.toLowerCase(), value]),
      )
      const read = known(code) && (await connector(code).read?.({ ...answer, headers }))
      if (!read) return undefined
      const { verdict, rule, from, receipt, learn, outcome } = read
      return {
        agency: code,
        verdict,
        ...(rule ? { rule, from } : {}),
        receipt,
        learn,
        outcome: outcome.outcome,
        ...('code' in outcome ? { code: outcome.code } : {}),
        follows: follows[outcome.outcome],
      }
    },
    /** @throws HubError with every fault; then everything stays as it was */
    async reloadConfig(by: Operator): Promise<void> {
      const faults = reload()
      // What was refused was not done, and the audit does not say that it was.
      const action = faults.length > 0 ? 'config.reload-refused' : 'config.reload'
      const { who, why = '' } = by
      const act = { who, action, target: 'hub.yaml', why }
      await ledger.audit({ at: now(), ...act, detail: { faults } })
      log.warn({ ...act, faults }, 'operator')
      if (faults.length > 0) throw new HubError('HUB_REQUEST_INVALID', { detail: faults.join('; ') })
    },
  }
}

/** What the hub would do, in words. */
const follows: Record<SendOutcome['outcome'], string> = {
  taken: 'submitted: its receipts are awaited',
  duplicate:
    'submitted where an earlier try may have arrived, with its number; else a dead letter (HUB_AGENCY_DUPLICATE)',
  transient: 'tried again by retrySeconds',
  ambiguous: 'not the agency speaking: unclear, or sent again where the agency is idempotent',
  permanent: 'a dead letter: the partner hears why',
}
