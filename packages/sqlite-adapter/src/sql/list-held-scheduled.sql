select h.seq from jobport_held h cross join jobport_jobs j on j.seq = h.seq
where h.queue = ?1 and h.due_at > ?2 and h.seq > ?3 and (?4 is null or j.name = ?4)
order by h.seq limit ?5 + 0
