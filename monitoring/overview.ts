// overview — is everything flowing? One look at all agencies, partners and open matters, cheap enough to be asked every
// two seconds.
import { foldersDiffer, undone } from '../messages/fleet.js'
import type { Bilingual } from '../messages/text.js'
import type {
  AgencyCounts,
  AgencyLine,
  HubsView,
  LedgerCounts,
  Overview,
  PartnerLine,
} from '../messages/views/index.js'
import { failingTries } from '../messages/views/index.js'
import type { Series } from './series.js'

/** @see [startOperating](../hub/boot/operating.ts) */
export interface OverviewParts {
  version: string
  series: Series
  /** Every agency work can be owed to. */
  agencies: { code: string; title: Bilingual }[]
  /** The name of any other, where it has one. */
  title?: (agency: string) => Bilingual | undefined
  /** @see [createTraffic](../hub/agencies/traffic.ts) */
  gate: (agency: string) => { gate: AgencyLine['gate']; why?: string; until?: string }
  /** The row of failed tries of whichever process has the longest. */
  failingAt?: (agency: string) => AgencyLine['failing']
  refusal?: () => Bilingual | undefined
  /** Why nothing is sent to any agency. */
  standstill?: () => Promise<Bilingual | undefined>
  /** @see [listCertificates](../hub/boot/certificates.ts) */
  certificates?: () => Promise<Overview['certificates']>
  signers?: () => Overview['signers']
  counts: () => Promise<
    Pick<LedgerCounts, 'orphans' | 'overdue' | 'heldAnswers' | 'sharedKeys'> & {
      agencies: Omit<AgencyCounts, 'submitted' | 'dropped'>[]
    }
  >
  partners: () => Promise<Omit<PartnerLine, 'accepted' | 'refused'>[]>
  /** @see [startLeases](../hub/base/leases.ts) */
  fleet: () => HubsView
  now?: () => Date
}

/** From this many days on, a certificate that nobody has renewed needs a person. */
const certificateDays = 30

/** Waiting longer than this with an open gate is a queue that does not move. */
const stuckSeconds = 300

/** The function that makes the overview as it is at that moment. */
export function createOverview({
  version,
  series,
  agencies,
  title = () => undefined,
  gate,
  failingAt = () => undefined,
  refusal = () => undefined,
  standstill = async () => undefined,
  certificates = async () => [],
  signers = () => [],
  counts,
  partners,
  fleet,
  now = () => new Date(),
}: OverviewParts): () => Promise<Overview> {
  const startedAt = now().toISOString()
  const served = new Set(agencies.map(({ code }) => code))
  return async function overview() {
    const [known, people, still, all] = await Promise.all([counts(), partners(), standstill(), certificates()])
    const byAgency = new Map(known.agencies.map((line) => [line.agency, line]))
    // What the ledger holds for an agency nobody serves any more would otherwise be seen by nobody.
    const left = known.agencies
      .filter(
        ({ agency, queued, held, submitting, unclear, dead }) =>
          queued + held + submitting + unclear + dead > 0 && !served.has(agency),
      )
      .map(({ agency }) => ({ code: agency, title: title(agency) ?? { zh: agency, en: agency } }))
    const lines = [...agencies, ...left].map(({ code, title }): AgencyLine => {
      const { queued = 0, held = 0, submitting = 0, unclear = 0, dead = 0, oldestQueuedAt } = byAgency.get(code) ?? {}
      const { gate: state, why, until } = served.has(code) ? gate(code) : { gate: 'unserved' as const }
      const oldestSeconds =
        oldestQueuedAt === undefined
          ? 0
          : Math.max(0, Math.round((now().getTime() - Date.parse(oldestQueuedAt)) / 1000))
      // A process that has only doors, or fewer of the tries, knows it of the others.
      const [own, seen] = [series.failing(code), failingAt(code)]
      const failing = queued === 0 ? undefined : (own?.tries ?? 0) >= (seen?.tries ?? 0) ? own : seen
      return {
        agency: code,
        title,
        queued,
        held,
        submitting,
        unclear,
        dead,
        oldestSeconds,
        stuck:
          queued > 0 &&
          state !== 'window' &&
          state !== 'paused' &&
          (oldestSeconds > stuckSeconds || state === 'unready' || state === 'unserved'),
        gate: state,
        ...(why === undefined ? {} : { gateWhy: why }),
        ...(until === undefined ? {} : { gateUntil: until }),
        ...(failing === undefined || failing.tries < failingTries ? {} : { failing }),
        in: series.curve(`in ${code}`),
        out: series.curve(`out ${code}`),
        failed: series.curve(`failed ${code}`),
      }
    })
    const sum = (count: (line: AgencyLine) => number) => lines.reduce((total, line) => total + count(line), 0)
    const attention = {
      dead: sum((l) => l.dead),
      unclear: sum((l) => l.unclear),
      held: sum((l) => l.held),
      overdue: known.overdue,
      orphans: known.orphans,
      heldAnswers: known.heldAnswers,
      sharedKeys: known.sharedKeys,
      undelivered: people.reduce((total, p) => total + p.undelivered, 0),
    }
    const stuck = lines.some((l) => l.stuck)
    const refused = refusal()
    const hubs = fleet()
    const keys = signers()
    const ending = all.filter(({ daysLeft, trouble }) => daysLeft <= certificateDays || trouble !== undefined)
    return {
      at: now().toISOString(),
      startedAt,
      version,
      certificates: ending,
      signers: keys,
      attention,
      ...(refused ? { refusal: refused } : {}),
      ...(still ? { standstill: still } : {}),
      health:
        stuck || (still && lines.some((l) => l.queued > 0))
          ? 'stuck'
          : refused ||
              still ||
              ending.length > 0 ||
              keys.some(({ up, waiting }) => !up && waiting > 0) ||
              Object.values(attention).some((n) => n > 0) ||
              undone(hubs).length > 0 ||
              foldersDiffer(hubs, now()) ||
              lines.some(
                (l) =>
                  l.failing !== undefined ||
                  ['broken', 'probing', 'unworked'].includes(l.gate) ||
                  (l.gate === 'paused' && l.queued > 0),
              )
            ? 'attention'
            : 'flowing',
      flow: {
        in: series.curve('in'),
        refused: series.curve('refused'),
        out: series.curve('out'),
        receipts: series.curve('receipts'),
      },
      // What needs eyes stands first; the rest by its name.
      agencies: lines.sort((a, b) => weight(b) - weight(a) || a.agency.localeCompare(b.agency)),
      partners: people.map((p) => ({
        ...p,
        accepted: series.curve(`accepted by ${p.partnerId}`).total,
        refused: series.curve(`refused by ${p.partnerId}`).total,
      })),
      fleet: hubs,
    }
  }
}

const weight = (l: AgencyLine) =>
  (l.dead + l.unclear > 0 ? 4 : 0) +
  (l.gate === 'broken' || l.gate === 'probing' ? 3 : l.gate === 'paused' || l.gate === 'busy' ? 2 : 0) +
  (l.failing ? 2 : 0) +
  (l.stuck ? 5 : 0)
