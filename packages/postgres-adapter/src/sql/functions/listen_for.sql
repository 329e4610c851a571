-- Says that somebody listens on these channels for a while.
create function jobport.listen_for(channels text[], during bigint) returns void language sql as $$
  insert into jobport.listeners (channel, until) select c, jobport.ms() + during from unnest(channels) c order by c
  on conflict (channel) do update set until = excluded.until
$$;
