-- Whether a claim would find something, without the lock that a write needs.
select
  cast(round(unixepoch('subsec') * 1000) as integer),
  q.no,
  q.paused,
  (select min(lease_until) from jobport_leases where queue = q.no),
  (select min(due_at) from jobport_later where queue = q.no),
  exists (select 1 from jobport_ready where queue = q.no)
from (select 1) left join jobport_queues q on q.name = ?
