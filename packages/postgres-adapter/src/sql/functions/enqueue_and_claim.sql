-- Enqueues, then claims from what is there afterwards: new jobs go to who waits for them with the commit that stores them.
create function jobport.enqueue_and_claim(
  keys uuid[], kinds integer[], payloads text[], extras text[], ranks integer[], delays bigint[],
  groups text[], uniques text[], holds bigint[], ids text[], ascending boolean,
  client integer, of_queue integer, most integer, lease bigint, random text, page integer, since bigint, look boolean,
  out answers text[],
  out no bigint, out parts text, out heads text, out bodies text, out runs integer, out next_event bigint, out swept bigint, out moment bigint
) language plpgsql as $$
begin
  if client < (select m.least_client from jobport.meta m) then
    raise exception 'the tables are of a newer version than this client' using errcode = 'JP001';
  end if;
  answers := jobport.add(keys, kinds, payloads, extras, ranks, delays, groups, uniques, holds, ids, ascending);
  select t.* into no, parts, heads, bodies, runs, next_event, swept, moment
  from jobport.take(of_queue, most, lease, random, page, since, look) t;
end
$$;
