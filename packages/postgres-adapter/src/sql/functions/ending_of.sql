-- Where a finished job is written down, locked; no row when it is not finished.
create function jobport.ending_of(wanted bigint, of_queue integer) returns setof jobport.endings language sql as $$
  select * from jobport.endings e
  where e.queue = of_queue and e.state in (3, 4, 5) and e.block = wanted >> 8 and jobport.has(e.jobs, wanted)
  for update
$$;
