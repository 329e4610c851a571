-- What is known of some jobs, in one look, so that a job on its way from one table to the next is not missed.
-- `place`: 1 due, 2 for later or held until then, 6 leased, 3 to 5 finished.
with wanted as materialized (
  select j.*, coalesce(j.rank, 0) as ranked, k.queue, k.name from jobport.jobs j join jobport.kinds k on k.no = j.kind
  where /* wanted */
), clock as materialized (
  select jobport.ms() as ms
)
select
  w.seq, w.key, q.name, w.name, w.payload, w.extra, w.ranked, w.enqueued_at,
  case
    when e.state is not null then e.state when r.first is not null then 1 when l.seq is not null or h.seq is not null
    then case when coalesce(l.due_at, h.due_at) > c.ms then 2 else 1 end else 6
  end as place,
  coalesce(e.flags, r.flags, l.flags, h.flags, a.flags), coalesce(e.attempt, r.attempt, l.attempt, h.attempt, a.attempt),
  coalesce(e.failures, r.failures, l.failures, h.failures, a.failures), coalesce(e.crashes, r.crashes, l.crashes, h.crashes, a.crashes),
  coalesce(e.redrives, r.redrives, l.redrives, h.redrives, a.redrives),
  coalesce(e.claimed_at, r.claimed_at, l.claimed_at, h.claimed_at, a.claimed_at), coalesce(l.due_at, h.due_at),
  e.finished_at, case when jobport.has(e.resulted, w.seq) then e.results[jobport.rank_of(e.resulted, w.seq)] end,
  array_to_json(n.errors), array_to_json(n.logs), n.progress
from wanted w
cross join clock c
join jobport.queues q on q.no = w.queue
left join lateral (
  select o.* from jobport.endings o
  where o.queue = w.queue and o.state in (3, 4, 5) and o.block = w.seq >> 8 and jobport.has(o.jobs, w.seq) limit 1
) e on true
left join lateral (
  select o.* from unnest(array[1, 0]) line cross join lateral (
    select * from jobport.ready r
    where r.queue = w.queue and r.rank = w.ranked and r.line = line.line and r.first between w.seq - 1000 and w.seq
      and r.next <= w.seq and r.last >= w.seq limit 1
  ) o
  where e.state is null limit 1
) r on true
left join jobport.later l on l.seq = w.seq
left join jobport.held h on h.seq = w.seq
left join lateral (
  select o.* from jobport.leases o
  where o.block = w.seq >> 8 and jobport.has(o.jobs, w.seq) and e.state is null and r.first is null and l.seq is null and h.seq is null limit 1
) a on true
left join jobport.notes n on n.seq = w.seq
where coalesce(e.keep_until, c.ms + 1) > c.ms and coalesce(e.state, r.line, l.queue, h.queue, a.queue) is not null
order by w.seq
