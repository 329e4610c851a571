-- A message has come of a job that cannot run yet. It is sent at that moment, unless it is sent earlier anyway.
create function jobport.send_later(job bigint, moment bigint) returns void language plpgsql as $$
begin
  perform from jobport.unsent u where u.block = job >> 8 and jobport.has(u.jobs, job) and u.at <= moment;
  if not found then
    perform jobport.send_at(job >> 8, jobport.bit_of(job), moment);
  end if;
end
$$;
