// 010 — keys and passwords by an id of their own, so that one can be taken back; until when they hold, and when they
// were last used.
export const migration010 = `
alter table secret add column secret_id text;
alter table secret add column expires_at integer;
alter table secret add column last_used_at integer;
update secret set secret_id = 'key_' || lower(hex(randomblob(10)));
create unique index secret_by_id on secret (secret_id);
create index secret_oldest on secret (partner_id, created_at, secret_id);
`
