// 022 — which objects of an object store hold the bytes of which message: 0 itself, from 1 on its attachments. Only of
// those whose bytes are not here.
export const migration022 = `
create table payload_object (message_id text not null, position integer not null, object text not null,
  primary key (message_id, position)) without rowid;
create index payload_object_used on payload_object (object);
`
