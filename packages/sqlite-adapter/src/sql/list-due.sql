select l.seq from jobport_later l cross join jobport_jobs j on j.seq = l.seq
where l.queue = ?1 and l.due_at <= ?2 and l.seq > ?3 and (?4 is null or j.name = ?4)
order by l.seq limit ?5 + 0
