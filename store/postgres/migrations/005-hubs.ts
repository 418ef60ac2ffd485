// 005 — many hubs on one ledger: which of them live, and until when one has a lease.
const text = 'text collate "C"'

export const migration005 = `
alter table hub_lease add column until timestamptz;
create table hub_process (
  process ${text} primary key, version ${text} not null, roles ${text} not null, started_at timestamptz not null,
  seen_at timestamptz not null
);
`
