// 015 — pieces of bytes that were found damaged, each once: a start does not forget them. `id` is of the message,
// submission, interchange or reply.
export const migration015 = `
create table damaged (id text not null, piece text not null, found_at integer not null,
  primary key (id, piece)) without rowid;
`
