// 011 — whose an answer is: which keys an agency itself has taught, who sent what, which submissions may still be
// taught a number, answers that are held until that is settled, and keys that two partners have under way at one
// agency.
export const migration011 = `
alter table correlation add column learnt integer not null default 0;

-- Codes of the company that files, as JSON: receipts name it.
alter table submission add column senders text;
-- While a receipt may still teach it a number: its document type, then the names of the keys it has. Null: nothing
-- is awaited.
alter table submission add column learning text;
create index submission_learning on submission (agency, learning, started_at) where learning is not null;

-- Why an answer is held (orphan = 2), as JSON: the document types and, entry by entry, the names it cites. A person
-- let it go: when.
alter table reply add column held text;
alter table reply add column let_go_at integer;
create index reply_held on reply (n) where orphan = 2;
-- What was told as a notice, by the numbers it cites: should one turn out to be a submission's, its partner gets
-- the receipt.
create table notice_key (name text not null, value text not null, reply_id text not null, 
  primary key (name, value, reply_id)) without rowid;

create table shared_key (
  n integer primary key autoincrement, agency text not null, name text not null, value text not null,
  first_n integer not null, second_n integer not null, at integer not null, closed_at integer,
  unique (agency, name, value, first_n, second_n)
);
create index shared_key_open on shared_key (n) where closed_at is null;
`
