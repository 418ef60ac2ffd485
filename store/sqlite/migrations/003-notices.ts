// 003 — notices: who wants to be told, and what agencies said first. What is delivered are receipts of stage `notice`,
// whose message_id is the notice's own.
export const migration003 = `
create table subscription (
  operation text not null, reference text not null, partner_id text not null, channel text not null,
  created_at integer not null,
  primary key (operation, reference, partner_id)
) without rowid;
create index subscription_of_partner on subscription (partner_id);

create table notice (
  n integer primary key autoincrement, notice_id text not null unique, reply_id text not null unique,
  agency text not null, document_type text not null,
  operations text not null, reference_list text not null, faults text not null, deliveries integer not null,
  received_at integer not null
);
create index notice_newest on notice (received_at);
`
