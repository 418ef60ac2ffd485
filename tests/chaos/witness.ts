// witness — gathers what the agencies wrote down and what the ledger shows at its doors, for the history.
import { readFile } from 'node:fs/promises'
import type { Receipt } from '../../messages/receipt.js'
import type { Answered, Filed, Kept } from './history.js'
import { sha256, type LoadPartner } from './load.js'

type Line =
  | { event: 'taken'; submissionId: string; agency: string; reference: string; times: number; sha256: string }
  | { event: 'owed'; seq: number; submissionId: string; agency: string; body: string }
  | { event: 'sent'; seq: number }

export interface AgencyWitness {
  filed: Filed[]
  answered: Answered[]
  /** How many answers are still to be posted. */
  owed(): number
  /** Reads on. To be called before the agency begins again: its journal is written anew then. */
  look(): Promise<void>
}

export function agencyWitness(journal: string): AgencyWitness {
  const filed: Filed[] = []
  const answered: Answered[] = []
  const seen = new Set<string>()
  let owed = 0
  const once = (key: string) => !seen.has(key) && seen.add(key)
  return {
    filed,
    answered,
    owed: () => owed,
    async look() {
      const open = new Map<number, Answered>()
      for (const text of (await readFile(journal, 'utf8')).split('\n').slice(0, -1)) {
        let line: Line
        try {
          line = JSON.parse(text) as Line
        } catch {
          // Torn by a kill: nobody has heard of it.
          continue
        }
        if (line.event === 'taken') {
          const { submissionId, agency, reference, times, sha256 } = line
          // The n-th time it was taken; the journal that was written anew says it again.
          if (once(`${submissionId} ${times}`)) filed.push({ agency, submissionId, reference, sha256 })
        } else if (line.event === 'owed') {
          const { agency, submissionId, body } = line
          open.set(line.seq, { agency, submissionId, bodySha256: sha256(Buffer.from(body, 'base64')) })
        } else {
          const answer = open.get(line.seq)
          open.delete(line.seq)
          if (answer && once(`${answer.submissionId} ${answer.bodySha256}`)) answered.push(answer)
        }
      }
      owed = open.size
    },
  }
}

/** Asks as this partner; answers that do not come are waited for by whoever calls. */
export type Ask = (path: string, key: string) => Promise<Response>

/** Every message of a partner, as it reads it itself. Those in `known` are not read again. */
export async function keptOf(
  { partner, key }: LoadPartner,
  ask: Ask,
  known: ReadonlyMap<string, Kept> = new Map(),
): Promise<Kept[]> {
  const json = async <T>(path: string) => {
    const response = await ask(path, key)
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
    return (await response.json()) as T
  }
  const ids: string[] = []
  for (let cursor: string | undefined = ''; cursor !== undefined;) {
    const page: { messages: { messageId: string }[]; cursor?: string } = await json(
      `/v1/messages?limit=100${cursor && `&cursor=${encodeURIComponent(cursor)}`}`,
    )
    ids.push(...page.messages.map(({ messageId }) => messageId))
    cursor = page.cursor
  }
  const kept: Kept[] = []
  const left = ids.filter((id) => !known.has(id))
  const reading = async () => {
    for (let id = left.pop(); id !== undefined; id = left.pop()) {
      const message = await json<Omit<Kept, 'partner' | 'receipts' | 'sha256'> & { receipts: Receipt[] }>(
        `/v1/messages/${id}`,
      )
      const content = await ask(`/v1/messages/${id}/content`, key)
      kept.push({
        ...{ messageId: id, partner, reference: message.reference, state: message.state },
        sha256: content.ok ? sha256(new Uint8Array(await content.arrayBuffer())) : `HTTP ${content.status}`,
        submissions: message.submissions.map(({ submissionId, agency, state }) => ({ submissionId, agency, state })),
        receipts: message.receipts.map(({ receiptId, stage, agency, body }) => ({
          ...{ receiptId, stage },
          ...(agency === undefined ? {} : { agency }),
          ...(body?.content === undefined
            ? {}
            : { bodySha256: sha256(Buffer.from(body.content, body.encoding === 'base64' ? 'base64' : 'utf8')) }),
        })),
      })
    }
  }
  await Promise.all(Array.from({ length: 4 }, reading))
  return [...ids.flatMap((id) => known.get(id) ?? []), ...kept]
}
