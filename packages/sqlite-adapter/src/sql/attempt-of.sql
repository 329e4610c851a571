-- The claim that a broker's token stands for: one that goes on, one that ended the job, or the last that returned it.
select j.seq, j.flags & 3, coalesce(l.attempt, e.attempt, r.attempt)
from jobport_jobs j
left join jobport_leases l on l.claim = ?2 and l.first = j.seq
left join jobport_finished f on f.seq = j.seq
left join jobport_endings e on e.no = f.ending and e.claim = ?2
left join jobport_returned r on r.seq = j.seq and r.claim = ?2
where j.id = ?1
