insert into jobport_ready (queue, rank, first, last, flags, attempt, failures, crashes, redrives, claimed_at)
values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
