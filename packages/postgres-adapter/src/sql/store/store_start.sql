-- Lets those attempts start at once whose jobs wait and have not been returned with the same token; see store_begin, which sees to the others. Answers
-- which, and the same of each as store_begin.
create function jobport.store_start(
  wanted uuid[], tokens text[], queues text[], lease bigint, claim_no bigint, moment bigint, out places integer[], out started text[]
) language sql as $$
  with asked as materialized (
    select distinct on (u.key) u.* from unnest(wanted, tokens, queues) with ordinality as u (key, token, queue, i) order by u.key, u.i
  ), known as materialized (
    -- By the place on the disk, as in store_complete.
    select a.i, a.token, j.seq, j.enqueued_at, j.origin, coalesce(
      (select r.ctid from jobport.ready r where r.queue = k.queue and r.rank = coalesce(j.rank, 0) and r.line = 1 and r.first = j.seq limit 1),
      (select r.ctid from jobport.ready r where r.queue = k.queue and r.rank = coalesce(j.rank, 0) and r.line = 0 and r.first = j.seq limit 1)
    ) as tid
    from asked a join jobport.jobs j on j.key = a.key join jobport.kinds k on k.no = j.kind join jobport.queues q on q.no = k.queue
    where q.name = a.queue and not q.paused and not exists (select from jobport.returned r where r.seq = j.seq and r.claim = a.token)
    order by a.key
  ), gone as (
    delete from jobport.ready r using known k where r.ctid = k.tid and r.first = k.seq and r.last = k.seq
    returning k.i, k.token, k.seq, k.enqueued_at, k.origin, r.queue, r.flags, r.attempt, r.failures, r.crashes, r.redrives
  ), sent as (
    delete from jobport.unsent u where u.seq = any (array(select g.seq from gone g))
  ), leased as (
    insert into jobport.leases (no, until, claimed_at, queue, flags, attempt, failures, crashes, redrives, block, claim, jobs)
    select claim_no, jobport.after(moment, lease), moment, g.queue, g.flags & ~48, g.attempt + 1, g.failures, g.crashes, g.redrives,
      g.seq >> 8, g.token, jobport.bit_of(g.seq)
    from gone g
  )
  select array_agg(g.i::integer),
    array_agg(concat_ws(',', g.attempt + 1, g.failures, g.crashes, g.redrives, g.flags, g.enqueued_at, g.origin))
  from gone g
$$;
