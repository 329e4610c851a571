-- Whether a job is due and waits.
create function jobport.is_ready(job bigint, of_queue integer, of_rank integer) returns boolean language sql stable as $$
  select exists (
    select from unnest(array[0, 1]::smallint[]) line cross join lateral (
      select from jobport.ready r
      where r.queue = of_queue and r.rank = of_rank and r.line = line.line and r.first between job - 1000 and job and r.next <= job and r.last >= job
      limit 1
    ) r
  )
$$;
