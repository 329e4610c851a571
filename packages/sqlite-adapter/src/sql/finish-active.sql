-- The fence: only jobs that this very claim holds.
insert into jobport_finished (seq, ending, claim, flags, attempt, failures, crashes, redrives, claimed_at)
select a.seq, ?2, a.claim, a.flags, a.attempt, a.failures, a.crashes, a.redrives, a.claimed_at
from json_each(?1) s cross join jobport_active a on a.seq = s.value
where a.claim = ?3 and a.attempt = ?4 and a.queue = ?5
