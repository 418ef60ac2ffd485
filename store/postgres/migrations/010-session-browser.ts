// 010 — the browser of a session, so that its person knows it again.
export const migration010 = `
alter table operator_session add column browser text collate "C" not null default '';
`
