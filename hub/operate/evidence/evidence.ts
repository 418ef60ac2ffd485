// evidence — what proves one message to somebody who does not trust the hub: its bytes, receipts and answers, every
// attempt with its times, the facts of the chain of hashes that cover them, the way from each to a signed head, and a
// script that checks it all. One zip.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { zip, type ZipMember } from '../../../adapters/zip.js'
import { headText } from '../../../store/rules/proof-chain.js'
import type { Ledger, Proof, ProofOfMessage, ProvenFact } from '../../../store/ledger.js'
import type { ProofHeads } from '../proof-heads.js'
import { readme } from './readme.js'

/** @see [startOperating](../../boot/operating.ts) */
interface EvidenceParts {
  ledger: Pick<Ledger, 'getMessage' | 'kept'>
  proof: Pick<Proof, 'proofOf'>
  /**
   * The bytes as received, wherever they are by now. Rejects when they were let go of.
   * @see [createContent](../../doors/content.ts)
   */
  content: (messageId: string) => Promise<{ bytes: Buffer } | undefined>
  heads: Pick<ProofHeads, 'signedAndStamped' | 'key'>
  /** The folder this program is in. */
  root: string
  version: string
}

/** A file of the zip, and the fact that holds its hash or its text. */
interface ProvenFile {
  name: string
  kind: 'bytes' | 'receipt' | 'reply'
  id: string
  /** Of the sums of `bytes`: message, attachments.0 … */
  piece?: string
  /** Of the columns of the fact that never change. */
  column?: number
}

/** Where the text of a receipt, and the hash of an answer, stand among the columns (store/rules/proven-rows.ts). */
const receiptColumn = 4
const replyColumn = 1

const timeStampScript = 'dist/adapters/trust/time-stamp/token.js'

/** Makes the zip in memory. */
export function createEvidence({ ledger, proof: chain, content, heads, root, version }: EvidenceParts) {
  /** Undefined when there is no such message. */
  return async function evidence(messageId: string): Promise<Buffer | undefined> {
    const message = await ledger.getMessage(messageId)
    if (!message) return undefined
    // What was recorded until now is behind a signature then.
    await heads.signedAndStamped()
    const [proof, kept, received] = await Promise.all([
      chain.proofOf(messageId),
      ledger.kept(messageId),
      content(messageId).catch(() => undefined),
    ])
    const members: ZipMember[] = []
    const files: ProvenFile[] = []
    const has = (kind: ProvenFact['kind'], id: string) =>
      proof.facts.some((fact) => fact.kind === kind && fact.id === id)
    const put = (file: ProvenFile, bytes: Buffer) => {
      members.push({ name: file.name, bytes })
      if (has(file.kind, file.id)) files.push(file)
    }
    const bytes = kept?.bytes ?? received?.bytes
    if (bytes) put({ name: 'message/content', kind: 'bytes', id: messageId, piece: 'message' }, bytes)
    kept?.attachments.forEach((one, i) =>
      put({ name: `message/attachment-${i + 1}`, kind: 'bytes', id: messageId, piece: `attachments.${i}` }, one.bytes),
    )
    for (const fact of latest(proof.facts.filter(({ kind }) => kind === 'receipt'))) {
      const text = (JSON.parse(fact.fixed!) as string[])[receiptColumn]!
      put({ name: `receipts/${fact.id}.json`, kind: 'receipt', id: fact.id, column: receiptColumn }, Buffer.from(text))
    }
    for (const { replyId, bytes: answer } of kept?.replies ?? [])
      if (answer.length > 0)
        put({ name: `answers/${replyId}`, kind: 'reply', id: replyId, column: replyColumn }, answer)
    const signed = proof.heads.map(({ n, hash, at, signature, timeStamp }) => ({
      ...{ n, hash, at: at.toISOString(), signature },
      ...(timeStamp === undefined ? {} : { timeStamp: `heads/${n}.tst` }),
    }))
    for (const { n, hash, at, signature, timeStamp } of proof.heads) {
      members.push({ name: `heads/${n}.txt`, bytes: Buffer.from(headText({ n, hash, at: at.getTime() })) })
      members.push({ name: `heads/${n}.sig`, bytes: Buffer.from(signature, 'base64') })
      if (timeStamp !== undefined) members.push({ name: `heads/${n}.tst`, bytes: Buffer.from(timeStamp, 'base64') })
    }
    const json = (value: unknown) => Buffer.from(`${JSON.stringify(value, null, 1)}\n`)
    const { facts, items, ways } = proof
    const script = readFileSync(join(root, 'hub/operate/evidence/verify.mjs'))
    // The hub's own code, as it is built: it needs nothing but Node.
    if (signed.some((head) => head.timeStamp !== undefined))
      members.push({ name: 'time-stamp.mjs', bytes: readFileSync(join(root, timeStampScript)) })
    return zip([
      { name: 'README.md', bytes: Buffer.from(readme({ message, version, bytesKept: bytes !== undefined, proof })) },
      { name: 'verify.mjs', bytes: script },
      { name: 'hub-key.pem', bytes: Buffer.from(keysOf(proof, heads.key.publicKey)) },
      { name: 'proof.json', bytes: json({ messageId, files, facts, items, ways, heads: signed }) },
      { name: 'history.json', bytes: json(message) },
      ...members,
    ])
  }
}

/** The keys of its heads, that of the newest head first: of hubs that work together each may have its own. */
const keysOf = ({ heads }: Pick<ProofOfMessage, 'heads'>, own: string) =>
  heads.length === 0 ? own : [...new Set(heads.map(({ publicKey }) => publicKey).reverse())].join('')

/** Of each row its newest fact. */
function latest(facts: readonly ProvenFact[]): ProvenFact[] {
  return [...new Map(facts.map((fact) => [fact.id, fact])).values()]
}
