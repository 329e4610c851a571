insert into jobport_later (seq, queue, rank, flags, attempt, failures, crashes, redrives, claimed_at, due_at)
values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
