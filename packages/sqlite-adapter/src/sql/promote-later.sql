insert into jobport_ready (queue, rank, first, last, flags, attempt, failures, crashes, redrives, claimed_at)
select queue, rank, seq, seq, flags, attempt, failures, crashes, redrives, claimed_at
from jobport_later where queue = ?1 and due_at <= ?2 order by due_at, seq limit ?3 + 0
