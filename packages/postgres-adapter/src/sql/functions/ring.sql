-- Notifies those of these channels that somebody listens on. Answers how many.
create function jobport.ring(channels text[]) returns integer language plpgsql as $$
declare
  told integer;
begin
  perform pg_notify(l.channel, '') from jobport.listeners l where l.channel = any (channels) and l.until > jobport.ms();
  get diagnostics told = row_count;
  return told;
end
$$;
