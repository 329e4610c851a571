select j.seq from jobport_leases l cross join json_each(l.seqs) s cross join jobport_jobs j on j.seq = s.value
where l.queue = ?1 and l.last > ?3 and j.seq > ?3 and (?4 is null or j.name = ?4)
order by j.seq limit ?5 + 0
