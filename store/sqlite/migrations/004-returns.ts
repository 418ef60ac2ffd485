// 004 — receipts on their way back: what an event stream tells, and what was given up or tried in vain.
export const migration004 = `
-- Set when it is owed anew; until then it is owed since its id was made.
alter table receipt add column owed_at integer;
create index receipt_events on receipt (partner_id, n) where stage <> 'technical';
create index receipt_in_vain on receipt (n) where (return_state = 'abandoned' or (return_state = 'owed'
  and return_attempts > 0));
create index receipt_in_vain_of on receipt (partner_id, n)
  where (return_state = 'abandoned' or (return_state = 'owed' and return_attempts > 0));
`
