-- Drops jobs that are not active, as if they had never been. Answers whether they are.
create function jobport.remove(wanted uuid[]) returns boolean[] language plpgsql as $$
declare
  moment bigint := jobport.ms();
  answers boolean[] := array_fill(false, array[cardinality(wanted)]);
  job record;
  stirred integer[] := '{}';
  m jobport.mobile;
  ended jobport.endings;
begin
  for i in 1..cardinality(wanted) loop
    select j.seq, coalesce(j.rank, 0) as rank, k.queue, coalesce(j.extra::json ->> 'i', j.key::text) as id into job
    from jobport.jobs j join jobport.kinds k on k.no = j.kind where j.key = wanted[i];
    continue when not found;
    m := jobport.displace(job.seq, job.queue, job.rank);
    if m.seq is null then
      select * into ended from jobport.ending_of(job.seq, job.queue);
      continue when not found or ended.keep_until <= moment;
      perform jobport.depart(job.seq, job.queue, job.id);
    elsif m.flags & 2 <> 0 then
      perform jobport.leave_group(job.seq, moment);
    end if;
    perform jobport.drop_job(job.seq);
    stirred := stirred || job.queue;
    answers[i] := true;
  end loop;
  perform jobport.stir(stirred);
  return answers;
end
$$;
