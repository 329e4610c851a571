-- Leaves nothing of a job that stands nowhere any more.
create function jobport.drop_job(dropped bigint) returns void language sql as $$
  delete from jobport.uniques u where u.seq = dropped;
  delete from jobport.notes n where n.seq = dropped;
  delete from jobport.returned r where r.seq = dropped;
  delete from jobport.jobs j where j.seq >> 4 = dropped >> 4 and j.seq = dropped;
$$;
