// proof-heads — signs the head of the chain of hashes: once a UTC day, sooner when many links were made, and whenever
// evidence is asked for. Of several hubs on one ledger one signs by the day, with its own key.
import { headIsDue, headText } from '../../store/rules/proof-chain.js'
import type { Proof } from '../../store/ledger.js'
import type { Log } from '../boot/log.js'
import type { EvidenceKey } from './evidence-key.js'

const lookEveryMs = 60_000

export interface ProofHeadsParts {
  proof: Pick<Proof, 'chainHead' | 'keepHead'>
  key: EvidenceKey
  /**
   * Does the work where no other hub does it. Absent: there is no other.
   * @see [startLeases](../boot/leases.ts)
   */
  alone?: (work: () => Promise<void>) => Promise<void>
  log: Pick<Log, 'info' | 'error'>
  now?: () => Date
}

export function startProofHeads({
  proof,
  key,
  alone = (work) => work(),
  log,
  now = () => new Date(),
}: ProofHeadsParts) {
  /** Signs the newest link, unless that is done already; keeping a head makes no link of its own. */
  async function signNow(): Promise<void> {
    const { head, signed } = await proof.chainHead()
    if (!head || head.n === signed?.n) return
    const { n, hash, at } = head
    const signature = key.sign(headText(head))
    await proof.keepHead({ n, hash, at: new Date(at), signedAt: now(), publicKey: key.publicKey, signature })
    log.info({ link: n, hash, key: key.fingerprint }, 'head of the chain signed')
  }
  async function look(): Promise<void> {
    const { head, signed } = await proof.chainHead()
    if (headIsDue(head, signed, now().getTime())) await signNow()
  }
  // A ledger that cannot be written is told elsewhere; the next look comes in a minute.
  const quietly = () =>
    void alone(look).catch((err: unknown) => log.error({ err }, 'the head of the chain was not signed'))
  const timer = setInterval(quietly, lookEveryMs).unref()
  quietly()
  return { signNow, key, stop: () => clearInterval(timer) }
}

export type ProofHeads = ReturnType<typeof startProofHeads>
