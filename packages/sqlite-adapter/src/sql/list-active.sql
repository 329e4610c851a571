select a.seq from jobport_active a cross join jobport_jobs j on j.seq = a.seq
where a.queue = ?1 and a.seq > ?3 and (?4 is null or j.name = ?4)
order by a.seq limit ?5
