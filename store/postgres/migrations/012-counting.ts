// 012 — what is counted: the same statement in a function whose plan is kept, where the server planned it at each call.
export const migration012 = `
create or replace function hub_count(names text[], steps bigint[]) returns void language plpgsql as $$ begin
  insert into counter select s.name, sum(s.step) from unnest(names, steps) as s (name, step)
    group by s.name having sum(s.step) <> 0 order by s.name
  on conflict (name) do update set value = counter.value + excluded.value;
end $$;
`
