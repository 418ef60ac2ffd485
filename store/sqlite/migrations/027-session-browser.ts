// 027 — the browser of a session, so that its person knows it again.
export const migration027 = `
alter table operator_session add column browser text not null default '';
`
