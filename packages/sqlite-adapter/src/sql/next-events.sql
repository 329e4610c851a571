-- When the next lease ends and when the next job falls due.
select
  (select min(lease_until) from jobport_leases where queue = ?1),
  (select min(due_at) from jobport_later where queue = ?1)
