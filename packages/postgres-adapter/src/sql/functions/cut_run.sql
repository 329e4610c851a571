-- Takes a job out of the run in which it is due, and with it those up to another that are in the same; `last` of the answer is the last of them. Null when the job is in none of
-- these lines.
create function jobport.cut_run(low bigint, upto bigint, of_queue integer, of_rank integer, lines smallint[]) returns jobport.ready language plpgsql as $$
declare
  run jobport.ready;
  high bigint;
begin
  loop
    -- No run is longer than the largest batch of an enqueue. One line after the other, so that the index is used to its last column.
    select r.* into run from unnest(lines) line cross join lateral (
      select * from jobport.ready r
      where r.queue = of_queue and r.rank = of_rank and r.line = line.line and r.first between low - 1000 and low
        and r.next <= low and r.last >= low
      limit 1 for update
    ) r;
    exit when found;
    -- Who was waited for may have put them into a run that is new.
    perform from unnest(lines) line cross join lateral (
      select from jobport.ready r
      where r.queue = of_queue and r.rank = of_rank and r.line = line.line and r.first between low - 1000 and low
        and r.next <= low and r.last >= low
      limit 1
    ) r;
    if not found then return null; end if;
  end loop;
  high := least(upto, run.last);
  if run.next = low and run.last = high then
    delete from jobport.ready r where r.queue = of_queue and r.rank = of_rank and r.line = run.line and r.first = run.first;
  elsif run.next = low then
    update jobport.ready r set next = high + 1
    where r.queue = of_queue and r.rank = of_rank and r.line = run.line and r.first = run.first;
  else
    update jobport.ready r set last = low - 1
    where r.queue = of_queue and r.rank = of_rank and r.line = run.line and r.first = run.first;
    if run.last > high then
      -- That it does not begin with its first says that it is no new run.
      insert into jobport.ready (queue, rank, line, first, next, last, flags, attempt, failures, crashes, redrives, claimed_at)
      values (
        of_queue, of_rank, run.line, high, high + 1, run.last,
        run.flags, run.attempt, run.failures, run.crashes, run.redrives, run.claimed_at
      );
    end if;
  end if;
  run.last := high;
  return run;
end
$$;
