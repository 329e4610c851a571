select name from jobport_queues q
where exists (select 1 from jobport_ready where queue = q.no)
  or exists (select 1 from jobport_later where queue = q.no)
  or exists (select 1 from jobport_leases where queue = q.no)
  or exists (select 1 from jobport_held where queue = q.no)
  or exists (select 1 from jobport_endings where queue = q.no and state in (3, 4, 5) and keep_until > ? and jobs > 0)
order by name
