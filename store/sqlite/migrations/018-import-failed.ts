// 018 — that an answer lies among the files the other side could not import is a column of its own, no longer a word in
// the media type.
export const migration018 = `
alter table reply add column import_failed integer not null default 0;
update reply set import_failed = 1, media_type = substr(media_type, 1, length(media_type) - length('; import=failed'))
  where media_type like '%; import=failed';
`
