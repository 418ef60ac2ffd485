// 025 — the time stamp of a signed head (RFC 3161), where one was asked for: the token, base64.
export const migration025 = `
alter table proof_head add column time_stamp text;
create index proof_head_stamped on proof_head (link) where time_stamp is not null;
`
