select rank, first, last, flags, attempt, failures, crashes, redrives, claimed_at
from jobport_ready where queue = ?1 and rank = ?2 and first <= ?3 order by first desc limit 1
