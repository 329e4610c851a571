-- The job with a number.
create function jobport.job_at(wanted bigint) returns setof jobport.jobs language sql stable as $$
  select * from jobport.jobs j where j.seq >> 4 = wanted >> 4 and j.seq = wanted
$$;
