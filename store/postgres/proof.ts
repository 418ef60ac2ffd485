// proof — the chain of hashes as it is read: its head and its signatures, and what proves one message.
import type { Proof } from '../ledger/proof.js'
import { createProofOf, type HeadRow } from '../proof-of-message.js'
import type { Link } from '../ledger/proof.js'
import { createRows } from './proof-rows.js'
import type { Queries } from './statements.js'
import type { GroupCommit } from './write.js'

/** Every statement by its name: a test asks the server how it would find what each looks for. */
export const proofSql = {
  last: 'select n, at, root, hash from proof_link order by n desc limit 1',
  signed: `select link as n, signed_at as "signedAt", signature, time_stamp is not null as stamped from proof_head
    order by link desc limit 1`,
  stamped: `select link as n, signed_at as "signedAt" from proof_head where time_stamp is not null
    order by link desc limit 1`,
  keepTimeStamp: 'update proof_head set time_stamp = @token where link = @n and time_stamp is null',
  keep: `insert into proof_head (link, hash, at, signed_at, public_key, signature)
    values (@link, @hash, @at, @signedAt, @publicKey, @signature) on conflict do nothing`,
  linksOf: 'select link from proof_of where message_id = @messageId order by link',
  itemsOf: 'select items from proof_link where n = @link',
  hashOf: 'select hash from proof_link where n = @link',
  headFrom: 'select * from proof_head where link >= @link order by link limit 1',
  stampedFrom: 'select * from proof_head where link >= @link and time_stamp is not null order by link limit 1',
  way: 'select n, at, root, hash from proof_link where n between @from and @to order by n',
}
const sql = proofSql

/** This chapter of the ledger on PostgreSQL; what it promises: [Proof](../ledger/proof.ts). */
export function createProof({ reading, commit }: { reading: Queries; commit: GroupCommit }): Proof {
  const get = reading.get.bind(reading)
  return {
    async chainHead() {
      const head = await get<Link>(sql.last)
      const signed = await get<{ n: number; signedAt: number; signature: string; stamped: boolean }>(sql.signed)
      const stamped = await get<{ n: number; signedAt: number }>(sql.stamped)
      return { ...(head ? { head } : {}), ...(signed ? { signed } : {}), ...(stamped ? { stamped } : {}) }
    },
    async keepTimeStamp(n, token) {
      await commit((tx) => tx.run(sql.keepTimeStamp, { n, token }))
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
      stampedFrom: (link) => get<HeadRow>(sql.stampedFrom, { link }),
      way: (from, to) => reading.all<Link>(sql.way, { from, to }),
      rows: createRows(reading),
    }),
  }
}
