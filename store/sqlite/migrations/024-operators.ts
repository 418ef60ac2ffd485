// 024 — who works at the hub: accounts, sessions and acts that wait for a second person; and who may file for whom.
export const migration024 = `
create table operator_account (name text primary key, version integer not null, account text not null) without rowid;
create table operator_session (
  digest text primary key, name text not null, signed_in_by text not null, address text not null,
  since integer not null, seen integer not null, until integer not null
) without rowid;
create index operator_session_of on operator_session (name);
create index operator_session_end on operator_session (until);
create table waiting_act (n integer primary key, id text not null unique, state text not null, act text not null);
create index waiting_act_state on waiting_act (state, n);
create table agent_grant (
  owner text not null, partner text not null, operation text not null, company text not null, until integer not null,
  granted_at integer not null,
  primary key (owner, partner, operation, company)
) without rowid;
create index agent_grant_of_partner on agent_grant (partner, until);
`
