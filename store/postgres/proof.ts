// proof — the chain of hashes as it is read: its head and its signatures, and what proves one message.
import type { Proof } from '../ledger/proof.js'
import { createProofOf, type HeadRow } from '../proof-of-message.js'
import type { Link } from '../rules/proof-chain.js'
import { createRows } from './proof-rows.js'
import type { Queries } from './statements.js'
import type { GroupCommit } from './write.js'

/** Every statement by its name: a test asks the server how it would find what each looks for. */
export const proofSql = {
  last: 'select n, at, root, hash from proof_link order by n desc limit 1',
  signed: 'select link as n, signed_at as "signedAt" from proof_head order by link desc limit 1',
  keep: `insert into proof_head (link, hash, at, signed_at, public_key, signature)
    values (@link, @hash, @at, @signedAt, @publicKey, @signature) on conflict do nothing`,
  linksOf: 'select link from proof_of where message_id = @messageId order by link',
  itemsOf: 'select items from proof_link where n = @link',
  hashOf: 'select hash from proof_link where n = @link',
  headFrom: 'select * from proof_head where link >= @link order by link limit 1',
  way: 'select n, at, root, hash from proof_link where n between @from and @to order by n',
}
const sql = proofSql

export function createProof({ reading, commit }: { reading: Queries; commit: GroupCommit }): Proof {
  const get = reading.get.bind(reading)
  return {
    async chainHead() {
      const [head, known] = [await get<Link>(sql.last), await get<{ n: number; signedAt: number }>(sql.signed)]
      return { ...(head ? { head } : {}), ...(known ? { signed: known } : {}) }
    },
    async keepHead({ n, hash, at, signedAt, publicKey, signature }) {
      const times = { at: at.getTime(), signedAt: signedAt.getTime() }
      await commit((tx) => tx.run(sql.keep, { link: n, hash, ...times, publicKey, signature }))
    },
    proofOf: createProofOf({
      linksOf: async (messageId) =>
        (await reading.all<{ link: number }>(sql.linksOf, { messageId })).map(({ link }) => link),
      itemsOf: async (link) => (await get<{ items: string }>(sql.itemsOf, { link }))?.items ?? '',
      hashOf: async (link) => (await get<{ hash: string }>(sql.hashOf, { link }))?.hash,
      headFrom: (link) => get<HeadRow>(sql.headFrom, { link }),
      way: (from, to) => reading.all<Link>(sql.way, { from, to }),
      rows: createRows(reading),
    }),
  }
}
