select q.name from jobport.queues q, (select jobport.ms() as ms) c
where exists (select from jobport.ready r where r.queue = q.no)
  or exists (select from jobport.later l where l.queue = q.no)
  or exists (select from jobport.held h where h.queue = q.no)
  or exists (select from jobport.leases a where a.queue = q.no)
  or exists (
    select from jobport.endings e
    where e.queue = q.no and e.state in (3, 4, 5) and e.keep_until > c.ms and e.size > 0
  )
order by q.name collate "C"
