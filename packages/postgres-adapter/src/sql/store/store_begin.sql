-- Notes that attempts start, by the tokens of the broker and its own count of deliveries. Answers for each null where it must not run, else
-- attempt, failures, crashes, redrives and flags.
create function jobport.store_begin(wanted uuid[], tokens text[], deliveries bigint[], lease bigint) returns text[] language plpgsql as $$
declare
  moment bigint := jobport.ms();
  answers text[] := array_fill(null::text, array[cardinality(wanted)]);
  one record;
  job record;
  m jobport.mobile;
  held record;
begin
  for one in
    select * from unnest(wanted, tokens, deliveries) with ordinality as u (key, token, delivery, i) order by u.key
  loop
    select j.seq, coalesce(j.rank, 0) as rank, k.queue into job
    from jobport.jobs j join jobport.kinds k on k.no = j.kind where j.key = one.key;
    continue when not found;
    m := jobport.displace(job.seq, job.queue, job.rank);
    if m.seq is null then
      select l.ctid as tid, l.* into held from jobport.leases l
      where l.queue = job.queue and l.block = job.seq >> 8 and jobport.has(l.jobs, job.seq) for update;
      -- Finished, or a later delivery is known.
      continue when not found or held.no > one.delivery;
      if held.claim = one.token then
        answers[one.i] := concat_ws(',', held.attempt, held.failures, held.crashes, held.redrives, held.flags);
        continue;
      end if;
      delete from jobport.leases l where l.ctid = held.tid;
      m := (
        job.seq, job.queue, job.rank, held.flags & ~16, held.attempt, held.failures,
        held.crashes + case when held.crashes = 0 or held.flags & 16 <> 0 then 1 else 0 end, held.redrives, held.claimed_at, null, null
      )::jobport.mobile;
    end if;
    delete from jobport.unsent u where u.seq = job.seq;
    insert into jobport.leases (no, until, claimed_at, queue, flags, attempt, failures, crashes, redrives, block, claim, jobs)
    values (
      one.delivery, jobport.after(moment, lease), moment, job.queue, m.flags, m.attempt + 1, m.failures, m.crashes, m.redrives,
      job.seq >> 8, one.token, jobport.bit_of(job.seq)
    );
    answers[one.i] := concat_ws(',', m.attempt + 1, m.failures, m.crashes, m.redrives, m.flags);
  end loop;
  return answers;
end
$$;
