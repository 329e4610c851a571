-- Whether a job waits, for its time or its turn, or for somebody to see that its lease has run out.
create function jobport.still_waits(job bigint, moment bigint) returns boolean language sql stable as $$
  select exists (select from jobport.later l where l.seq = job)
    or exists (
      select from jobport.job_at(job) j join jobport.kinds k on k.no = j.kind where jobport.is_ready(j.seq, k.queue, coalesce(j.rank, 0))
    )
    or exists (
      select from jobport.leases l where l.block = job >> 8 and l.until + 0 <= moment and l.flags & 32 <> 0 and jobport.has(l.jobs, job)
    )
$$;
