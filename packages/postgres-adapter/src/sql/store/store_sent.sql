-- These jobs are with the broker.
create function jobport.store_sent(wanted uuid[], sendings text[]) returns void language sql as $$
  delete from jobport.unsent u using unnest(wanted, sendings) as s (key, sending) join jobport.jobs j on j.key = s.key
  where u.seq = j.seq and u.sending = s.sending
$$;
