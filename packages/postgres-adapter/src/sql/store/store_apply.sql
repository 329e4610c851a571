-- Applies settlements; see conclude.
create function jobport.store_apply(
  hand_off bigint, grace bigint, origin text,
  nos bigint[], queues integer[], attempts integer[], claims text[], outcomes integer[], times bigint[], blocks bigint[], sets bit varying[],
  note_groups integer[], note_seqs bigint[], note_results text[], note_errors text[],
  then_groups integer[], then_seqs bigint[],
  keys uuid[], kinds integer[], payloads text[], extras text[], ranks integer[], delays bigint[],
  groups text[], uniques text[], holds bigint[], ids text[]
) returns text[] language plpgsql as $$
begin
  if then_groups is not null then
    perform jobport.about_to_send(hand_off, grace, origin);
  end if;
  return jobport.conclude(
    nos, queues, attempts, claims, outcomes, times, blocks, sets, note_groups, note_seqs, note_results, note_errors, then_groups, then_seqs,
    keys, kinds, payloads, extras, ranks, delays, groups, uniques, holds, ids
  );
end
$$;
