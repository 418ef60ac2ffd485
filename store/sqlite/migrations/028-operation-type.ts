// 028 — a partner's messages of an operation by time, with the kind of document: statistics and queries count in the
// index, and a message row is a page of its own to read. Building it takes some seconds for a million messages.
export const migration028 = `
drop index message_operation;
create index message_operation on message (partner_id, operation, received_at, n, document_type);
`
