// 019 — who lets whom see its filings in queries, until when.
export const migration019 = `
create table filing_grant (
  owner text not null, partner text not null, operation text not null, company text not null, until integer not null,
  granted_at integer not null,
  primary key (owner, partner, operation, company)
) without rowid;
create index filing_grant_of_partner on filing_grant (partner, until);
`
