-- Settles, then claims from what is there afterwards.
create function jobport.exchange(
  nos bigint[], queues integer[], attempts integer[], claims text[], outcomes integer[], times bigint[], blocks bigint[], sets bit varying[],
  note_groups integer[], note_seqs bigint[], note_results text[], note_errors text[],
  then_groups integer[], then_seqs bigint[],
  keys uuid[], kinds integer[], payloads text[], extras text[], ranks integer[], delays bigint[],
  groups text[], uniques text[], holds bigint[], ids text[],
  client integer, of_queue integer, most integer, lease bigint, random text, page integer, since bigint, look boolean,
  out answers text[],
  out no bigint, out parts text, out heads text, out bodies text, out runs integer, out next_event bigint, out swept bigint, out moment bigint
) language plpgsql as $$
begin
  if client < (select m.least_client from jobport.meta m) then
    raise exception 'the tables are of a newer version than this client' using errcode = 'JP001';
  end if;
  answers := jobport.conclude(
    nos, queues, attempts, claims, outcomes, times, blocks, sets, note_groups, note_seqs, note_results, note_errors, then_groups, then_seqs,
    keys, kinds, payloads, extras, ranks, delays, groups, uniques, holds, ids
  );
  select t.* into no, parts, heads, bodies, runs, next_event, swept, moment
  from jobport.take(of_queue, most, lease, random, page, since, look) t;
end
$$;
