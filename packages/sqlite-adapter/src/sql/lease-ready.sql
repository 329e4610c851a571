insert into jobport_active (seq, queue, claim, lease_until, flags, attempt, failures, crashes, redrives, claimed_at)
select seq, queue, ?3, ?4, flags, attempt + 1, failures, crashes, redrives, ?5
from jobport_ready where queue = ?1 order by rank, seq limit ?2
