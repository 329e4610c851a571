-- What has finished since a snapshot: rows of transactions that were not over then. $1: its xmax, $2: those that were in progress.
with fresh as materialized (
  select e.* from jobport.endings e where e.xid >= $1::xid8
  union all
  select e.* from jobport.endings e where e.xid = any ($2::xid8[]) and e.xid < $1::xid8
)
select pg_current_snapshot()::text, q.name, f.state,
  array_to_json(array(
    select coalesce(j.extra::json ->> 'i', j.key::text) from jobport.jobs_from(f.block << 8, (f.block << 8) + 255) j where jobport.has(f.jobs, j.seq)
  ) || f.departed)
from (select) one left join fresh f on true left join jobport.queues q on q.no = f.queue
