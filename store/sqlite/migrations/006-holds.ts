// 006 — agencies that people have paused or announced to be closed (messages/agency-hold.ts, as JSON). One with neither
// has no row.
export const migration006 = `
create table agency_hold (agency text primary key, hold text not null, changed_at integer not null) without rowid;
`
