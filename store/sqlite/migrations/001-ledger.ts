// 001 — the ledger's first shape. A migration that has shipped is never edited; a change is a new one.
// Rows are small; bytes live in `payload`, read only when asked for. Times are milliseconds since 1970.
export const migration001 = `
create table partner (
  partner_id text primary key, name text not null, settings text not null, ssh_keys text not null,
  disabled integer not null default 0
) without rowid;
create table secret (
  kind text not null, sha256 text not null, partner_id text not null references partner, label text not null,
  created_at integer not null,
  primary key (kind, sha256)
) without rowid;
create index secret_of_partner on secret (partner_id, kind);

create table interchange (
  interchange_id text primary key, partner_id text not null, channel text not null, filename text, content_type text,
  received_at integer not null, size integer not null, sha256 text not null
) without rowid;

create table message (
  n integer primary key autoincrement, message_id text not null unique, interchange_id text not null,
  partner_id text not null, channel text not null,
  reference text not null, document_type text, operation text, schema_file text, schema_version text,
  state text not null, size integer not null, sha256 text not null, received_at integer not null, order_key text,
  repeats integer not null default 0
);
create index message_newest on message (partner_id, n);
create index message_reference on message (partner_id, reference);
create index message_reference_all on message (reference);
create index message_operation on message (partner_id, operation, n);
create index message_state on message (partner_id, state, n);

create table payload (message_id text primary key, bytes blob not null) without rowid;
create table attachment (message_id text not null, position integer not null, name text not null, media_type text,
  bytes blob not null, primary key (message_id, position)) without rowid;

-- Which accepted message owns a reference (promise 8).
create table identity (partner_id text not null, identity text not null, message_id text not null,
  primary key (partner_id, identity)) without rowid;
-- The same bytes again: which interchange brought them, when.
create table repeat (message_id text not null, interchange_id text not null, at integer not null,
  primary key (message_id, interchange_id)) without rowid;

create table submission (
  n integer primary key autoincrement, submission_id text not null unique, message_id text not null,
  partner_id text not null, agency text not null,
  order_key text, state text not null, status text, agency_reference text, attempts integer not null default 0,
  fence text,
  accepted_at integer not null, started_at integer, next_at integer not null
);
create index submission_of_message on submission (message_id);
create index submission_due on submission (next_at, n) where state = 'queued';
create index submission_open on submission (state, started_at) where state in ('submitting', 'unclear', 'dead');
create index submission_order on submission (partner_id, agency, order_key, n) where order_key is not null
  and state in ('queued', 'submitting', 'unclear');
create index submission_oldest on submission (agency, n) where state = 'queued';

create table attempt (
  submission_id text not null, attempt integer not null, fence text not null, started_at integer not null,
  ended_at integer, outcome text, code text, detail text,
  primary key (submission_id, attempt)
) without rowid;

-- What receipts cite: from the message itself, and learnt from earlier receipts.
create table correlation (agency text not null, name text not null, value text not null, submission_n integer not null,
  primary key (agency, name, value, submission_n)) without rowid;

create table reply (
  n integer primary key autoincrement, reply_id text not null unique, agency text not null, submission_id text,
  media_type text not null, bytes blob not null,
  sha256 text not null, received_at integer not null, settled_at integer, orphan integer not null default 0
);
create unique index reply_once on reply (agency, sha256, ifnull(submission_id, ''));
create index reply_unsettled on reply (n) where settled_at is null;

create table receipt (
  n integer primary key autoincrement, receipt_id text not null unique, message_id text not null, submission_id text,
  partner_id text not null, channel text not null,
  stage text not null, receipt text not null, reply_id text,
  return_state text not null, return_next_at integer not null, return_attempts integer not null default 0,
  returned_at integer, last_error text
);
create index receipt_of_message on receipt (message_id, n);
create index receipt_mailbox on receipt (partner_id, n) where return_state = 'owed' and channel = 'http';
create index receipt_due on receipt (channel, return_next_at) where return_state = 'owed';

-- Counts kept as rows change, so that asking costs the same at a million messages.
create table counter (name text primary key, value integer not null) without rowid;
create trigger count_message after insert on message begin
  insert into counter values ('messages', 1) on conflict do update set value = value + 1;
  insert into counter select 'refused', 1 where new.state = 'refused' on conflict do update set value = value + 1;
end;
create trigger count_submission after insert on submission begin
  insert into counter values ('submission ' || new.agency || ' ' || new.state, 1) on conflict do update
    set value = value + 1;
end;
create trigger count_submission_change after update of state on submission when old.state <> new.state begin
  insert into counter values ('submission ' || new.agency || ' ' || new.state, 1) on conflict do update
    set value = value + 1;
  update counter set value = value - 1 where name = 'submission ' || old.agency || ' ' || old.state;
end;
create trigger count_receipt after insert on receipt when new.return_state = 'owed' begin
  insert into counter values ('owed', 1) on conflict do update set value = value + 1;
end;
create trigger count_receipt_change after update of return_state on receipt when old.return_state = 'owed'
  and new.return_state <> 'owed' begin
  update counter set value = value - 1 where name = 'owed';
end;
`
