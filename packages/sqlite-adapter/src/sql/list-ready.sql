-- One priority at a time, since that is how the rows lie.
select r.seq from jobport_ready r cross join jobport_jobs j on j.seq = r.seq
where r.queue = ?1 and r.rank = ?2 and r.seq > ?3 and (?4 is null or j.name = ?4)
order by r.seq limit ?5
