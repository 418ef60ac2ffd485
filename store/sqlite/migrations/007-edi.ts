// 007 — EDI: what was made of a message to be sent on in its stead, and what its interchange was answered as a whole.
export const migration007 = `
create table forwarded (message_id text primary key, bytes blob not null) without rowid;
create table acknowledgement (interchange_id text primary key, media_type text not null,
  bytes blob not null) without rowid;
`
