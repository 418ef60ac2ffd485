// 026 — what agents filed under which grant: every filing, and how often each grant was used. The chain of hashes
// covers the filings from their first row on.
export const migration026 = `
create table agent_filing (
  n integer primary key, message_id text not null, owner text not null, operation text not null, company text not null
);
create index agent_filing_of on agent_filing (message_id);
create table agent_use (
  owner text not null, partner text not null, operation text not null, company text not null,
  first_at integer not null, last_at integer not null, filings integer not null,
  primary key (owner, partner, operation, company)
) without rowid;
create index agent_use_of_partner on agent_use (partner);
insert into proof_base select 'agent-filing', 0 where exists (select 1 from proof_base);
`
