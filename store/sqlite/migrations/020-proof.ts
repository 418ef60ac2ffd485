// 020 — the chain of hashes over what happens (store/rules/proof-chain.ts): links, which message's facts stand in
// which, and signed heads. What is older than the chain is not in it: `proof_base` says up to where.
export const migration020 = `
create table proof_link (n integer primary key, at integer not null, root text not null, hash text not null,
  items text not null);
create table proof_of (message_id text not null, link integer not null, primary key (message_id, link)) without rowid;
create table proof_head (link integer primary key, hash text not null, at integer not null, signed_at integer not null,
  public_key text not null, signature text not null);
create table proof_base (kind text primary key, last integer not null) without rowid;
`
