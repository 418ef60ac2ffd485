// 023 — questions that were answered in the call that asked them: a row each with its criteria, and its answer for
// some days.
export const migration023 = `
create table question (
  question_id text primary key, partner_id text not null, operation text not null, document_type text not null,
  asked_at integer not null,
  bytes blob not null, total integer not null
) without rowid;
create table question_answer (question_id text primary key, bytes blob not null);
`
