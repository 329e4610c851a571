-- Writes down that jobs have finished, which stand nowhere any more.
create function jobport.finish(
  outcome integer, of_queue integer, moment bigint, keep bigint, no bigint, claim text, claimed_at bigint, flags integer, attempt integer,
  failures integer, crashes integer, redrives integer, finished bigint[], i integer, note_groups integer[], note_seqs bigint[], note_results text[]
) returns void language plpgsql as $$
begin
  if keep > 0 and note_results is not null and exists (select from unnest(note_groups, note_results) as n (i, result) where n.i = finish.i and n.result is not null) then
    insert into jobport.endings (
      block, finished_at, keep_until, gone_at, no, claimed_at, queue, state, flags, attempt, failures, crashes, redrives, claim, seqs, results
    )
    select s.seq >> 8, moment, jobport.after(moment, keep), jobport.after(moment, greatest(keep, 120000)), finish.no, finish.claimed_at, of_queue, outcome,
      finish.flags, finish.attempt, finish.failures, finish.crashes, finish.redrives, finish.claim,
      array_agg(s.seq order by s.seq), array_agg(n.result order by s.seq)
    from unnest(finished) as s (seq)
    left join unnest(note_groups, note_seqs, note_results) as n (i, seq, result) on n.i = finish.i and n.seq = s.seq
    group by s.seq >> 8;
  elsif finished[1] >> 8 = finished[cardinality(finished)] >> 8 then
    insert into jobport.endings (
      block, finished_at, keep_until, gone_at, no, claimed_at, queue, state, flags, attempt, failures, crashes, redrives, claim, seqs
    )
    values (
      finished[1] >> 8, moment, jobport.after(moment, keep), jobport.after(moment, greatest(keep, 120000)), finish.no, finish.claimed_at, of_queue, outcome,
      finish.flags, finish.attempt, finish.failures, finish.crashes, finish.redrives, finish.claim, finished
    );
  else
    insert into jobport.endings (
      block, finished_at, keep_until, gone_at, no, claimed_at, queue, state, flags, attempt, failures, crashes, redrives, claim, seqs
    )
    select s >> 8, moment, jobport.after(moment, keep), jobport.after(moment, greatest(keep, 120000)), finish.no, finish.claimed_at, of_queue, outcome,
      finish.flags, finish.attempt, finish.failures, finish.crashes, finish.redrives, finish.claim, array_agg(s order by s)
    from unnest(finished) s
    group by s >> 8;
  end if;
  if finish.flags & 3 <> 0 then
    perform jobport.release(s, finish.flags, moment) from unnest(finished) s;
  end if;
end
$$;
