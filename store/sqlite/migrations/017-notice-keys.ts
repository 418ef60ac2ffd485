// 017 — what a notice cites is forgotten as a whole when it turns out to be an answer: by its reply, not by looking
// through all of them.
export const migration017 = `
create index notice_key_of_reply on notice_key (reply_id);
`
