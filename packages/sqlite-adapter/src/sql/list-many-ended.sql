-- When many jobs of the queue ended so: all finished ones in their order, until the page is full.
select f.seq from jobport_finished f
cross join jobport_endings e on e.no = f.ending
cross join jobport_jobs j on j.seq = f.seq
where e.queue = ?1 and e.keep_until > ?2 and f.seq > ?3 and (?4 is null or j.name = ?4) and e.state = ?6
order by f.seq limit ?5 + 0
