-- What clients call; see conclude.
create function jobport.settle(
  nos bigint[], queues integer[], attempts integer[], claims text[], outcomes integer[], times bigint[], blocks bigint[], sets bit varying[],
  note_groups integer[], note_seqs bigint[], note_results text[], note_errors text[],
  then_groups integer[], then_seqs bigint[],
  keys uuid[], kinds integer[], payloads text[], extras text[], ranks integer[], delays bigint[],
  groups text[], uniques text[], holds bigint[], ids text[]
) returns text[] language plpgsql as $$
begin
  return jobport.conclude(
    nos, queues, attempts, claims, outcomes, times, blocks, sets, note_groups, note_seqs, note_results, note_errors, then_groups, then_seqs,
    keys, kinds, payloads, extras, ranks, delays, groups, uniques, holds, ids
  );
end
$$;
