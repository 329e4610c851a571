-- The jobs with numbers from one to another, in the order in which they lie on the disk.
create function jobport.jobs_from(low bigint, high bigint) returns setof jobport.jobs language sql stable as $$
  select * from jobport.jobs j where j.seq >> 4 between low >> 4 and high >> 4 and j.seq between low and high
$$;
