// legal-holds-sql — what both engines say of legal holds: the row, and the words by which a message is found to be
// held.
import type { LegalHoldKind, LegalHold } from './ledger/legal-holds.js'

/** Times in milliseconds since 1970; `until` null: until it is released. */
export interface LegalHoldRow {
  n: number
  kind: LegalHoldKind
  value: string
  until: number | null
  why: string
  who: string
  at: number
  released_at: number | null
  released_by: string | null
  released_why: string | null
}

/** The statements, with names bound alike in both engines. */
export const legalHoldsSql = {
  put: `insert into legal_hold (kind, value, until, why, who, at) values (@kind, @value, @until, @why, @who, @at)
    returning *`,
  inForce: 'select * from legal_hold where released_at is null and (until is null or until > @now) order by n desc',
  all: 'select * from legal_hold order by n desc',
  release: `update legal_hold set released_at = @now, released_by = @who, released_why = @why
    where n = @n and released_at is null`,
  message: 'select 1 as there from message where message_id = @value',
  partner: 'select 1 as there from partner where partner_id = @value',
}

/**
 * SQL: is message `p.message_id` held?
 * @param now milliseconds since 1970, in SQL
 * @param has SQL: does this text hold that one?
 */
export function isHeld({ now, has }: { now: string; has: (text: string, part: string) => string }): string {
  const named = `'"' || h.value || '"'`
  const inForce = (
    kind: LegalHoldKind,
    which: string,
  ) => `exists (select 1 from legal_hold h join message hm on hm.message_id = p.message_id
    where h.released_at is null and h.kind = '${kind}' and ${which} and (h.until is null or h.until > ${now}))`
  return `(${inForce('message', 'h.value = p.message_id')} or ${inForce('partner', 'h.value = hm.partner_id')}
    or ${inForce(
      'company',
      `(exists (select 1 from submission hs where hs.message_id = hm.message_id and ${has('hs.senders', named)})
        or exists (select 1 from partner hp where hp.partner_id = hm.partner_id and ${has('hp.settings', named)}))`,
    )})`
}

/** The hold as people see it. */
export const legalHoldOf = (row: LegalHoldRow): LegalHold => ({
  n: row.n,
  kind: row.kind,
  value: row.value,
  ...(row.until === null ? {} : { until: new Date(row.until) }),
  why: row.why,
  who: row.who,
  at: new Date(row.at),
  ...(row.released_at === null
    ? {}
    : { released: { at: new Date(row.released_at), who: row.released_by ?? '', why: row.released_why ?? '' } }),
})
