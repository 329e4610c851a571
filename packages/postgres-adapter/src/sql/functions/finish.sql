-- Writes down that jobs have finished, which stand nowhere any more.
create function jobport.finish(
  outcome integer, of_queue integer, moment bigint, keep bigint, no bigint, claim text, claimed_at bigint, flags integer, attempt integer,
  failures integer, crashes integer, redrives integer, block bigint, finished bit varying,
  i integer, note_groups integer[], note_seqs bigint[], note_results text[]
) returns void language plpgsql as $$
declare
  resulted bit varying;
  results text[];
begin
  if keep > 0 and note_results is not null then
    select bit_or(jobport.bit_of(n.seq)), array_agg(n.result order by n.seq) into resulted, results
    from unnest(note_groups, note_seqs, note_results) as n (i, seq, result)
    where n.i = finish.i and n.result is not null and jobport.has(finished, n.seq);
  end if;
  insert into jobport.endings (
    block, finished_at, keep_until, gone_at, no, claimed_at, queue, state, flags, attempt, failures, crashes, redrives, claim, jobs, size, resulted, results
  )
  values (
    finish.block, moment, jobport.after(moment, keep), jobport.after(moment, greatest(keep, 120000)), finish.no, finish.claimed_at, of_queue, outcome,
    finish.flags, finish.attempt, finish.failures, finish.crashes, finish.redrives, finish.claim, finished, jobport.size_of(finished), resulted, results
  );
  if finish.flags & 3 <> 0 then
    perform jobport.release(s, finish.flags, moment) from jobport.seqs_of(finish.block, finished) s;
  end if;
end
$$;
