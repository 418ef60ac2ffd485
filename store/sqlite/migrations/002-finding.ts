// 002 — whose place a correction took, and an index for every question asked: by time within a partner, a state or an
// operation, what was interrupted, what is unclear, what found nobody. (A partial index serves only a query that
// repeats its condition word for word, so each open state has its own.)
export const migration002 = `
-- A message whose identity a correction took over. Its bytes still get its own receipt, and it is never sent again
-- (promises 3, 8).
create table superseded (partner_id text not null, identity text not null, sha256 text not null,
  message_id text not null, primary key (partner_id, identity, sha256)) without rowid;
create index superseded_message on superseded (message_id);

drop index if exists message_newest;
drop index if exists message_reference;
drop index if exists message_reference_all;
drop index if exists message_operation;
drop index if exists message_state;
create index message_reference on message (reference, partner_id, received_at);
create index message_newest on message (partner_id, received_at);
create index message_operation on message (partner_id, operation, received_at);
create index message_state on message (partner_id, state, received_at);
create index message_newest_all on message (received_at);
create index message_operation_all on message (operation, received_at);
create index message_state_all on message (state, received_at);

drop index if exists submission_open;
create index submission_submitting on submission (started_at) where state = 'submitting';
create index submission_unclear on submission (started_at) where state = 'unclear';

create index reply_orphan on reply (received_at) where orphan = 1;
`
