// 021 — the keys that bytes are encrypted with, each encrypted itself with a key from outside (store/sealing), and
// holds: what retention may not let go of.
export const migration021 = `
create table data_key (
  n integer primary key autoincrement, id text not null unique, mark text not null, cipher text not null,
  master text not null, wrapped text not null, made_at integer not null
);
create table legal_hold (
  n integer primary key autoincrement, kind text not null, value text not null, until integer, why text not null,
  who text not null, at integer not null,
  released_at integer, released_by text, released_why text
);
create index legal_hold_open on legal_hold (kind, value) where released_at is null;
`
