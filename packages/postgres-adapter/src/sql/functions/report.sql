-- Stores news of jobs that are leased. `applies` is false where the caller only asks whether the lease is held. Answers for each whether it was.
create function jobport.report(
  nos bigint[], queues integer[], attempts integer[], claims text[], seqs bigint[], applies boolean[], begun boolean[], progress text[], logs text[]
) returns boolean[] language plpgsql as $$
declare
  answers boolean[];
  one record;
  held record;
begin
  answers := array_fill(false, array[cardinality(nos)]);
  for one in
    select * from unnest(nos, queues, attempts, claims, seqs, applies, begun, progress, logs)
      with ordinality as u (no, queue, attempt, claim, seq, applies, begun, progress, logs, i)
    order by u.no, u.attempt, u.i
  loop
    select l.ctid as tid, l.flags, l.until into held from jobport.leases l
    where l.no = one.no and l.block = one.seq >> 8 and l.queue + 0 = one.queue and l.attempt = one.attempt and l.claim = one.claim
      and jobport.has(l.jobs, one.seq)
    for update;
    answers[one.i] := found;
    continue when not found or not one.applies;
    if one.begun and held.flags & 16 = 0 then
      perform jobport.part_lease(held.tid, jobport.bit_of(one.seq), held.until, held.flags | 16);
    end if;
    if one.progress is not null or one.logs is not null then
      perform jobport.note(one.seq, null, array(select json_array_elements_text(one.logs::json)), one.progress);
    end if;
  end loop;
  return answers;
end
$$;
