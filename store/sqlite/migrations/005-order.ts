// 005 — order and expectation: a change knows its original and is held when that was refused; what an agency owes us
// has a deadline; orphans are found again by what they cite; and what people did is kept.
export const migration005 = `
alter table submission add column changes integer not null default 0;
-- The n of the newest original that shares a key with this change.
alter table submission add column original integer;
create index submission_original on submission (original) where original is not null;
create index submission_dead on submission (n) where state = 'dead';
create index submission_held on submission (n) where state = 'held';

-- Which answer is awaited next (a step of the document type's expectations), until when, and whether that has passed.
alter table submission add column expect_step integer;
alter table submission add column expect_at integer;
alter table submission add column overdue integer not null default 0;
create index submission_expecting on submission (expect_at) where expect_at is not null and overdue = 0;
create index submission_overdue on submission (expect_at) where overdue = 1;

-- What an orphan cites.
create table orphan_key (reply_id text not null, name text not null, value text not null, primary key (reply_id, name,
  value)) without rowid;
create index receipt_of_reply on receipt (reply_id, submission_id) where reply_id is not null;

create table audit (n integer primary key autoincrement, at integer not null, who text not null, action text not null,
  target text not null, why text not null, detail text not null);
create index audit_target on audit (target, n);
`
