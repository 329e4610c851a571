-- Notes that one attempt starts. `attempt` is null where it must not.
create function jobport.store_begin_one(
  job bigint, of_rank integer, of_queue integer, of_claim text, claim_no bigint, moment bigint, ends bigint,
  out paused boolean, out no bigint, out flags integer, out attempt integer, out failures integer, out crashes integer, out redrives integer
) language plpgsql as $$
declare
  forever constant bigint := 9223372036854775807;
  known record;
  held record;
  m jobport.mobile;
begin
  -- A job may move from one table to the next between two looks.
  for try in 1..10 loop
    select q.paused,
      (select l.due_at from jobport.later l where l.seq = job) as due_at,
      exists (select from jobport.returned r where r.seq = job and r.claim = of_claim) as settled
    into known
    from jobport.job_at(job) j join jobport.kinds k on k.no = j.kind join jobport.queues q on q.no = k.queue
    where q.no = of_queue;
    if not found then return; end if;
    select l.ctid as tid, l.* into held from jobport.leases l
    where l.block = job >> 8 and l.queue + 0 = of_queue and jobport.has(l.jobs, job) limit 1 for update;
    exit when found or known.due_at is not null or jobport.is_ready(job, of_queue, of_rank);
    if try = 10 or exists (
      select from jobport.endings e where e.queue = of_queue and e.state in (3, 4, 5) and e.block = job >> 8 and jobport.has(e.jobs, job)
    ) then
      return;
    end if;
  end loop;
  if held.no is not null then
    if held.claim = of_claim then
      no := held.no;
      flags := held.flags;
      attempt := held.attempt;
      failures := held.failures;
      crashes := held.crashes;
      redrives := held.redrives;
      return;
    end if;
    -- Held, or sent again once its lease is found to have run out.
    if held.until > moment or known.settled then return; end if;
  end if;
  if known.settled or known.due_at > moment then
    perform jobport.send_later(job, greatest(moment, known.due_at));
    return;
  end if;
  if known.paused then
    perform jobport.send_at(job >> 8, jobport.bit_of(job), forever);
    paused := true;
    return;
  end if;
  if held.no is not null then
    if held.jobs = jobport.bit_of(job) then
      delete from jobport.leases l where l.ctid = held.tid;
    else
      update jobport.leases l set jobs = held.jobs & ~jobport.bit_of(job) where l.ctid = held.tid;
    end if;
    m := (
      job, of_queue, of_rank, held.flags, held.attempt, held.failures,
      held.crashes + case when held.crashes = 0 or held.flags & 16 <> 0 then 1 else 0 end, held.redrives, held.claimed_at, null, null
    )::jobport.mobile;
  else
    m := jobport.displace(job, of_queue, of_rank);
    -- Somebody else was faster.
    if m.seq is null then return; end if;
  end if;
  perform jobport.unsend(job >> 8, jobport.bit_of(job));
  no := claim_no;
  -- What was seen of an earlier claim does not concern this one: that its handler was called (16), and that its lease ran out (32).
  flags := m.flags & ~48;
  attempt := m.attempt + 1;
  failures := m.failures;
  crashes := m.crashes;
  redrives := m.redrives;
  insert into jobport.leases (no, until, claimed_at, queue, flags, attempt, failures, crashes, redrives, block, claim, jobs)
  values (claim_no, ends, moment, of_queue, flags, attempt, failures, crashes, redrives, job >> 8, of_claim, jobport.bit_of(job));
end
$$;
