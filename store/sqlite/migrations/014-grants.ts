// 014 — whether an operator has granted a subscription. Those from before there was the question count as granted.
export const migration014 = `
alter table subscription add column granted integer not null default 1;
`
