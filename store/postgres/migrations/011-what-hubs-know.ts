// 011 — what each hub understands of what others do: older hubs say nothing here.
export const migration011 = `
alter table hub_process add column knows text collate "C" not null default '';
`
