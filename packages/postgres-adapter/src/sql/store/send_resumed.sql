-- When a queue is resumed, what came meanwhile is sent.
create function jobport.send_resumed() returns trigger language plpgsql as $$
begin
  update jobport.unsent u set at = jobport.ms(), sending = nextval('jobport.sendings')::text
  from jobport.jobs j join jobport.kinds k on k.no = j.kind
  where u.at = 9223372036854775807 and j.seq >> 4 = u.seq >> 4 and j.seq = u.seq and k.queue = new.no;
  return null;
end
$$;
create trigger send_resumed after update of paused on jobport.queues for each row when (not new.paused) execute function jobport.send_resumed();
