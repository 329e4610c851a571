-- When a queue is resumed, what came meanwhile is sent.
create function jobport.send_resumed() returns trigger language plpgsql as $$
declare
  forever constant bigint := 9223372036854775807;
begin
  perform jobport.send_at(s.block, s.jobs, jobport.ms()) from (
    select u.block, bit_or(jobport.bit_of(s.seq)) as jobs
    from jobport.unsent u cross join jobport.seqs_of(u.block, u.jobs) s (seq) cross join jobport.job_at(s.seq) j join jobport.kinds k on k.no = j.kind
    where u.at = forever and k.queue = new.no
    group by u.block order by u.block
  ) s;
  return null;
end
$$;
create trigger send_resumed after update of paused on jobport.queues for each row when (not new.paused) execute function jobport.send_resumed();
