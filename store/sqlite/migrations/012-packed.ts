// 012 — bytes are kept compressed where that pays; refused ones are counted by partner and day, and listed, since they
// go after days.
export const migration012 = `
-- 1: the bytes are gzip of what they were; size is what they were, null: what they are.
alter table payload add column packed integer not null default 0;
alter table attachment add column packed integer not null default 0;
alter table attachment add column size integer;

-- Refused messages whose bytes are here.
create table refused_kept (message_id text primary key) without rowid;
insert into refused_kept select p.message_id from payload p join message m using (message_id) where m.state = 'refused';
-- Bytes kept of a partner's refused messages, as they stand on disk; day counts from 1970, in UTC.
create table refused_bytes (partner_id text not null, day integer not null, bytes integer not null,
  primary key (partner_id, day)) without rowid;
`
