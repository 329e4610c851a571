-- What clients call; see add.
create function jobport.enqueue_jobs(
  keys uuid[], kinds integer[], payloads text[], extras text[], ranks integer[], delays bigint[],
  groups text[], uniques text[], holds bigint[], ids text[], ascending boolean
) returns text[] language plpgsql as $$
begin
  return jobport.add(keys, kinds, payloads, extras, ranks, delays, groups, uniques, holds, ids, ascending);
end
$$;
