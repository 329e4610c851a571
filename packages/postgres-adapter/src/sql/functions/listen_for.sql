-- Says that a client listens on these channels for a while. Those that are gone are forgotten.
create function jobport.listen_for(channels text[], during bigint, listening text) returns void language sql as $$
  delete from jobport.listeners l where l.ctid = any (array(
    select o.ctid from jobport.listeners o where o.channel = any (channels) and o.until < jobport.ms() for update skip locked
  ));
  insert into jobport.listeners (channel, listener, until) select c, listening, jobport.ms() + during from unnest(channels) c order by c
  on conflict (channel, listener) do update set until = excluded.until
$$;
