insert into jobport_held (seq, queue, rank, flags, attempt, failures, crashes, redrives, claimed_at, due_at, group_key)
values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
