-- Claims up to `most` jobs of a queue. `page`: how many runs to look at first. `since`: nothing of before then is left that is due, or
-- whose lease is over, so nobody walks over what has gone from there. `look`: when the next of these happens is wanted.
-- `parts`: for successive jobs the number of the first, how many they are, minus their priority, attempt, failures, crashes, redrives, flags. `heads`: for successive jobs
-- the kind and the time of the first; for each how many bytes its payload has, and where that is not all, also those of `extra`, its kind and its time; and the keys.
-- `bodies`: payload and `extra` of each.
create function jobport.take(
  of_queue integer, most integer, lease bigint, random text, page integer, since bigint, look boolean,
  out no bigint, out parts text, out heads text, out bodies text, out runs integer, out next_event bigint, out swept bigint, out moment bigint
) language plpgsql as $$
declare
  ends bigint;
  room integer := most;
  held record;
  took bit varying;
  batch record;
  glance record;
  run record;
  front record;
  tids tid[];
  pages integer;
begin
  moment := jobport.ms();
  ends := jobport.after(moment, lease);
  runs := 0;
  swept := 0;
  if since > moment then since := 0; end if;
  select
    q.paused,
    exists (select from jobport.leases l where l.queue = of_queue and l.until > since and l.until <= moment) as expired,
    exists (select from jobport.later l where l.queue = of_queue and l.due_at > since and l.due_at <= moment) as due,
    -- Where to begin. What goes leaves dead rows behind, and while some transaction stays open nobody can remove them: they are walked over once.
    f.rank, f.line, f.first
  into glance
  from jobport.queues q left join lateral (
    select r.rank, r.line, r.first from jobport.ready r where r.queue = q.no order by r.rank, r.line, r.first limit 1
  ) f on true
  where q.no = of_queue;
  if most <= 0 or glance.paused is not false then return; end if;
  no := nextval('jobport.claims');

  if glance.expired then
    for held in
      select l.ctid as tid, l.* from jobport.leases l
      where l.queue = of_queue and l.until > since and l.until <= moment
      order by l.until limit most for update skip locked
    loop
      exit when room <= 0;
      took := held.jobs;
      if jobport.size_of(took) > room then
        took := took & jobport.bits(0, ((select s from jobport.seqs_of(0, took) s offset room - 1 limit 1))::integer);
        update jobport.leases l set jobs = held.jobs & ~took where l.ctid = held.tid;
      else
        delete from jobport.leases l where l.ctid = held.tid;
      end if;
      room := room - jobport.size_of(took);
      held.attempt := held.attempt + 1;
      held.crashes := held.crashes + case when held.crashes = 0 or held.flags & 16 <> 0 then 1 else 0 end;
      held.flags := (held.flags & ~16) | case when held.flags & 2 = 0 then 0 else 8 end;
      insert into jobport.leases (no, until, claimed_at, queue, flags, attempt, failures, crashes, redrives, block, claim, jobs)
      values (
        take.no, ends, moment, of_queue, held.flags, held.attempt, held.failures, held.crashes, held.redrives, held.block, random, took
      );
      select
        string_agg(concat_ws(',', o.seq, 1, coalesce(o.rank, 0), held.attempt, held.failures, held.crashes, held.redrives, held.flags), ';') as parts,
        string_agg(concat_ws('|', o.kind, o.enqueued_at, concat_ws(':', octet_length(o.payload), octet_length(o.extra)), o.key), ';') as heads,
        string_agg(concat(o.payload, o.extra), '') as bodies
      into batch
      from (select j.* from jobport.seqs_of(held.block, took) s cross join jobport.job_at(s) j order by j.seq) o;
      parts := concat_ws(';', parts, batch.parts);
      heads := concat_ws(';', heads, batch.heads);
      bodies := concat(bodies, batch.bodies);
    end loop;
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
    -- They may have come before it.
    glance.rank := -2147483648;
    glance.line := 0;
    glance.first := 0;
  end if;

  -- Mostly one run has enough.
  select r.ctid as tid, r.* into run from jobport.ready r
  where r.queue = of_queue and (r.rank, r.line, r.first) >= (glance.rank, glance.line, glance.first)
  order by r.rank, r.line, r.first limit 1 for update skip locked;
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
    insert into jobport.leases (no, until, claimed_at, queue, flags, attempt, failures, crashes, redrives, block, claim, jobs)
    select take.no, ends, moment, of_queue, run.flags, run.attempt, run.failures, run.crashes, run.redrives, b, random,
      jobport.bits(greatest(run.next - (b << 8), 0)::integer, least(run.last - (b << 8), 255)::integer)
    from generate_series(run.next >> 8, run.last >> 8) b;
    parts := concat_ws(';', parts, concat_ws(
      ',', run.next, run.last - run.next + 1, run.rank, run.attempt, run.failures, run.crashes, run.redrives, run.flags
    ));
    select j.kind, j.enqueued_at into front from jobport.job_at(run.next) j;
    select
      concat_ws('|', front.kind, front.enqueued_at,
        string_agg(
          case when o.extra is null and o.kind = front.kind and o.enqueued_at = front.enqueued_at then octet_length(o.payload)::text
          else concat_ws(':', octet_length(o.payload), coalesce(octet_length(o.extra), 0), o.kind, o.enqueued_at) end, ','
        ),
        string_agg(o.key::text, '')
      ) as heads,
      string_agg(case when o.extra is null then o.payload else o.payload || o.extra end, '') as bodies
    into batch
    from (select * from jobport.jobs_from(run.next, run.last) j order by j.seq) o;
    heads := concat_ws(';', heads, batch.heads);
    bodies := concat(bodies, batch.bodies);
    runs := 1;
    room := room - (run.last - run.next + 1);
  elsif glance.first is not null then
  loop
    select array_agg(l.tid) into tids from (
      select r.ctid as tid from jobport.ready r
      where r.queue = of_queue and (r.rank, r.line, r.first) >= (glance.rank, glance.line, glance.first)
      order by r.rank, r.line, r.first limit page for update skip locked
    ) l;
    pages := coalesce(cardinality(tids), 0);
    -- By their place on the disk, which stays while they are locked: the planner takes each table for empty, and would look through all of a queue.
    with locked as materialized (
      select r.ctid as tid, r.* from jobport.ready r where r.ctid = any (tids)
    ), chosen as materialized (
      select s.*, s.next + least(s.last - s.next, room - 1 - s.before) as upto
      from (
        select l.*, (sum(l.last - l.next + 1) over (order by l.rank, l.line, l.first))::bigint - (l.last - l.next + 1) as before
        from locked l
      ) s
      where s.before < room
    ), gone as (
      delete from jobport.ready r where r.ctid = any (array(select c.tid from chosen c where c.upto = c.last))
    ), cut as (
      update jobport.ready r set next = c.upto + 1 from chosen c where r.ctid = c.tid and c.upto < c.last
    ), leased as (
      insert into jobport.leases (no, until, claimed_at, queue, flags, attempt, failures, crashes, redrives, block, claim, jobs)
      select take.no, ends, moment, of_queue, (c.flags & ~16) | case when c.flags & 2 = 0 then 0 else 8 end, c.attempt + 1,
        c.failures, c.crashes, c.redrives, b, random,
        bit_or(jobport.bits(greatest(c.next - (b << 8), 0)::integer, least(c.upto - (b << 8), 255)::integer))
      from chosen c, generate_series(c.next >> 8, c.upto >> 8) b
      group by b, c.flags, c.attempt, c.failures, c.crashes, c.redrives
    ), same as materialized (
      select j.kind, j.enqueued_at from (select c.next from chosen c order by c.rank, c.line, c.first limit 1) c cross join jobport.job_at(c.next) j
    )
    select
      p.runs, p.jobs, p.parts, concat_ws('|', same.kind, same.enqueued_at, j.lengths, j.keys) as heads, j.bodies
    into batch
    from (
      select
        count(*) as runs,
        sum(c.upto - c.next + 1) as jobs,
        string_agg(
          concat_ws(
            ',', c.next, c.upto - c.next + 1, c.rank, c.attempt + 1, c.failures, c.crashes, c.redrives,
            (c.flags & ~16) | case when c.flags & 2 = 0 then 0 else 8 end
          ), ';' order by c.rank, c.line, c.first
        ) as parts
      from chosen c
    ) p left join same on true cross join (
      select
        string_agg(
          case when o.extra is null and o.kind = same.kind and o.enqueued_at = same.enqueued_at then octet_length(o.payload)::text
          else concat_ws(':', octet_length(o.payload), coalesce(octet_length(o.extra), 0), o.kind, o.enqueued_at) end, ','
        ) as lengths,
        string_agg(o.key::text, '') as keys,
        string_agg(case when o.extra is null then o.payload else o.payload || o.extra end, '') as bodies
      from (
        select o.* from chosen c cross join jobport.jobs_from(c.next, c.upto) o order by c.rank, c.line, c.first, o.seq
      ) o cross join same
    ) j;
    if batch.jobs > 0 then
      parts := concat_ws(';', parts, batch.parts);
      heads := concat_ws(';', heads, batch.heads);
      bodies := concat(bodies, batch.bodies);
      runs := runs + batch.runs;
      room := room - batch.jobs;
    end if;
    exit when room <= 0;
    if pages < page then
      exit when room < most or not exists (
        select from jobport.ready r where r.queue = of_queue and (r.rank, r.line, r.first) >= (glance.rank, glance.line, glance.first)
      );
      -- What is there is being taken by others: whether they leave something shows when they are done.
      perform from jobport.ready r where r.queue = of_queue and (r.rank, r.line, r.first) >= (glance.rank, glance.line, glance.first)
      order by r.rank, r.line, r.first limit 1 for update;
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
