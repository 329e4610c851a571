-- Notes that attempts start, by the tokens of the broker. Answers for each null or 'paused' where it must not run, else
-- attempt, failures, crashes, redrives, flags, the time of the enqueue and the origin.
create function jobport.store_begin(wanted uuid[], tokens text[], queues text[], lease bigint) returns text[] language plpgsql as $$
declare
  moment bigint := jobport.ms();
  forever constant bigint := 9223372036854775807;
  claim_no bigint := nextval('jobport.claims');
  answers text[] := array_fill(null::text, array[cardinality(wanted)]);
  one record;
  job record;
  m jobport.mobile;
  held record;
  waits boolean;
  places integer[];
  started text[];
begin
  select s.places, s.started into places, started from jobport.store_start(wanted, tokens, store_begin.queues, lease, claim_no, moment) s;
  for i in 1..coalesce(cardinality(places), 0) loop
    answers[places[i]] := started[i];
    wanted[places[i]] := null;
  end loop;
  if cardinality(places) = cardinality(wanted) then return answers; end if;
  for one in
    select * from unnest(wanted, tokens, queues) with ordinality as u (key, token, queue, i) order by u.key
  loop
    select j.seq, coalesce(j.rank, 0) as rank, j.enqueued_at, j.origin, k.queue, q.paused,
      (select l.due_at from jobport.later l where l.seq = j.seq) as due_at,
      exists (select from jobport.returned r where r.seq = j.seq and r.claim = one.token) as settled
    into job
    from jobport.jobs j join jobport.kinds k on k.no = j.kind join jobport.queues q on q.no = k.queue
    where j.key = one.key and q.name = one.queue;
    continue when not found;
    m := null;
    if not (job.paused or job.settled or coalesce(job.due_at > moment, false)) then
      m := jobport.displace(job.seq, job.queue, job.rank);
    end if;
    if m.seq is null then
      select l.ctid as tid, l.* into held from jobport.leases l
      where l.block = job.seq >> 8 and jobport.has(l.jobs, job.seq) for update;
      if not found then
        waits := job.due_at is not null
          or exists (select from jobport.ready r where r.queue = job.queue and r.rank = job.rank and r.line = 0 and r.first = job.seq)
          or exists (select from jobport.ready r where r.queue = job.queue and r.rank = job.rank and r.line = 1 and r.first = job.seq);
        if waits and (job.settled or coalesce(job.due_at > moment, false)) then
          perform jobport.send_later(job.seq, greatest(moment, job.due_at), false);
        elsif waits and job.paused then
          perform jobport.send_later(job.seq, forever, true);
          answers[one.i] := 'paused';
        end if;
        -- Or it is finished.
        continue;
      end if;
      if held.claim = one.token then
        answers[one.i] := concat_ws(',', held.attempt, held.failures, held.crashes, held.redrives, held.flags, job.enqueued_at, job.origin);
        continue;
      end if;
      -- Held, or sent again once its lease is found to have run out.
      continue when held.until > moment or job.settled;
      if job.paused then
        perform jobport.send_later(job.seq, forever, true);
        answers[one.i] := 'paused';
        continue;
      end if;
      delete from jobport.leases l where l.ctid = held.tid;
      m := (
        job.seq, job.queue, job.rank, held.flags, held.attempt, held.failures,
        held.crashes + case when held.crashes = 0 or held.flags & 16 <> 0 then 1 else 0 end, held.redrives, held.claimed_at, null, null
      )::jobport.mobile;
    end if;
    delete from jobport.unsent u where u.seq = job.seq;
    -- What was seen of an earlier claim does not concern this one: that its handler was called (16), and that its lease ran out (32).
    insert into jobport.leases (no, until, claimed_at, queue, flags, attempt, failures, crashes, redrives, block, claim, jobs)
    values (
      claim_no, jobport.after(moment, lease), moment, job.queue, m.flags & ~48, m.attempt + 1, m.failures, m.crashes, m.redrives,
      job.seq >> 8, one.token, jobport.bit_of(job.seq)
    );
    answers[one.i] := concat_ws(',', m.attempt + 1, m.failures, m.crashes, m.redrives, m.flags, job.enqueued_at, job.origin);
  end loop;
  return answers;
end
$$;
