// 016 — files that came with an agency's answer: certificates, prints. They stay as long as the receipts that name
// them.
export const migration016 = `
-- sha256 and size are of the bytes as they came; packed 1: the bytes are gzip of those.
create table reply_attachment (
  reply_id text not null, position integer not null, name text not null, media_type text not null,
  size integer not null, sha256 text not null,
  bytes blob not null, packed integer not null default 0, primary key (reply_id, position), unique (reply_id, name)
) without rowid;
`
