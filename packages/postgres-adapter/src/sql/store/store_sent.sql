-- These jobs are with the broker.
create function jobport.store_sent(wanted uuid[]) returns void language sql as $$
  delete from jobport.unsent u where u.seq in (select j.seq from jobport.jobs j where j.key = any (wanted))
$$;
