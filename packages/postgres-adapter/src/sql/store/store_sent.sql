-- These jobs are with the broker. `sendings` has one element where all have the same.
create function jobport.store_sent(keys uuid[], sendings text[]) returns void language plpgsql as $$
declare
  one record;
begin
  -- If a crash of the server loses this, they are sent once more.
  perform set_config('synchronous_commit', 'off', true);
  for one in
    select j.seq >> 8 as block, coalesce(sendings[s.i], sendings[1]) as sending, bit_or(jobport.bit_of(j.seq)) as jobs
    from unnest(keys) with ordinality as s (key, i) join jobport.jobs j on j.key = s.key
    group by 1, 2 order by 1
  loop
    delete from jobport.unsent u where u.block = one.block and u.sending = one.sending and u.jobs & ~one.jobs = jobport.no_bits();
    update jobport.unsent u set jobs = u.jobs & ~one.jobs
    where u.block = one.block and u.sending = one.sending and u.jobs & one.jobs <> jobport.no_bits();
  end loop;
end
$$;
