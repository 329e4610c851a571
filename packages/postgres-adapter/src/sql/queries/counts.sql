with clock as materialized (
  select jobport.ms() as ms
), queue as materialized (
  select q.no, q.paused from jobport.queues q where q.name = $1
), ended as (
  select e.state, sum(e.size) as jobs from jobport.endings e, clock c
  where e.queue = (select no from queue) and e.state in (3, 4, 5) and e.keep_until > c.ms group by e.state
), ready as (
  select sum(r.last - r.next + 1) as jobs, min(r.next) as first from jobport.ready r where r.queue = (select no from queue)
), later as (
  select count(*) filter (where l.due_at <= c.ms) as due, count(*) filter (where l.due_at > c.ms) as jobs,
    min(l.seq) filter (where l.due_at <= c.ms) as first
  from jobport.later l, clock c where l.queue = (select no from queue)
), held as (
  select count(*) filter (where coalesce(h.due_at, 0) <= c.ms) as due, count(*) filter (where h.due_at > c.ms) as jobs,
    min(h.seq) filter (where coalesce(h.due_at, 0) <= c.ms) as first
  from jobport.held h, clock c where h.queue = (select no from queue)
)
select
  coalesce(r.jobs, 0) + l.due + h.due, l.jobs + h.jobs,
  (select coalesce(sum(jobport.size_of(a.jobs)), 0) from jobport.leases a where a.queue = q.no),
  (select coalesce(sum(e.jobs), 0) from ended e where e.state = 3), (select coalesce(sum(e.jobs), 0) from ended e where e.state = 4),
  (select coalesce(sum(e.jobs), 0) from ended e where e.state = 5),
  coalesce(c.ms - (select j.enqueued_at from jobport.job_at(least(r.first, l.first, h.first)) j), 0), q.paused
from queue q, clock c, ready r, later l, held h
