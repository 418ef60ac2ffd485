// proof-heads — signs the head of the chain of hashes: once a day in China, sooner when many links were made, and
// whenever evidence is asked for. Of several hubs on one ledger one signs by the day, with its own key.
import type { TimeStampAuthority } from '../../adapters/trust/time-stamp/authority.js'
import { headIsDue, headText, stampIsDue } from '../../store/rules/proof-chain.js'
import type { Proof } from '../../store/ledger.js'
import type { Log } from '../base/log.js'
import type { EvidenceKey } from './evidence-key.js'

const lookEveryMs = 60_000
/** An authority that has not answered is asked again so late at most. */
const longestRestMs = 600_000

interface ProofHeadsParts {
  proof: Pick<Proof, 'chainHead' | 'keepHead' | 'keepTimeStamp'>
  key: EvidenceKey
  /**
   * Does the work where no other hub does it. Absent: there is no other.
   * @see [startLeases](../base/leases.ts)
   */
  alone?: (work: () => Promise<void>) => Promise<void>
  /** Who stamps one head a day, and those that evidence is given by. Absent: nobody. */
  authority?: TimeStampAuthority | undefined
  log: Pick<Log, 'info' | 'warn' | 'error'>
  now?: () => Date
}

/** Signs by its own timer until it is stopped, and whenever it is asked to. */
export function startProofHeads({
  proof,
  key,
  alone = (work) => work(),
  authority,
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

  let [failures, restsUntil] = [0, 0]
  /**
   * Stamps the newest head, unless that is done. An authority that does not answer costs a warning: what is signed
   * stays signed, and it is asked again.
   */
  async function stampNow(): Promise<void> {
    const { signed } = await proof.chainHead()
    if (!authority || !signed || signed.stamped || now().getTime() < restsUntil) return
    try {
      const { token, time, by } = await authority.stamp(Buffer.from(signed.signature, 'base64'))
      await proof.keepTimeStamp(signed.n, token.toString('base64'))
      ;[failures, restsUntil] = [0, 0]
      log.info({ link: signed.n, time, by }, 'head of the chain stamped')
    } catch (err) {
      restsUntil = now().getTime() + Math.min(longestRestMs, lookEveryMs * 2 ** failures++)
      log.warn({ err, url: authority.url, link: signed.n }, 'the head of the chain has no time stamp yet')
    }
  }

  async function look(): Promise<void> {
    const { head, signed } = await proof.chainHead()
    if (headIsDue(head, signed, now().getTime())) await signNow()
    const after = await proof.chainHead()
    if (stampIsDue(after.signed, after.stamped)) await stampNow()
  }

  /** What was recorded until now is behind a signature, and a time stamp where there is an authority. */
  async function signedAndStamped(): Promise<void> {
    await signNow()
    await stampNow()
  }
  // A ledger that cannot be written is told elsewhere; the next look comes in a minute.
  const quietly = () =>
    void alone(look).catch((err: unknown) => log.error({ err }, 'the head of the chain was not signed'))
  const timer = setInterval(quietly, lookEveryMs).unref()
  quietly()
  return { signNow, signedAndStamped, look, key, stop: () => clearInterval(timer) }
}

export type ProofHeads = ReturnType<typeof startProofHeads>
