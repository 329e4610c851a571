-- Takes a job that is neither leased nor finished away from where it waits; null when it is not there.
create function jobport.displace(wanted bigint, of_queue integer, of_rank integer) returns jobport.mobile language plpgsql as $$
declare
  m jobport.mobile;
  run jobport.ready;
begin
  delete from jobport.later l where l.seq = wanted
  returning l.seq, l.queue, l.rank, l.flags, l.attempt, l.failures, l.crashes, l.redrives, l.claimed_at, l.due_at into m;
  if found then return m; end if;

  delete from jobport.held h where h.seq = wanted
  returning h.seq, h.queue, h.rank, h.flags, h.attempt, h.failures, h.crashes, h.redrives, h.claimed_at, h.due_at, h.group_key into m;
  if found then return m; end if;

  run := jobport.cut_run(wanted, wanted, of_queue, of_rank, array[1, 0]::smallint[]);
  if run.queue is null then return null; end if;
  return (wanted, of_queue, of_rank, run.flags, run.attempt, run.failures, run.crashes, run.redrives, run.claimed_at, null, null)::jobport.mobile;
end
$$;
