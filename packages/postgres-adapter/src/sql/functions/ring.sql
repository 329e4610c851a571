-- Notifies those of these channels that somebody listens on, other than who rings. Answers how many.
create function jobport.ring(channels text[], ringer text default '') returns integer language plpgsql as $$
declare
  told integer;
begin
  perform pg_notify(c, '') from unnest(channels) c
  where exists (select from jobport.listeners l where l.channel = c and l.listener <> ringer and l.until > jobport.ms());
  get diagnostics told = row_count;
  return told;
end
$$;
