-- `jobs` of an ending are those that are still as they ended, so counting finished jobs costs a look at each batch.
select
  (select coalesce(sum(last - first + 1), 0) from jobport_ready where queue = q.no),
  (select count(*) from jobport_later where queue = q.no and due_at <= ?2),
  (select count(*) from jobport_later where queue = q.no and due_at > ?2),
  (select count(*) from jobport_held where queue = q.no and (due_at is null or due_at <= ?2)),
  (select count(*) from jobport_held where queue = q.no and due_at > ?2),
  (select coalesce(sum(jobs), 0) from jobport_leases where queue = q.no),
  (select coalesce(sum(jobs), 0) from jobport_endings where queue = q.no and state = 3 and keep_until > ?2),
  (select coalesce(sum(jobs), 0) from jobport_endings where queue = q.no and state = 4 and keep_until > ?2),
  (select coalesce(sum(jobs), 0) from jobport_endings where queue = q.no and state = 5 and keep_until > ?2),
  (select min(first) from jobport_ready where queue = q.no),
  (select min(seq) from jobport_later where queue = q.no and due_at <= ?2),
  (select min(seq) from jobport_held where queue = q.no and (due_at is null or due_at <= ?2)),
  q.paused
from jobport_queues q where q.name = ?1
