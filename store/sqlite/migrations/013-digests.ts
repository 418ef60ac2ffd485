// 013 — SHA-256 of every piece of bytes, as it was when it came or was made: by message (the message, what was made of
// it, its attachments in order) or by submission (its own form). JSON, hexadecimal. What is older has none.
export const migration013 = `
create table digest (id text primary key, sums text not null) without rowid;
`
