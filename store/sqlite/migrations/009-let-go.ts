// 009 — messages whose bytes are not kept here any more, and where in an archive they stand. That a message has a row
// in `payload` says that it is not among them: no index is written on the way in for what happens years later.
export const migration009 = `
create table let_go (message_id text primary key, at integer not null, file text, position integer,
  length integer) without rowid;
`
