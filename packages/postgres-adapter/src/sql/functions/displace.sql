-- Takes a job that is neither leased nor finished away from where it waits; null when it is not there.
create function jobport.displace(wanted bigint, of_queue integer, of_rank integer) returns jobport.mobile language plpgsql as $$
declare
  m jobport.mobile;
  run record;
begin
  delete from jobport.later l where l.seq = wanted
  returning l.seq, l.queue, l.rank, l.flags, l.attempt, l.failures, l.crashes, l.redrives, l.claimed_at, l.due_at into m;
  if found then return m; end if;

  delete from jobport.held h where h.seq = wanted
  returning h.seq, h.queue, h.rank, h.flags, h.attempt, h.failures, h.crashes, h.redrives, h.claimed_at, h.due_at, h.group_key into m;
  if found then return m; end if;

  -- No run is longer than the largest batch of an enqueue. One line after the other, so that the index is used to its last column.
  select r.* into run from unnest(array[1, 0]) line cross join lateral (
    select * from jobport.ready r
    where r.queue = of_queue and r.rank = of_rank and r.line = line.line and r.first between wanted - 1000 and wanted
      and r.next <= wanted and r.last >= wanted
    limit 1 for update
  ) r;
  if not found then return null; end if;
  if run.next = run.last then
    delete from jobport.ready r where r.queue = of_queue and r.rank = of_rank and r.line = run.line and r.first = run.first;
  elsif run.next = wanted then
    update jobport.ready r set next = wanted + 1
    where r.queue = of_queue and r.rank = of_rank and r.line = run.line and r.first = run.first;
  else
    update jobport.ready r set last = wanted - 1
    where r.queue = of_queue and r.rank = of_rank and r.line = run.line and r.first = run.first;
    if run.last > wanted then
      insert into jobport.ready (queue, rank, line, first, next, last, flags, attempt, failures, crashes, redrives, claimed_at)
      values (
        of_queue, of_rank, run.line, wanted + 1, wanted + 1, run.last,
        run.flags, run.attempt, run.failures, run.crashes, run.redrives, run.claimed_at
      );
    end if;
  end if;
  return (wanted, of_queue, of_rank, run.flags, run.attempt, run.failures, run.crashes, run.redrives, run.claimed_at, null, null)::jobport.mobile;
end
$$;
