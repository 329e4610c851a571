insert into jobport_ready (seq, queue, rank, flags, attempt, failures, crashes, redrives, claimed_at)
values (?, ?, ?, ?, ?, ?, ?, ?, ?)
