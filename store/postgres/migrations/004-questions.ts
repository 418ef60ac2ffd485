// 004 — questions that were answered in the call that asked them: a row each with its criteria, and its answer for some
// days. A hub that does not know the tables goes on without them.
export const migration004 = `
create table question (
  question_id text collate "C" primary key, partner_id text collate "C" not null, operation text collate "C" not null,
  document_type text collate "C" not null,
  asked_at bigint not null, bytes bytea not null, total integer not null
);
create table question_answer (question_id text collate "C" primary key, bytes bytea not null);
`
