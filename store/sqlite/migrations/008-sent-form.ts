// 008 — what one agency is sent in its own form, where that is neither the message nor what was made of it for every
// agency.
export const migration008 = `
create table sent_form (submission_id text primary key, bytes blob not null) without rowid;
`
