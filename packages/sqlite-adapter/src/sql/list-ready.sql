-- One priority at a time, since that is how the runs lie.
select j.seq from jobport_ready r cross join jobport_jobs j on j.seq between max(r.first, ?3 + 1) and r.last
where r.queue = ?1 and r.rank = ?2 and r.last > ?3 and (?4 is null or j.name = ?4)
order by r.first, j.seq limit ?5 + 0
