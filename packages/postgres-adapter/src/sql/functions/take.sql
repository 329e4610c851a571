-- Claims up to `most` jobs of a queue. `page`: how many runs to look at first. `since`: nothing of before then is left that is due, or
-- whose lease is over, so nobody walks over what has gone from there. `look`: when the next of these happens is wanted.
-- `parts`: for successive jobs how many they are, attempt, failures, crashes, redrives, flags. `heads` and `bodies`: the jobs in that order.
create function jobport.take(
  of_queue integer, most integer, lease bigint, random text, page integer, since bigint, look boolean,
  out no bigint, out parts text, out heads text, out bodies text, out runs integer, out next_event bigint, out swept bigint, out moment bigint
) language plpgsql as $$
declare
  ends bigint;
  room integer := most;
  held record;
  took bigint[];
  expired bigint[];
  batch record;
  glance record;
  run record;
begin
  moment := jobport.ms();
  ends := jobport.after(moment, lease);
  runs := 0;
  swept := 0;
  if since > moment then since := 0; end if;
  select
    q.paused,
    exists (select from jobport.leases l where l.queue = of_queue and l.until > since and l.until <= moment) as expired,
    exists (select from jobport.later l where l.queue = of_queue and l.due_at > since and l.due_at <= moment) as due
  into glance
  from jobport.queues q where q.no = of_queue;
  if most <= 0 or glance.paused is not false then return; end if;
  no := nextval('jobport.claims');

  if glance.expired then
  for held in
    select l.ctid as tid, l.* from jobport.leases l
    where l.queue = of_queue and l.until > since and l.until <= moment
    order by l.until limit most for update skip locked
  loop
    exit when room <= 0;
    took := held.seqs[1:room];
    room := room - cardinality(took);
    if cardinality(took) = cardinality(held.seqs) then
      delete from jobport.leases l where l.ctid = held.tid;
    else
      update jobport.leases l set seqs = held.seqs[cardinality(took) + 1:] where l.ctid = held.tid;
    end if;
    held.attempt := held.attempt + 1;
    held.crashes := held.crashes + case when held.crashes = 0 or held.flags & 16 <> 0 then 1 else 0 end;
    held.flags := (held.flags & ~16) | case when held.flags & 2 = 0 then 0 else 8 end;
    insert into jobport.leases (no, until, claimed_at, queue, flags, attempt, failures, crashes, redrives, claim, seqs)
    values (take.no, ends, moment, of_queue, held.flags, held.attempt, held.failures, held.crashes, held.redrives, random, took);
    parts := concat_ws(';', parts, concat_ws(',', cardinality(took), held.attempt, held.failures, held.crashes, held.redrives, held.flags));
    expired := expired || took;
  end loop;
  end if;
  if expired is not null then
    select
      string_agg(concat_ws(',', j.seq, j.key, j.kind, j.enqueued_at, coalesce(j.rank, 0), octet_length(j.payload), octet_length(j.extra)), ';' order by u.i),
      string_agg(concat(j.payload, j.extra), '' order by u.i)
    into heads, bodies
    from unnest(expired) with ordinality as u (seq, i) join jobport.jobs j on j.seq = u.seq;
  end if;
  if room <= 0 then return; end if;

  if glance.due then
    with due as (
      delete from jobport.later l where l.seq = any (array(
        select d.seq from jobport.later d
        where d.queue = of_queue and d.due_at > since and d.due_at <= moment
        order by d.due_at, d.seq limit 1000 for update skip locked
      ))
      returning l.*
    )
    insert into jobport.ready (queue, rank, line, first, next, last, flags, attempt, failures, crashes, redrives, claimed_at)
    select d.queue, d.rank, case when d.attempt > 0 or d.redrives > 0 then 0 else 1 end, d.seq, d.seq, d.seq,
      d.flags, d.attempt, d.failures, d.crashes, d.redrives, d.claimed_at
    from due d;
  end if;

  -- Mostly one run has enough.
  select r.ctid as tid, r.* into run from jobport.ready r
  where r.queue = of_queue order by r.rank, r.line, r.first limit 1 for update skip locked;
  if found and (run.last - run.next + 1 >= room or not exists (
    select from jobport.ready r where r.queue = of_queue and (r.rank, r.line, r.first) > (run.rank, run.line, run.first)
  )) then
    run.last := least(run.last, run.next + room - 1);
    update jobport.ready r set next = run.last + 1 where r.ctid = run.tid and r.last > run.last;
    if not found then
      delete from jobport.ready r where r.ctid = run.tid;
    end if;
    run.attempt := run.attempt + 1;
    run.flags := (run.flags & ~16) | case when run.flags & 2 = 0 then 0 else 8 end;
    insert into jobport.leases (no, until, claimed_at, queue, flags, attempt, failures, crashes, redrives, claim, seqs)
    values (
      take.no, ends, moment, of_queue, run.flags, run.attempt, run.failures, run.crashes, run.redrives, random,
      array(select generate_series(run.next, run.last))
    );
    select
      string_agg(concat_ws(',', o.seq, o.key, o.kind, o.enqueued_at, coalesce(o.rank, 0), octet_length(o.payload), octet_length(o.extra)), ';') as heads,
      string_agg(case when o.extra is null then o.payload else o.payload || o.extra end, '') as bodies
    into batch
    from (select * from jobport.jobs o where o.seq between run.next and run.last order by o.seq) o;
    parts := concat_ws(';', parts, concat_ws(',', run.last - run.next + 1, run.attempt, run.failures, run.crashes, run.redrives, run.flags));
    heads := concat_ws(';', heads, batch.heads);
    bodies := concat(bodies, batch.bodies);
    runs := 1;
    room := room - (run.last - run.next + 1);
  else
  loop
    with locked as materialized (
      select r.* from jobport.ready r
      where r.queue = of_queue order by r.rank, r.line, r.first limit page for update skip locked
    ), chosen as materialized (
      select s.*, s.next + least(s.last - s.next, room - 1 - s.before) as upto
      from (
        select l.*, (sum(l.last - l.next + 1) over (order by l.rank, l.line, l.first))::bigint - (l.last - l.next + 1) as before
        from locked l
      ) s
      where s.before < room
    ), gone as (
      delete from jobport.ready r using chosen c
      where r.queue = of_queue and r.rank = c.rank and r.line = c.line and r.first = c.first and c.upto = c.last
    ), cut as (
      update jobport.ready r set next = c.upto + 1 from chosen c
      where r.queue = of_queue and r.rank = c.rank and r.line = c.line and r.first = c.first and c.upto < c.last
    ), leased as (
      insert into jobport.leases (no, until, claimed_at, queue, flags, attempt, failures, crashes, redrives, claim, seqs)
      select take.no, ends, moment, of_queue, (c.flags & ~16) | case when c.flags & 2 = 0 then 0 else 8 end, c.attempt + 1,
        c.failures, c.crashes, c.redrives, random, array_agg(s order by s)
      from chosen c, generate_series(c.next, c.upto) s
      group by c.flags, c.attempt, c.failures, c.crashes, c.redrives
    )
    select
      (select count(*) from locked) as pages,
      count(*) as runs,
      sum(c.upto - c.next + 1) as jobs,
      string_agg(
        concat_ws(
          ',', c.upto - c.next + 1, c.attempt + 1, c.failures, c.crashes, c.redrives,
          (c.flags & ~16) | case when c.flags & 2 = 0 then 0 else 8 end
        ), ';' order by c.rank, c.line, c.first
      ) as parts,
      string_agg(j.heads, ';' order by c.rank, c.line, c.first) as heads,
      string_agg(j.bodies, '' order by c.rank, c.line, c.first) as bodies
    into batch
    from chosen c cross join lateral (
      select
        string_agg(concat_ws(',', o.seq, o.key, o.kind, o.enqueued_at, coalesce(o.rank, 0), octet_length(o.payload), octet_length(o.extra)), ';') as heads,
        string_agg(case when o.extra is null then o.payload else o.payload || o.extra end, '') as bodies
      from (select * from jobport.jobs o where o.seq between c.next and c.upto order by o.seq) o
    ) j;
    if batch.jobs > 0 then
      parts := concat_ws(';', parts, batch.parts);
      heads := concat_ws(';', heads, batch.heads);
      bodies := concat(bodies, batch.bodies);
      runs := runs + batch.runs;
      room := room - batch.jobs;
    end if;
    exit when room <= 0;
    if batch.pages < page then
      exit when room < most or not exists (select from jobport.ready r where r.queue = of_queue);
      -- What is there is being taken by others: whether they leave something shows when they are done.
      perform from jobport.ready r where r.queue = of_queue order by r.rank, r.line, r.first limit 1 for update;
    else
      page := least(page * 8, 1000);
    end if;
  end loop;
  end if;

  -- Two seconds back: a transaction that commits only now may have put something there.
  if glance.expired and exists (select from jobport.leases l where l.queue = of_queue and l.until > since and l.until <= moment)
    or glance.due and exists (select from jobport.later l where l.queue = of_queue and l.due_at > since and l.due_at <= moment)
  then
    swept := since;
  else
    swept := greatest(since, moment - 2000);
  end if;
  if look and room = most then
    next_event := least(
      (select min(l.until) from jobport.leases l where l.queue = of_queue and l.until > swept),
      (select min(l.due_at) from jobport.later l where l.queue = of_queue and l.due_at > swept)
    );
  end if;
end
$$;
