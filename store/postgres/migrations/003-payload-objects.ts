// 003 — which objects of an object store hold the bytes of which message: 0 itself, from 1 on its attachments. Only of
// those whose bytes are not here.
export const migration003 = `
create table payload_object (
  message_id text collate "C" not null, position integer not null, object text collate "C" not null,
  primary key (message_id, position)
);
create index payload_object_used on payload_object (object);
`
