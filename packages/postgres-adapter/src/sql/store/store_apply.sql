-- Applies settlements, most of them together, the others one by one; see conclude, whose groups have one job each here. Answers for each 0 lost, 1 applied, 2 neither, where it only asks and the claim goes on.
create function jobport.store_apply(
  hand_off bigint, grace bigint, origin text, wanted uuid[], tokens text[], outcomes integer[], times bigint[], results text[], errors text[],
  then_groups integer[],
  keys uuid[], kinds integer[], payloads text[], extras text[], ranks integer[], delays bigint[],
  groups text[], uniques text[], holds bigint[], ids text[]
) returns integer[] language plpgsql as $$
declare
  answers integer[] := array_fill(0, array[cardinality(wanted)]);
  completed integer;
  one record;
  said text;
  mine boolean;
begin
  foreach completed in array jobport.store_complete(wanted, tokens, outcomes, times, results, errors, then_groups) loop
    answers[completed] := 1;
    wanted[completed] := null;
  end loop;
  if 0 <> all (answers) then return answers; end if;
  perform jobport.about_to_send(hand_off, grace, origin);
  for one in
    select c.*, outcomes[c.i] as outcome, times[c.i] as time, results[c.i] as result, errors[c.i] as error
    from jobport.store_claims(wanted, tokens) c order by c.seq, c.i
  loop
    perform set_config('jobport_schema.sending', one.claim, true);
    mine := then_groups is not null and one.i = any (then_groups);
    said := (jobport.conclude(
      array[one.no], array[one.queue], array[one.attempt], array[one.claim], array[one.outcome], array[one.time], array[one.seq >> 8], array[jobport.bit_of(one.seq)],
      case when one.result is not null or one.error is not null then array[1] end, array[one.seq], array[one.result], array[one.error],
      case when mine then (select array_agg(case when g = one.i then 1 else 0 end) from unnest(then_groups) g) end,
      case when mine then array_fill(one.seq, array[cardinality(then_groups)]) end,
      keys, kinds, payloads, extras, ranks, delays, groups, uniques, holds, ids
    ))[1];
    answers[one.i] := case
      when one.outcome = 0 then case when said is null then 2 when said not like '%1%|%' then 1 else 0 end
      when said is null then 1 else 0 end;
  end loop;
  return answers;
end
$$;
