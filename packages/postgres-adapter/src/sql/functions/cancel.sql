-- Cancels jobs. Answers for each 1 cancelled, 2 requested, 3 finished, 4 not found; what follows is enqueued by those that answer 1.
create function jobport.cancel(
  wanted uuid[], keeps bigint[], then_requests integer[],
  keys uuid[], kinds integer[], payloads text[], extras text[], ranks integer[], delays bigint[],
  groups text[], uniques text[], holds bigint[], ids text[]
) returns integer[] language plpgsql as $$
declare
  moment bigint := jobport.ms();
  answers integer[] := array_fill(4, array[cardinality(wanted)]);
  job record;
  stirred integer[] := '{}';
  m jobport.mobile;
  held record;
  ended jobport.endings;
begin
  for i in 1..cardinality(wanted) loop
    -- A job may move from one table to the next between two looks.
    for try in 1..10 loop
      select j.seq, coalesce(j.rank, 0) as rank, k.queue into job
      from jobport.jobs j join jobport.kinds k on k.no = j.kind where j.key = wanted[i];
      exit when not found;
      m := jobport.displace(job.seq, job.queue, job.rank);
      if m.seq is not null then
        perform jobport.finish(
          5, job.queue, moment, keeps[i], null, null, m.claimed_at, m.flags, m.attempt, m.failures, m.crashes, m.redrives,
          job.seq >> 8, jobport.bit_of(job.seq), 0, null, null, null
        );
        stirred := stirred || job.queue;
        answers[i] := 1;
        if then_requests is not null and i = any (then_requests) then
          perform jobport.add_some(i, then_requests, keys, kinds, payloads, extras, ranks, delays, groups, uniques, holds, ids);
        end if;
        exit;
      end if;
      select l.ctid as tid, l.flags, l.until into held from jobport.leases l
      where l.block = job.seq >> 8 and jobport.has(l.jobs, job.seq) for update;
      if found then
        if held.flags & 4 = 0 then
          perform jobport.part_lease(held.tid, jobport.bit_of(job.seq), held.until, held.flags | 4);
        end if;
        answers[i] := 2;
        exit;
      end if;
      select * into ended from jobport.ending_of(job.seq, job.queue);
      if found then
        answers[i] := case when ended.keep_until > moment then 3 else 4 end;
        exit;
      end if;
    end loop;
  end loop;
  perform jobport.stir(stirred);
  return answers;
end
$$;
