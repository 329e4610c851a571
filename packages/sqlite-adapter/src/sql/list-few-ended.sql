-- When few did: just these, however many others are finished, and then sorted.
select f.seq from jobport_endings e
cross join json_each(e.seqs) s
cross join jobport_finished f on f.seq = s.value and f.ending = e.no
cross join jobport_jobs j on j.seq = f.seq
where e.queue = ?1 and e.state = ?6 and e.keep_until > ?2 and f.seq > ?3 and (?4 is null or j.name = ?4)
order by f.seq limit ?5 + 0
